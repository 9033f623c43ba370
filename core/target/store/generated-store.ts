import { writeU32, writeU64 } from '../../bytes/index.ts';
import type { BlockStore } from './block-store.ts';
import { checkGeometry, type Geometry } from './geometry.ts';

/** Fills one block with what belongs at `lba`. */
export type BlockGenerator = (lba: bigint, block: Uint8Array) => void;

/**
 * The pattern of generated stores: each 16 bytes hold the LBA, the byte offset within the block and a mix of both with
 * the seed, so that any misplaced piece of any block can be told.
 */
export function patternGenerator(seed = 0): BlockGenerator {
  return (lba, block) => {
    const low = Number(lba & 0xffffffffn);
    const high = Number((lba >> 32n) & 0xffffffffn);
    for (let at = 0; at < block.length; at += 16) {
      writeU64(block, at, lba);
      writeU32(block, at + 8, at);
      let mix = (low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b) ^ seed) >>> 0;
      mix = Math.imul(mix ^ (mix >>> 15), 0x2c1b3c6d);
      mix = Math.imul(mix ^ (mix >>> 12), 0x297a2d39);
      writeU32(block, at + 12, (mix ^ (mix >>> 15)) >>> 0);
    }
  };
}

/** A read-only store of any size up to 2^64-1 blocks whose content is computed, so that all of it can be served and verified. */
export class GeneratedStore implements BlockStore {
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable = false;
  readonly thin = false;
  readonly #generate: BlockGenerator;

  constructor(geometry: Geometry & { readonly generate?: BlockGenerator }) {
    const { blockSize, blocks } = checkGeometry(geometry);
    this.blockSize = blockSize;
    this.blocks = blocks;
    this.#generate = geometry.generate ?? patternGenerator();
  }

  read(lba: bigint, into: Uint8Array): undefined {
    let next = lba;
    for (let at = 0; at < into.length; at += this.blockSize) {
      this.#generate(next, into.subarray(at, at + this.blockSize));
      next += 1n;
    }
  }

  write(): never {
    throw new Error('A generated store is read-only.');
  }

  flush(): undefined {
    return undefined;
  }
}
