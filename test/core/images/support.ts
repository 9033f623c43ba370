import { createHash } from 'node:crypto';
import { ScsiError } from '../../../core/errors/index.ts';
import type { ThinSource } from '../../../core/initiator/index.ts';

/** A block whose bytes follow from its address: some are zero, as on real disks. */
export function blockAt(lba: bigint, blockSize: number): Uint8Array {
  const bytes = new Uint8Array(blockSize);
  if (lba % 8n >= 5n) return bytes;
  let state = Number(BigInt.asUintN(32, lba * 2654435761n)) | 1;
  for (let at = 0; at < blockSize; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** The error of a medium that cannot be read (fixed-format sense, key 3). */
export function mediumError(): ScsiError {
  const sense = new Uint8Array(18);
  sense.set([0x70, 0, 0x03]);
  return new ScsiError('SCSI_CHECK_CONDITION', 'MEDIUM ERROR', { status: 2, sense });
}

/** A disk of computed blocks, with bad ones and unmapped stretches where wanted. */
export function computedSource(
  blocks: bigint,
  more: {
    readonly blockSize?: number;
    readonly bad?: readonly bigint[];
    readonly unmapped?: readonly (readonly [from: bigint, to: bigint])[];
    readonly delayMs?: number;
  } = {},
): ThinSource & { readonly reads: { lba: bigint; count: number }[] } {
  const { blockSize = 512, bad = [], unmapped, delayMs } = more;
  const reads: { lba: bigint; count: number }[] = [];
  const isUnmapped = (lba: bigint): boolean => (unmapped ?? []).some(([from, to]) => lba >= from && lba < to);
  return {
    blockSize,
    blocks,
    reads,
    read: async (lba, count) => {
      reads.push({ lba, count });
      if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (bad.some((each) => each >= lba && each < lba + BigInt(count))) throw mediumError();
      const out = new Uint8Array(count * blockSize);
      for (let i = 0; i < count; i += 1)
        if (!isUnmapped(lba + BigInt(i))) out.set(blockAt(lba + BigInt(i), blockSize), i * blockSize);
      return out;
    },
    ...(unmapped === undefined
      ? {}
      : {
          run: (lba: bigint, most: bigint) => {
            const zero = isUnmapped(lba);
            let end = lba;
            while (end < lba + most && isUnmapped(end) === zero) end += 1n;
            return Promise.resolve({ lba, blocks: end - lba, zero });
          },
        }),
  };
}

/** The SHA-256 that an image of a computed disk must have. */
export function expectedSum(
  source: ThinSource,
  from: bigint,
  count: bigint,
  bad: readonly bigint[] = [],
  unmapped: readonly (readonly [bigint, bigint])[] = [],
): string {
  const hash = createHash('sha256');
  for (let lba = from; lba < from + count; lba += 1n) {
    const none = bad.includes(lba) || unmapped.some(([a, b]) => lba >= a && lba < b);
    hash.update(none ? new Uint8Array(source.blockSize) : blockAt(lba, source.blockSize));
  }
  return hash.digest('hex');
}
