import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileStore } from '../../../core/node/index.ts';
import {
  ConcatStore,
  FaultStore,
  GeneratedStore,
  MemoryStore,
  noFaults,
  OverlayStore,
  SparseStore,
  StoreError,
  type BlockStore,
} from '../../../core/target/index.ts';

const BLOCKS = 300;
const SIZE = 512;

type Step =
  | { readonly kind: 'write'; readonly lba: number; readonly count: number; readonly fill: number }
  | { readonly kind: 'unmap'; readonly lba: number; readonly count: number }
  | { readonly kind: 'read'; readonly lba: number; readonly count: number };

const range = { lba: fc.integer({ min: 0, max: BLOCKS - 1 }), count: fc.integer({ min: 1, max: 200 }) };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), ...range, fill: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('unmap' as const), ...range }),
  fc.record({ kind: fc.constant('read' as const), ...range }),
);

/** Runs steps on a store and on plain bytes, and holds the two equal. */
async function agrees(store: BlockStore, bytes: Uint8Array, steps: readonly Step[]): Promise<void> {
  for (const each of steps) {
    const count = Math.min(each.count, BLOCKS - each.lba);
    const at = each.lba * SIZE;
    if (each.kind === 'write') {
      const data = new Uint8Array(count * SIZE).fill(each.fill);
      await store.write(BigInt(each.lba), data);
      bytes.set(data, at);
    } else if (each.kind === 'unmap') {
      if (store.unmap === undefined) continue;
      await store.unmap(BigInt(each.lba), BigInt(count));
      bytes.fill(0, at, at + count * SIZE);
    } else {
      const into = new Uint8Array(count * SIZE).fill(0xdd);
      await store.read(BigInt(each.lba), into);
      expect(Buffer.compare(into, bytes.slice(at, at + count * SIZE))).toBe(0);
    }
  }
  const all = new Uint8Array(BLOCKS * SIZE);
  await store.read(0n, all);
  expect(Buffer.compare(all, bytes)).toBe(0);
}

describe('stores hold what was written to them', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stores-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const zeroes = (): Uint8Array => new Uint8Array(BLOCKS * SIZE);
  const base = (): Uint8Array => Uint8Array.from({ length: BLOCKS * SIZE }, (_, i) => (i * 7) & 0xff);
  const makers: readonly (readonly [string, () => Promise<BlockStore> | BlockStore, () => Uint8Array])[] = [
    ['memory', () => new MemoryStore({ blocks: BLOCKS }), zeroes],
    ['sparse', () => new SparseStore({ blocks: BLOCKS }), zeroes],
    ['overlay', () => new OverlayStore(new MemoryStore({ blocks: BLOCKS, bytes: base(), writable: false })), base],
    [
      'parts',
      () =>
        new ConcatStore([
          new MemoryStore({ blocks: 100 }),
          new SparseStore({ blocks: 7 }),
          new MemoryStore({ blocks: 193 }),
        ]),
      zeroes,
    ],
  ];
  it.each(makers)('%s', async (name, make, initial) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const wanted = name === 'parts' ? steps.filter(({ kind }) => kind !== 'unmap') : steps;
        await agrees(await make(), initial(), wanted);
      }),
      { numRuns: 60 },
    );
  });

  it('file', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const store = await FileStore.create(join(folder, `image-${String(++n)}`), BLOCKS * SIZE);
        await agrees(store, zeroes(), steps);
        await store.close();
      }),
      { numRuns: 15 },
    );
  });

  it('an overlay leaves its base alone and can forget', () => {
    const bytes = base();
    const overlay = new OverlayStore(new MemoryStore({ blocks: BLOCKS, bytes, writable: false }));
    overlay.write(5n, new Uint8Array(SIZE).fill(1));
    expect(bytes).toEqual(base());
    overlay.reset();
    const into = new Uint8Array(SIZE);
    void overlay.read(5n, into);
    expect(into).toEqual(bytes.slice(5 * SIZE, 6 * SIZE));
  });

  it('an overlay of exabytes gives terabytes back without taking room for it', () => {
    const overlay = new OverlayStore(new GeneratedStore({ blocks: 2n ** 54n }));
    const before = process.memoryUsage().arrayBuffers;
    overlay.unmap(7n, 2n ** 32n);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(overlay.status(2n ** 31n)).toEqual({ status: 'deallocated', blocks: 4096n });
    overlay.write(2n ** 31n, new Uint8Array(SIZE).fill(3));
    const into = new Uint8Array(4 * SIZE);
    void overlay.read(2n ** 31n, into);
    expect([into[0], into[SIZE]]).toEqual([3, 0]);
    void overlay.read(5n, into);
    expect([into[7], into[SIZE + 7], into[2 * SIZE + 7]]).toEqual([5, 6, 0]);
  });

  it('a sparse store of exabytes takes room for what is written, and no more than its limit', () => {
    const store = new SparseStore({ blocks: 2n ** 54n, limitBytes: 128 * 1024 });
    store.write(2n ** 53n, new Uint8Array(SIZE).fill(1));
    expect(store.usedBytes).toBe(65536);
    expect(store.status(0n)).toEqual({ status: 'deallocated', blocks: 2n ** 53n });
    expect(store.status(2n ** 53n)).toEqual({ status: 'mapped', blocks: 1n });
    store.write(0n, new Uint8Array(SIZE));
    expect(() => store.write(2n ** 40n, new Uint8Array(SIZE))).toThrow(StoreError);
    store.unmap(0n, 2n ** 54n);
    expect(store.usedBytes).toBe(0);
  });

  it('generated blocks differ from one another and are the same each time', () => {
    const read = (lba: bigint): Uint8Array => {
      const into = new Uint8Array(SIZE);
      new GeneratedStore({ blocks: 2n ** 54n }).read(lba, into);
      return into;
    };
    expect(read(5n)).toEqual(read(5n));
    expect(read(5n)).not.toEqual(read(5n + 2n ** 32n));
  });

  it('refuse what they cannot be, with a sentence', () => {
    expect(() => new SparseStore({ blocks: 0 })).toThrow('1 to 2^64-1 blocks');
    expect(() => new SparseStore({ blocks: 1, blockSize: 520 })).toThrow('power of two');
    expect(() => new MemoryStore({ blocks: 2n ** 40n })).toThrow('use a sparse one');
    expect(
      () => new ConcatStore([new MemoryStore({ blocks: 1 }), new MemoryStore({ blocks: 1, blockSize: 4096 })]),
    ).toThrow('same block size');
  });

  it('files that are not there, not whole blocks or there already are refused', async () => {
    const path = join(folder, 'odd');
    await expect(FileStore.open(join(folder, 'none'))).rejects.toThrow('There is no file');
    const store = await FileStore.create(path, 1024);
    await store.close();
    await expect(FileStore.open(path, { blockSize: 4096 })).rejects.toThrow('not whole blocks of 4096');
    await expect(FileStore.create(path, 1024)).rejects.toThrow('is there already');
  });
});

describe('a faulty store', () => {
  const clockAt = (time: { now: number; readonly waits: number[] }) => ({
    now: () => time.now,
    wait: (ms: number) => {
      time.waits.push(ms);
      return Promise.resolve();
    },
  });

  it('waits for latency, and as long as its throughput asks', async () => {
    const time = { now: 0, waits: [] as number[] };
    const store = new FaultStore(new MemoryStore({ blocks: 64 }), clockAt(time), {
      latencyMs: 5,
      bytesPerSecond: 512_000,
    });
    await store.read(0n, new Uint8Array(SIZE));
    await store.read(0n, new Uint8Array(SIZE));
    expect(time.waits).toEqual([6, 7]);
  });

  it('does what it is told until it is told to stop', () => {
    const store = new FaultStore(new MemoryStore({ blocks: 64 }), clockAt({ now: 0, waits: [] }));
    store.faults.failAll = { kind: 'busy' };
    expect(() => store.write(0n, new Uint8Array(SIZE))).toThrow(StoreError);
    store.faults.failAll = undefined;
    store.faults.dropEvery = 2;
    const outcomes = [1, 2, 3, 4].map(() => {
      try {
        void store.read(0n, new Uint8Array(SIZE));
        return 'read';
      } catch {
        return 'dropped';
      }
    });
    expect(outcomes.filter((outcome) => outcome === 'dropped')).toHaveLength(2);
    Object.assign(store.faults, noFaults());
    expect(store.read(0n, new Uint8Array(SIZE))).toBeUndefined();
  });
});
