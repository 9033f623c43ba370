import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LunascopeError } from '../../../core/errors/index.ts';
import { saveImage } from '../../../core/initiator/index.ts';
import { openImageFile } from '../../../core/node/index.ts';
import { computedSource } from './support.ts';

/** What a run on a disk that filled up tells. */
export interface FullDiskReport {
  readonly sha256: string;
  /** Codes of the errors that held it up. */
  readonly heldUp: readonly string[];
  readonly resumedBlocks: string;
}

const MIB = 1024 * 1024;

/** Makes an image of `blocks` blocks in a folder that has no room for it until the run is held up. */
async function run(folder: string, blocks: bigint, ballastBytes: number, how: string): Promise<FullDiskReport> {
  const ballast = join(folder, 'ballast');
  const path = join(folder, 'disk.img');
  writeFileSync(ballast, Buffer.alloc(ballastBytes, 1));
  const heldUp: string[] = [];
  const note = (error: unknown): void => {
    heldUp.push(error instanceof LunascopeError ? error.code : String(error));
    rmSync(ballast, { force: true });
  };
  const save = (wait: boolean) =>
    saveImage(computedSource(blocks), {
      path,
      firstLba: 0n,
      blocks,
      identity: 'computed',
      openFile: openImageFile,
      chunkBlocks: 256,
      ...(wait
        ? {
            retry: (error: unknown) => {
              note(error);
              return Promise.resolve(true);
            },
          }
        : {}),
    });
  const result = await (how === 'wait'
    ? save(true)
    : save(false).catch((error: unknown) => {
        note(error);
        return save(false);
      }));
  return { sha256: result.sha256, heldUp, resumedBlocks: String(result.resumedBlocks) };
}

const [folder, blocks, ballastMiB, how] = process.argv.slice(2);
const report = await run(folder ?? '', BigInt(blocks ?? '0'), Number(ballastMiB) * MIB, how ?? 'wait');
process.stdout.write(`${JSON.stringify(report)}\n`);
