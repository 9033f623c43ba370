import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlockStore } from '../../../core/target/index.ts';
import { Cleanup, patterned, startRig, TARGET } from '../initiator/support.ts';
import { cli } from './support.ts';

const cleanup = new Cleanup();
const BLOCKS = 10_240;
const PIECE = 8192n;
let stop: AbortController;
let folder: string;
let file: string;
let url: string;

/** A disk that takes the first four MiB; the rest of a read or write never ends, and calls everything off. */
function endless(): BlockStore {
  const { store } = patterned(BLOCKS);
  const never = (): Promise<void> => {
    setImmediate(() => {
      stop.abort();
    });
    return new Promise(() => undefined);
  };
  return {
    blockSize: 512,
    blocks: BigInt(BLOCKS),
    writable: true,
    thin: false,
    read: (lba, into) => (lba < PIECE ? store.read(lba, into) : never()),
    write: (lba, from) => (lba < PIECE ? store.write(lba, from) : never()),
    flush: () => undefined,
  };
}

beforeEach(async () => {
  stop = new AbortController();
  folder = await mkdtemp(join(tmpdir(), 'lunascope-cli-'));
  cleanup.add(() => rm(folder, { recursive: true }));
  file = join(folder, 'data');
  const rig = await startRig(cleanup, [endless()]);
  url = `iscsi://127.0.0.1:${String(rig.port)}/${TARGET}/0`;
});
afterEach(() => cleanup.run());

describe('a verb that is called off', () => {
  it('says so of a read', async () => {
    const run = await cli(['read', url, '--count', String(BLOCKS), '--out', file], {}, stop.signal);
    expect(run).toMatchObject({ code: 1, out: '', err: 'Called off. (CANCELLED)\n' });
  });

  it('says of a write what is known to be written, and what is not', async () => {
    await writeFile(file, new Uint8Array(BLOCKS * 512));
    const run = await cli(['write', url, '--lba', '0', '--in', file, '--yes'], {}, stop.signal);
    expect(run).toMatchObject({ code: 1, out: '' });
    expect(run.err).toMatch(
      /^Blocks 0 to 8191 were written, and not flushed; those from 8192 on may be old or new\.\n/u,
    );
    expect(run.err).toMatch(/\((?:CANCELLED|TASK_UNKNOWN_OUTCOME)\)/u);
  });

  it('keeps to one object of errors with --json', async () => {
    await writeFile(file, new Uint8Array(512 * 8));
    const run = await cli(['write', url, '--lba', '10000', '--in', file, '--yes', '--json'], {}, stop.signal);
    expect(JSON.parse(run.err)).toMatchObject({
      code: expect.stringMatching(/CANCELLED|TASK_UNKNOWN_OUTCOME/u) as unknown,
    });
  });

  it('says of a write whose first piece failed that nothing is known', async () => {
    await writeFile(file, new Uint8Array(512 * 8));
    const run = await cli(['write', url, '--lba', '10000', '--in', file, '--yes'], {}, stop.signal);
    expect(run.err).toMatch(/^No block is known to be written; those from 10000 on may be old or new\.\n/u);
  });

  it('says nothing of blocks where the unit takes no writes at all', async () => {
    const { store } = patterned(16);
    const rig = await startRig(cleanup, [{ store, unit: { readOnly: true } }]);
    await writeFile(file, new Uint8Array(512));
    const link = `iscsi://127.0.0.1:${String(rig.port)}/${TARGET}/0`;
    const run = await cli(['write', link, '--lba', '0', '--in', file, '--yes']);
    expect(run.err).toMatch(/^[^\n]*\(WRITE_PROTECTED\)/u);
  });
});
