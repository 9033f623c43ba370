import { UsageError } from '../../errors/index.ts';

/** What a store that makes its own blocks is told. */
export interface Geometry {
  /** A power of two from 512 to 65536. */
  readonly blockSize?: number;
  readonly blocks: bigint | number;
}

const MOST_BLOCKS = 1n << 64n;

/** Checks a geometry and fills in the block size of 512. */
export function checkGeometry(geometry: Geometry): { readonly blockSize: number; readonly blocks: bigint } {
  const { blockSize = 512 } = geometry;
  if (!Number.isInteger(blockSize) || blockSize < 512 || blockSize > 65536 || (blockSize & (blockSize - 1)) !== 0)
    throw new UsageError(
      'BAD_ARGUMENT',
      `A block size is a power of two from 512 to 65536; ${String(blockSize)} is not.`,
    );
  if (typeof geometry.blocks === 'number' && !Number.isSafeInteger(geometry.blocks))
    throw new UsageError('BAD_ARGUMENT', `${String(geometry.blocks)} is not a whole number of blocks.`);
  const blocks = BigInt(geometry.blocks);
  if (blocks < 1n || blocks >= MOST_BLOCKS)
    throw new UsageError('OUT_OF_RANGE', `A store holds 1 to 2^64-1 blocks; ${String(blocks)} were asked for.`);
  return { blockSize, blocks };
}
