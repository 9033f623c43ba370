import { fieldNodes, le, raw, text, uuid } from './fields.ts';
import { listOf, tooLarge, words, type Finder } from './finder.ts';
import { readVolume } from './source.ts';
import { structure } from './structure.ts';
import { hasText, le32, sizeText, textOf } from './values.ts';

const PAGE_SIZES = [4096, 8192, 16384, 32768, 65536];
const HEADER = 1024;

/** Linux swap: the signature ends the first page, whose size it thereby tells. */
export const findSwap: Finder = async (volume) => {
  for (const page of PAGE_SIZES) {
    const mark = await readVolume(volume, page - 10, 10);
    if (mark === null || !(hasText(mark, 0, 'SWAPSPACE2') || hasText(mark, 0, 'SWAP-SPACE'))) continue;
    const bytes = await readVolume(volume, HEADER, 44);
    if (bytes === null) return null;
    const size = (BigInt(le32(bytes, 4)) + 1n) * BigInt(page);
    const label = textOf(bytes.subarray(28, 44));
    const at = page - 10 - HEADER;
    const fields = fieldNodes(bytes, [
      le('version', 'Version', 0, 4),
      le('lastPage', 'Last page', 4, 4),
      le('badPages', 'Bad pages', 8, 4),
      uuid('uuid', 'UUID', 12),
      text('label', 'Label', 28, 16),
    ]);
    const signature = fieldNodes(mark, [
      raw('signature', `Signature at the end of a page of ${String(page)} bytes`, 0, 10),
    ]);
    return structure('swap', 'Linux swap header', volume.offset + BigInt(HEADER), page - HEADER, {
      detail: words(label === '' ? '' : `"${label}"`, sizeText(size)),
      fields: [...fields, ...signature.map((node) => ({ ...node, offset: at }))],
      problems: listOf(tooLarge(size, volume)),
    });
  }
  return null;
};
