import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlockSource } from '../../core/disk/index.ts';
import { CancelledError } from '../../core/errors/index.ts';
import { differences } from '../../core/initiator/image-differences.ts';
import { BytesThread } from '../../electron/main/services/bytes-thread.ts';

const MIB = 1024 * 1024;

/** CPU time this thread spends on something, in microseconds: what other threads and programs do does not count. */
async function ownTime(work: () => unknown): Promise<number> {
  const from = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(from);
  return user + system;
}

describe('bytes in a thread of their own', () => {
  let thread: BytesThread;
  beforeAll(async () => {
    thread = new BytesThread();
    // It is there once it answers.
    await thread.copyAs('hex', new Uint8Array(1), 0n);
  });
  afterAll(() => thread.close());

  it('are summed as they would be here, and take no time of this one', async () => {
    const bytes = new Uint8Array(256 * MIB).fill(7);
    const tail = bytes.slice(0, 5);
    let expected = '';
    const here = await ownTime(() => {
      expected = createHash('sha256').update(bytes).update(tail).digest('hex');
    });
    const sum = thread.startSum(['sha256']);
    let found: unknown;
    const there = await ownTime(async () => {
      await sum.update(bytes);
      await sum.update(tail);
      found = await sum.digest();
    });
    expect(there).toBeLessThan(here / 2);
    expect(found).toEqual({ md5: '', sha1: '', sha256: expected });
  });

  it('are compared, and take no time of this one', async () => {
    const a = new Uint8Array(32 * MIB);
    const b = new Uint8Array(32 * MIB).fill(1);
    const here = await ownTime(() => differences(a, b, 4096n));
    let found: unknown;
    const there = await ownTime(async () => {
      found = await thread.differences(a, b, 4096n);
    });
    expect(there).toBeLessThan(here / 2);
    expect(found).toEqual([{ offset: 4096n, length: BigInt(32 * MIB), unknown: false }]);
  });

  it('gives no whole buffer away for a part of it', async () => {
    const whole = new Uint8Array(100).fill(3);
    await thread.differences(whole.subarray(0, 10), whole.subarray(10, 20), 0n);
    expect(whole).toHaveLength(100);
  });

  it('reads structures of a disk that stays here', async () => {
    const bytes = new Uint8Array(4 * MIB);
    // A swap area (swap(5)): the magic at the end of its first page, version 1 and last page in its header.
    bytes.set(new TextEncoder().encode('SWAPSPACE2'), 4086);
    bytes[1024] = 1;
    bytes.set([0xff, 0x03], 1028);
    const source: BlockSource = {
      blockSize: 512,
      blocks: BigInt(bytes.length / 512),
      read: (lba, count) => Promise.resolve(bytes.slice(Number(lba) * 512, (Number(lba) + count) * 512)),
    };
    const { structures } = await thread.examine(source);
    expect(structures.map(({ kind }) => kind)).toEqual(['swap']);
  });

  it('tells what could not be read, and ends when it is called off', async () => {
    const refusing = (error: Error): BlockSource => ({
      blockSize: 512,
      blocks: 100n,
      read: () => Promise.reject(error),
    });
    const { problems } = await thread.examine(refusing(new Error('The head has crashed.')));
    expect(problems.join(' ')).toContain('The head has crashed.');
    const off = new BytesThread();
    await expect(off.examine(refusing(new CancelledError('CANCELLED', 'Enough.')))).rejects.toThrow('Enough.');
    await off.close();
    await expect(off.copyAs('hex', new Uint8Array(1), 0n)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
