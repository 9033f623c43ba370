import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examineDisk, locate, type DiskStructure } from '../../../core/disk/index.ts';
import { loadImage, memorySource } from './images.ts';

const NAMES = [
  'mbr',
  'gpt',
  'ext4',
  'fat12',
  'fat32',
  'exfat',
  'ntfs',
  'iso',
  'lvm',
  'luks1',
  'luks2',
  'swap',
  'md12',
  'md090',
];
const KEPT = 3 * 1024 * 1024;

const images = new Map(NAMES.map((name) => [name, loadImage(name)]));

function count(list: readonly DiskStructure[]): number {
  return list.reduce((sum, each) => sum + 1 + count(each.children), 0);
}

async function holds(bytes: Uint8Array, blockSize: number): Promise<void> {
  const source = memorySource(bytes, blockSize);
  const map = await examineDisk(source);
  expect(count(map.structures)).toBeLessThan(5000);
  expect(source.reads).toBeLessThan(5000);
  locate(map.structures, 511n);
  locate(map.structures, source.blocks * BigInt(blockSize) - 1n);
}

describe('bytes that lie', () => {
  it('random bytes end in a map, never in an error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 0, maxLength: 70_000, size: 'max' }),
        fc.constantFrom(512, 4096),
        holds,
      ),
      { numRuns: 40 },
    );
  });

  it('real disks with words overwritten at random end in a map', async () => {
    const word = fc.oneof(
      fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
      fc.integer({ min: 0, max: 0xffffffff }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.array(fc.tuple(fc.nat({ max: 1 << 20 }), word), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(512, 4096),
        async (name, changes, blockSize) => {
          const { facts, bytes } = images.get(name)!;
          const copy = bytes.slice(0, KEPT);
          const view = new DataView(copy.buffer);
          for (const [where, value] of changes) {
            // Most changes are aimed at bytes that mean something.
            const [offset, length] = facts.extents[where % facts.extents.length]!;
            const at = offset + ((where * 4) % length);
            if (at + 4 <= copy.length) view.setUint32(at, value, true);
          }
          await holds(copy, blockSize);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it('every field of a GPT header may say its largest number', async () => {
    const { bytes } = loadImage('gpt');
    for (const [at, size] of [
      [12, 4],
      [24, 8],
      [32, 8],
      [40, 8],
      [48, 8],
      [72, 8],
      [80, 4],
      [84, 4],
    ] as const) {
      const copy = bytes.slice();
      copy.fill(0xff, 512 + at, 512 + at + size);
      await holds(copy, 512);
    }
  });

  it('a disk of any truncation ends in a map', async () => {
    const { bytes } = loadImage('gpt');
    for (const blocks of [0, 1, 2, 3, 4, 33, 34, 35, 2047, 2048, 2049]) await holds(bytes.slice(0, blocks * 512), 512);
  });
});
