import { MemoryStore, type BlockStore } from '../../../core/target/index.ts';
import type { Options } from './unit-harness.ts';

/** One block of a pattern. */
export const BLOCK = new Uint8Array(512).fill(0x41);

/** Blocks of one byte. */
export const filled = (byte: number, blocks = 1): Uint8Array => new Uint8Array(blocks * 512).fill(byte);

/** A unit that is a disc in a drive. */
export const OPTICAL: Options = {
  deviceType: 'optical',
  removable: true,
  store: new MemoryStore({ blockSize: 2048, blocks: 1000, writable: false }),
};

/** TEST UNIT READY. */
export const TUR = [0, 0, 0, 0, 0, 0];

/** The status that says GOOD, as the harness prints it. */
export const READY = '00';

/** A CDB of ten bytes with an address and a length. */
export const cdb10 = (opcode: number, byte1: number, lba: number, blocks: number): number[] => [
  opcode,
  byte1,
  0,
  0,
  (lba >> 8) & 0xff,
  lba & 0xff,
  0,
  (blocks >> 8) & 0xff,
  blocks & 0xff,
  0,
];

/** What a store holds now. */
export async function readBack(store: BlockStore, lba: bigint, blocks = 1): Promise<Uint8Array> {
  const into = new Uint8Array(blocks * store.blockSize);
  await store.read(lba, into);
  return into;
}

/** A store whose reads never end. */
export function stuckStore(): BlockStore {
  return {
    blockSize: 512,
    blocks: 64n,
    writable: true,
    thin: false,
    read: () => new Promise(() => undefined),
    write: () => undefined,
    flush: () => undefined,
  };
}
