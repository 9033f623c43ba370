import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { saveImage } from '../../../core/initiator/index.ts';
import { openImageFile } from '../../../core/node/index.ts';
import { computedSource, expectedSum } from './support.ts';

/** A generator of numbers from 0 to 1 that a seed decides. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const READY = 'ready\n';

/** What happened while an image was made under kills. */
export interface KillReport {
  readonly kills: number;
  readonly finished: number;
  /** Blocks that a later run did not have to read again, over all images. */
  readonly resumedBlocks: bigint;
}

function runChild(
  path: string,
  blocks: bigint,
  killAfterMs: number,
): Promise<{ sha256: string; resumed: string } | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [import.meta.filename, 'child', path, String(blocks)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    let out = '';
    let errors = '';
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
      // The time to the kill counts from the first block on, not from the start of a process.
      if (timer === undefined && out.startsWith(READY)) timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    });
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve(null);
      else if (code === 0) resolve(JSON.parse(out.slice(READY.length)) as { sha256: string; resumed: string });
      else reject(new Error(`The child ended with ${String(code)}: ${errors}`));
    });
  });
}

/** Makes images in a child process that is killed at random moments, until `kills` kills have happened and the last image is whole. */
export async function imageUnderKills(
  seed: number,
  kills: number,
  blocks: bigint,
  say: (text: string) => void,
): Promise<KillReport> {
  const random = seeded(seed);
  const expected = expectedSum(computedSource(blocks), 0n, blocks);
  let killed = 0;
  let finished = 0;
  let resumedBlocks = 0n;
  while (killed < kills) {
    const folder = mkdtempSync(join(tmpdir(), 'image-kills-'));
    const path = join(folder, 'disk.img');
    try {
      for (;;) {
        const last = killed >= kills;
        const result = await runChild(path, blocks, last ? 600_000 : random() * 400);
        if (result === null) {
          killed += 1;
          if (killed % 10 === 0) say(`${String(killed)} kills, ${String(finished)} images whole`);
          continue;
        }
        const hash = createHash('sha256');
        await pipeline(createReadStream(path), hash);
        const onDisk = hash.digest('hex');
        if (onDisk !== expected || result.sha256 !== expected)
          throw new Error(
            `Seed ${String(seed)}: after ${String(killed)} kills the image is ${onDisk}, not ${expected}.`,
          );
        finished += 1;
        resumedBlocks += BigInt(result.resumed);
        break;
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { kills: killed, finished, resumedBlocks };
}

/** Makes one image, slowly enough to be killed on the way. */
async function child(path: string, blocks: bigint): Promise<void> {
  process.stdout.write(READY);
  const result = await saveImage(computedSource(blocks, { delayMs: 1 }), {
    path,
    firstLba: 0n,
    blocks,
    identity: 'computed',
    openFile: openImageFile,
    chunkBlocks: 64,
  });
  process.stdout.write(`${JSON.stringify({ sha256: result.sha256, resumed: String(result.resumedBlocks) })}\n`);
}

/** The long run: `node test/core/images/kills.ts SEED KILLS BLOCKS`. */
async function longRun(seed = String(Date.now() % 1_000_000), kills = '200', blocks = '32768'): Promise<void> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say(`seed ${seed}, ${kills} kills, ${blocks} blocks`);
  const report = await imageUnderKills(Number(seed), Number(kills), BigInt(blocks), say);
  say(
    `${String(report.kills)} kills, ${String(report.finished)} images whole and right, ${String(report.resumedBlocks)} blocks not read again`,
  );
}

if (process.argv[1] === import.meta.filename) {
  const [first, ...rest] = process.argv.slice(2);
  if (first === 'child') await child(rest[0] ?? '', BigInt(rest[1] ?? '0'));
  else await longRun(first, ...rest);
}
