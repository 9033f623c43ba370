import { describe, expect, it } from 'vitest';
import { parseSearch, type Match } from '../../../core/disk/index.ts';
import {
  compareSources,
  searchSource,
  sumSource,
  withUnread,
  type Difference,
  type ThinSource,
} from '../../../core/initiator/index.ts';
import { computedSource, expectedSum, mediumError } from './support.ts';

const MIB = 1024 * 1024;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

function source(
  size: number,
  marks: readonly number[],
  more: { bad?: bigint; unmapped?: [bigint, bigint] } = {},
): ThinSource & { read_: bigint } {
  const bytes = new Uint8Array(size).fill(0x2e);
  if (more.unmapped !== undefined) bytes.fill(0, Number(more.unmapped[0]) * 512, Number(more.unmapped[1]) * 512);
  for (const at of marks) bytes.set(text('needle'), at);
  const self = {
    read_: 0n,
    blockSize: 512,
    blocks: BigInt(size / 512),
    read: (lba: bigint, count: number) => {
      self.read_ += BigInt(count);
      if (more.bad !== undefined && more.bad >= lba && more.bad < lba + BigInt(count))
        return Promise.reject(mediumError());
      return Promise.resolve(bytes.slice(Number(lba) * 512, (Number(lba) + count) * 512));
    },
    ...(more.unmapped === undefined
      ? {}
      : {
          run: (lba: bigint, most: bigint) => {
            const [from, to] = more.unmapped!;
            const zero = lba >= from && lba < to;
            const end = zero ? to : lba < from ? from : lba + most;
            return Promise.resolve({ lba, blocks: end - lba < most ? end - lba : most, zero });
          },
        }),
  };
  return self;
}

async function search(from: ThinSource, words: string, more: Partial<Parameters<typeof searchSource>[2]> = {}) {
  const parsed = parseSearch({ kind: 'text', words });
  if (!parsed.ok) throw new Error(parsed.problem);
  const hits: Match[] = [];
  const result = await searchSource(from, parsed.pattern, {
    from: 0n,
    to: from.blocks * 512n,
    limit: 1000,
    onHits: (some) => hits.push(...some),
    ...more,
  });
  return { places: hits.map(({ offset }) => Number(offset)), result };
}

const PLACES = [0, 4 * MIB - 3, 8 * MIB - 6, 16 * MIB - 2, 17 * MIB, 20 * MIB - 6];

describe('searching a disk', () => {
  it('finds across reads and windows, forward and back', async () => {
    const disk = source(20 * MIB, PLACES);
    expect((await search(disk, 'needle')).places).toEqual(PLACES);
    expect((await search(disk, 'needle', { backward: true })).places).toEqual([...PLACES].reverse());
  });

  it('keeps to its range and its limit', async () => {
    const disk = source(20 * MIB, PLACES);
    const some = await search(disk, 'needle', { from: 1n, to: BigInt(17 * MIB + 5) });
    expect(some.places).toEqual([4 * MIB - 3, 8 * MIB - 6, 16 * MIB - 2]);
    const cut = await search(disk, 'needle', { limit: 2 });
    expect([cut.places, cut.result.cut]).toEqual([PLACES.slice(0, 2), true]);
    const last = await search(disk, 'needle', { limit: 1, backward: true, to: BigInt(17 * MIB) });
    expect(last.places).toEqual([16 * MIB - 2]);
  });

  it('skips what is not mapped, and says so', async () => {
    const disk = source(20 * MIB, [100, 18 * MIB], { unmapped: [2048n, 34_816n] });
    const { places, result } = await search(disk, 'needle');
    expect(places).toEqual([100, 18 * MIB]);
    expect(result.skippedBytes).toBe((34_816n - 2048n) * 512n);
    expect(disk.read_).toBe(40_960n - 32_768n);
  });

  it('finds what begins in data and ends in unmapped zeros, and the other way', async () => {
    const disk = source(20 * MIB, [], { unmapped: [2048n, 34_816n] });
    const parsed = parseSearch({ kind: 'hex', words: '2e 00 00' });
    const back = parseSearch({ kind: 'hex', words: '00 00 2e' });
    if (!parsed.ok || !back.ok) throw new Error('The patterns are right.');
    const hits: Match[] = [];
    const all = {
      from: 0n,
      to: BigInt(20 * MIB),
      limit: 99,
      onHits: (some: readonly Match[]) => void hits.push(...some),
    };
    await searchSource(disk, parsed.pattern, all);
    await searchSource(disk, back.pattern, all);
    expect(hits.map(({ offset }) => offset)).toEqual([2048n * 512n - 1n, 34_816n * 512n - 2n]);
  });

  it('never reports a find in bytes that were not sent', async () => {
    const disk = source(4 * MIB, [512 * 10, 512 * 20 - 3], { bad: 20n });
    const { places, result } = await search(disk, 'needle');
    expect(places).toEqual([5120]);
    expect(result.badBlocks).toEqual([20n]);
  });

  it('ends at once when it is called off', async () => {
    const stop = new AbortController();
    const endless: ThinSource = {
      blockSize: 512,
      blocks: 1n << 40n,
      read: (_lba, count, options) => {
        if (options?.signal?.aborted === true) return Promise.reject(new Error('called off'));
        return Promise.resolve(new Uint8Array(count * 512));
      },
    };
    const running = search(endless, 'needle', { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(running).rejects.toThrow('called off');
  });
});

describe('comparing and summing', () => {
  it('lists what differs, one line a record, unreadable blocks apart', async () => {
    const a = source(6 * MIB, [1000, 5 * MIB], { bad: 4096n });
    const b = source(6 * MIB, [3000, 5 * MIB]);
    const found: Difference[] = [];
    const whole = await compareSources(a, b, {
      firstLba: 0n,
      blocks: a.blocks,
      otherFirstLba: 0n,
      limit: 100,
      onDifferences: (some) => found.push(...some),
    });
    expect(whole).toBe(true);
    expect(found).toEqual([
      { offset: 1000n, length: 6n, unknown: false },
      { offset: 3000n, length: 6n, unknown: false },
      { offset: 4096n * 512n, length: 512n, unknown: true },
    ]);
  });

  it('lists what a copy does not know as one stretch, whatever stands in its place, and reads none of it', async () => {
    const a = computedSource(40_000n);
    const filled: ThinSource = {
      ...computedSource(40_000n),
      read: (_lba, count) => Promise.resolve(new Uint8Array(count * 512)),
    };
    const b = withUnread(filled, [
      { lba: 9000n, blocks: 20_000n },
      { lba: 29_000n, blocks: 900n },
      { lba: 8999n, blocks: 1n },
    ]);
    const found: Difference[] = [];
    const options = { firstLba: 8000n, blocks: 25_000n, otherFirstLba: 8000n, limit: 1e6 };
    expect(await compareSources(a, b, { ...options, onDifferences: (some) => found.push(...some) })).toBe(true);
    const unknown = found.filter((one) => one.unknown);
    expect(unknown).toEqual([{ offset: 8999n * 512n, length: 20_901n * 512n, unknown: true }]);
    const within = ({ offset, length }: Difference) => offset + length > 8999n * 512n && offset < 29_900n * 512n;
    expect(found.filter((one) => !one.unknown).filter(within)).toEqual([]);
    expect(found.some((one) => !one.unknown)).toBe(true);
    expect(a.reads.some(({ lba }) => lba === 8000n + 8192n)).toBe(false);
  });

  it('sums a range of bytes, and refuses to sum what was not sent', async () => {
    const disk = computedSource(20_000n);
    expect((await sumSource(disk, { offset: 512n, length: 512n * 9999n })).sha256).toBe(expectedSum(disk, 1n, 9999n));
    const hole = computedSource(100n, { bad: [50n] });
    await expect(sumSource(hole, { offset: 0n, length: 51_200n })).rejects.toMatchObject({
      code: 'SCSI_CHECK_CONDITION',
    });
    expect((await sumSource(disk, { offset: 3n, length: 0n })).md5).toBe('d41d8cd98f00b204e9800998ecf8427e');
  });
});
