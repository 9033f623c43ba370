import { saveImage } from '../../../core/initiator/index.ts';
import { openImageFile } from '../../../core/node/index.ts';
import { computedSource } from './support.ts';

const [path = '', blocks = '0'] = process.argv.slice(2);
const result = await saveImage(computedSource(BigInt(blocks), { delayMs: 1 }), {
  path,
  firstLba: 0n,
  blocks: BigInt(blocks),
  identity: 'computed',
  openFile: openImageFile,
  chunkBlocks: 64,
});
process.stdout.write(`${JSON.stringify({ sha256: result.sha256, resumed: String(result.resumedBlocks) })}\n`);
