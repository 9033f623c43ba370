import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransportError } from '../../../core/errors/index.ts';
import { saveImage, type ImageOptions, type ThinSource } from '../../../core/initiator/index.ts';
import { journalPath, openImageFile, type OpenImageFile } from '../../../core/node/index.ts';
import { imageUnderKills } from './kills.ts';
import { computedSource, expectedSum } from './support.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-save-'));
  path = join(folder, 'disk.img');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sumOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const options = (blocks: bigint, more: Partial<ImageOptions> = {}): ImageOptions => ({
  path,
  firstLba: 0n,
  blocks,
  identity: 'computed',
  openFile: openImageFile,
  chunkBlocks: 32,
  ...more,
});

describe('saving an image', () => {
  it('gives every byte, its sum, and no journal once it is whole', async () => {
    const source = computedSource(1000n);
    const result = await saveImage(source, options(1000n));
    expect(result.sha256).toBe(expectedSum(source, 0n, 1000n));
    expect(sumOf(path)).toBe(result.sha256);
    expect(existsSync(journalPath(path))).toBe(false);
  });

  it.each([1n, 31n, 32n, 33n, 63n, 64n, 65n])(
    'saves %s blocks, whatever is left for the second reader',
    async (blocks) => {
      const source = computedSource(100n);
      const result = await saveImage(
        source,
        options(blocks, { gate: () => new Promise((resolve) => setImmediate(resolve)) }),
      );
      expect(result.sha256).toBe(expectedSum(source, 0n, blocks));
    },
  );

  it.each([520, 528, 4096, 4160])('saves blocks of %i bytes', async (blockSize) => {
    const source = computedSource(300n, { blockSize, bad: [77n] });
    const result = await saveImage(source, options(300n));
    expect(statSync(path).size).toBe(300 * blockSize);
    expect(result).toMatchObject({ bad: [77n], sha256: expectedSum(source, 0n, 300n, [77n]) });
    expect(sumOf(path)).toBe(result.sha256);
  });

  it('keeps its journal until whoever lists what is filling has done so', async () => {
    const source = computedSource(100n, { bad: [7n] });
    const refused = saveImage(source, options(100n, { onWhole: () => Promise.reject(new Error('no room')) }));
    await expect(refused).rejects.toThrow('no room');
    expect(existsSync(journalPath(path))).toBe(true);
    let listed: readonly bigint[] = [];
    const onWhole = ({ bad }: { readonly bad: readonly bigint[] }): Promise<void> => {
      expect(existsSync(journalPath(path))).toBe(true);
      listed = bad;
      return Promise.resolve();
    };
    await saveImage(source, options(100n, { onWhole }));
    expect(listed).toEqual([7n]);
    expect(existsSync(journalPath(path))).toBe(false);
  });

  it('saves a range', async () => {
    const source = computedSource(1000n);
    const result = await saveImage(source, options(77n, { firstLba: 333n }));
    expect(statSync(path).size).toBe(77 * 512);
    expect(sumOf(path)).toBe(expectedSum(source, 333n, 77n));
    expect(result.sha256).toBe(sumOf(path));
  });

  it('is sparse where the disk is zero, and does not read what is not mapped', async () => {
    const unmapped = [[64n, 65_536n]] as const;
    const source = computedSource(65_600n, { unmapped });
    const result = await saveImage(source, options(65_600n));
    expect(result.sha256).toBe(expectedSum(source, 0n, 65_600n, [], unmapped));
    expect(result.skippedBlocks).toBe(65_472n);
    expect(statSync(path).blocks * 512).toBeLessThan(256 * 1024);
    expect(source.reads.every(({ lba, count }) => lba + BigInt(count) <= 64n || lba >= 65_536n)).toBe(true);
  });

  it('lists what cannot be read and fills it with zeros', async () => {
    const bad = [5n, 6n, 700n];
    const source = computedSource(1000n, { bad });
    const result = await saveImage(source, options(1000n));
    expect(result.bad).toEqual(bad);
    expect(result.sha256).toBe(expectedSum(source, 0n, 1000n, bad));
  });

  it('stops at an error that is not of the medium, and goes on later where it was', async () => {
    const good = computedSource(1000n);
    let left = 12;
    const cut: ThinSource = {
      ...good,
      read: (lba, count) =>
        left-- > 0
          ? good.read(lba, count)
          : Promise.reject(new TransportError('CONNECTION_LOST', 'The cable was pulled.')),
    };
    await expect(saveImage(cut, options(1000n))).rejects.toThrow('The cable was pulled.');
    const rest = computedSource(1000n);
    const result = await saveImage(rest, options(1000n));
    expect(result.resumedBlocks).toBe(12n * 32n);
    expect(rest.reads).toHaveLength(32 - 12);
    expect(result.sha256).toBe(expectedSum(good, 0n, 1000n));
  });

  it('reads again while the caller says so', async () => {
    const good = computedSource(200n);
    let failures = 3;
    const flaky: ThinSource = {
      ...good,
      read: (lba, count) =>
        failures-- > 0 ? Promise.reject(new TransportError('CONNECTION_LOST', 'Lost.')) : good.read(lba, count),
    };
    const result = await saveImage(flaky, options(200n, { retry: () => Promise.resolve(true) }));
    expect(result.sha256).toBe(expectedSum(good, 0n, 200n));
  });

  it('does not ask again for what failed before the caller said to go on', async () => {
    const good = computedSource(200n);
    const lost = new TransportError('CONNECTION_LOST', 'Lost.');
    let asked = 0;
    let tell: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (tell = resolve));
    const failing = new Map([
      [0n, () => Promise.reject(lost)],
      [32n, () => told.then(() => Promise.reject(lost))],
    ]);
    const flaky: ThinSource = {
      ...good,
      read: async (lba, count) => {
        const fail = failing.get(lba);
        failing.delete(lba);
        await fail?.();
        if (lba === 0n) tell();
        return good.read(lba, count);
      },
    };
    const retry = (): Promise<boolean> => {
      asked += 1;
      return Promise.resolve(true);
    };
    const result = await saveImage(flaky, options(200n, { retry }));
    expect(asked).toBe(1);
    expect(result.sha256).toBe(expectedSum(good, 0n, 200n));
  });

  it('trusts only what the file still holds', async () => {
    const source = computedSource(1000n);
    const stop = new AbortController();
    await expect(
      saveImage(
        source,
        options(1000n, { signal: stop.signal, onProgress: ({ doneBlocks }) => doneBlocks > 600n && stop.abort() }),
      ),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    const bytes = readFileSync(path);
    bytes[3 * 512]! ^= 1;
    writeFileSync(path, bytes);
    appendFileSync(journalPath(path), 'deadbeef {"kind":"data","index":3');
    const result = await saveImage(computedSource(1000n), options(1000n));
    expect(result.sha256).toBe(expectedSum(source, 0n, 1000n));
    expect(result.resumedBlocks).toBeGreaterThan(500n);
    expect(result.resumedBlocks % 32n).toBe(0n);
  });

  it('survives a journal cut at any byte', async () => {
    const source = computedSource(320n);
    const stop = new AbortController();
    await expect(
      saveImage(
        source,
        options(320n, { signal: stop.signal, onProgress: ({ doneBlocks }) => doneBlocks >= 256n && stop.abort() }),
      ),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    const [image, journal] = [readFileSync(path), readFileSync(journalPath(path))];
    for (let length = 0; length <= journal.length; length += 7) {
      writeFileSync(path, image);
      writeFileSync(journalPath(path), journal);
      truncateSync(journalPath(path), length);
      const result = await saveImage(computedSource(320n), options(320n));
      expect(result.sha256).toBe(expectedSum(source, 0n, 320n));
    }
  });

  it('refuses the journal of another disk', async () => {
    const stop = new AbortController();
    await expect(
      saveImage(computedSource(1000n), options(1000n, { signal: stop.signal, onProgress: () => stop.abort() })),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(saveImage(computedSource(1000n), options(1000n, { identity: 'another' }))).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
  });

  it('overwrites what an older file of that name held', async () => {
    writeFileSync(path, Buffer.alloc(600 * 512, 0xaa));
    const source = computedSource(500n, { unmapped: [[100n, 400n]] });
    const result = await saveImage(source, options(500n));
    expect(sumOf(path)).toBe(result.sha256);
    expect(result.sha256).toBe(expectedSum(source, 0n, 500n, [], [[100n, 400n]]));
  });

  it('meets a full disk with an error, and resumes when there is space', async () => {
    const source = computedSource(2000n);
    for (const room of [10_000, 100_000, 300_000]) {
      rmSync(path, { force: true });
      rmSync(journalPath(path), { force: true });
      let left = room;
      const full: OpenImageFile = async (name, mode) => {
        const file = await openImageFile(name, mode);
        return {
          ...file,
          path: name,
          size: () => file.size(),
          readAt: (offset, into) => file.readAt(offset, into),
          truncate: (size) => file.truncate(size),
          sync: () => file.sync(),
          close: () => file.close(),
          writeAt: async (offset, bytes) => {
            // A full disk takes what still fits, and then refuses.
            const fits = Math.min(left, bytes.length);
            left -= fits;
            await file.writeAt(offset, bytes.subarray(0, fits));
            if (fits < bytes.length) throw new TransportError('DISK_FULL', 'No space.');
          },
        };
      };
      await expect(saveImage(source, options(2000n, { openFile: full }))).rejects.toMatchObject({ code: 'DISK_FULL' });
      const result = await saveImage(computedSource(2000n), options(2000n));
      expect(result.sha256).toBe(expectedSum(source, 0n, 2000n));
      expect(sumOf(path)).toBe(result.sha256);
    }
  });

  it('comes out right after real kills at random moments', async () => {
    const report = await imageUnderKills(20_260_101, 6, 8192n, () => undefined);
    expect(report.kills).toBe(6);
    expect(report.finished).toBeGreaterThan(0);
  }, 60_000);
});
