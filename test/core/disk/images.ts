import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { BlockSource } from '../../../core/disk/index.ts';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'disks');

/** What blkid, sfdisk and dumpe2fs say of a disk, and which of its bytes are kept. */
export interface Facts {
  readonly size: number;
  readonly extents: readonly (readonly [offset: number, length: number])[];
  readonly blkid: Readonly<Record<string, string>>;
  readonly sfdisk?: {
    readonly id: string;
    readonly partitions: readonly {
      readonly start: number;
      readonly size: number;
      readonly type: string;
      readonly name?: string;
      readonly uuid?: string;
    }[];
  };
  readonly dumpe2fs?: Readonly<Record<string, string>>;
}

/** A disk that a real tool made. */
export function loadImage(name: string): { readonly facts: Facts; readonly bytes: Uint8Array } {
  const facts = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Facts;
  const kept = gunzipSync(readFileSync(join(folder, `${name}.bin.gz`)));
  const bytes = new Uint8Array(facts.size);
  let at = 0;
  for (const [offset, length] of facts.extents) {
    bytes.set(kept.subarray(at, at + length), offset);
    at += length;
  }
  return { facts, bytes };
}

/** Blocks of bytes in memory; reads past the end are refused as a device would refuse them. */
export function memorySource(bytes: Uint8Array, blockSize = 512): BlockSource & { readonly reads: number } {
  let reads = 0;
  return {
    blockSize,
    blocks: BigInt(Math.floor(bytes.length / blockSize)),
    get reads() {
      return reads;
    },
    read: (lba, count) => {
      reads += 1;
      const from = Number(lba) * blockSize;
      const to = from + count * blockSize;
      return to > bytes.length ? Promise.reject(new Error('past the end')) : Promise.resolve(bytes.slice(from, to));
    },
  };
}
