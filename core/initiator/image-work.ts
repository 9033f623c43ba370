import { createSums, type SumName } from '../node/index.ts';
import { differences, type Difference } from './image-differences.ts';

/** A sum over many pieces. */
export interface PieceSum {
  /** Takes the next piece, which belongs to the sum from then on; returns when it may have another. */
  update(bytes: Uint8Array): Promise<void>;
  /** In hex; what was not asked for is empty. */
  digest(): Promise<Readonly<Record<SumName, string>>>;
}

/** The work that looks at every byte; a program with a window has it done in a thread. */
export interface ByteWork {
  startSum(names: readonly SumName[]): PieceSum;
  /** The runs of bytes that differ between two equally long pieces, which are given away. */
  differences(a: Uint8Array, b: Uint8Array, base: bigint): Promise<readonly Difference[]>;
}

/** Lets others have their turn. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Done here, with room for others between pieces. */
export const workHere: ByteWork = {
  startSum: (names) => {
    const sums = createSums(names);
    return {
      update: (bytes) => {
        sums.update(bytes);
        return breathe();
      },
      digest: () => Promise.resolve(sums.digest()),
    };
  },
  differences: async (a, b, base) => {
    await breathe();
    return differences(a, b, base);
  },
};
