import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../../core/errors/index.ts';
import { readUnfinished, type ImageContent, type ImageResult } from '../../../core/initiator/index.ts';
import { openImageFile } from '../../../core/node/index.ts';
import type { ImageEntry } from '../../contract/blocks.ts';

const number = z.string().regex(/^\d{1,20}$/);
const kept = z.object({
  blockSize: z.number().int().positive(),
  firstLba: number,
  blocks: number,
  unreadableBlocksFilledWithZeros: z.array(number),
});

/** The file beside a whole image that says what it is of, its sum, and which of its blocks are filling. */
export const reportPath = (image: string): string => `${image}.report.json`;

/** Writes that file, so that it is on the medium when this returns. */
export async function writeReport(entry: ImageEntry, blockSize: number, result: ImageResult): Promise<void> {
  const report = {
    image: basename(entry.path),
    of: entry.title,
    identity: entry.identity,
    blockSize,
    firstLba: entry.firstLba,
    blocks: entry.blocks,
    sha256: result.sha256,
    finishedAt: new Date().toISOString(),
    unmappedBlocksNotRead: String(result.skippedBlocks),
    unreadableBlocksFilledWithZeros: result.bad.map(String),
  };
  const file = await openImageFile(reportPath(entry.path), 'write');
  try {
    await file.truncate(0n);
    await file.writeAt(0n, new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What one of our own images is of and does not know, from what lies beside it; undefined for any other file. */
export async function contentOfImage(path: string): Promise<ImageContent | undefined> {
  const unfinished = await readUnfinished(path, openImageFile);
  if (unfinished !== undefined || !existsSync(reportPath(path))) return unfinished;
  let report: z.infer<typeof kept>;
  try {
    report = kept.parse(JSON.parse(await readFile(reportPath(path), 'utf8')));
  } catch (cause) {
    throw new UsageError('BAD_ARGUMENT', `${reportPath(path)} does not say which blocks of the image are filling.`, {
      hint: 'Move it away to compare every byte of the image as it stands.',
      cause,
    });
  }
  const first = BigInt(report.firstLba);
  const unread = report.unreadableBlocksFilledWithZeros.map((lba) => ({ lba: BigInt(lba) - first, blocks: 1n }));
  return { blockSize: report.blockSize, firstLba: first, unread };
}
