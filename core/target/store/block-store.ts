import type { ErrorDetails } from '../../errors/index.ts';

/** How blocks of an extent are backed, as GET LBA STATUS reports it (SBC-4 5.6). */
export type ProvisioningStatus = 'mapped' | 'deallocated' | 'anchored';

/** A run of blocks with one provisioning status. */
export interface Extent {
  readonly status: ProvisioningStatus;
  /** At least one. */
  readonly blocks: bigint;
}

/**
 * Where a logical unit's blocks live. Calls never reach past the end and buffers are whole blocks: the device server has
 * checked both. A store that is done at once may return nothing instead of a promise.
 */
export interface BlockStore {
  /** A power of two from 512 up. */
  readonly blockSize: number;
  readonly blocks: bigint;
  /** Whether write, writeZeroes and unmap may be called at all. */
  readonly writable: boolean;
  /** Whether blocks that nobody wrote take no room; such a store implements unmap. */
  readonly thin: boolean;
  /** Fills `into` with the blocks from `lba` on. */
  read(lba: bigint, into: Uint8Array): Promise<void> | undefined;
  /** Stores `from`, which stays the caller's: it may change as soon as the call has ended. */
  write(lba: bigint, from: Uint8Array): Promise<void> | undefined;
  /** Ends once everything written before survives a loss of power, as far as the store can promise that. */
  flush(): Promise<void> | undefined;
  /** Gives the blocks back; they read as zeroes from then on. */
  unmap?(lba: bigint, count: bigint): Promise<void> | undefined;
  /** What backs the blocks from `lba` on. */
  status?(lba: bigint): Promise<Extent> | Extent;
  close?(): Promise<void>;
}

/** Why a store could not do what it was asked; the device server turns it into sense data. */
export type StoreFailure =
  | { readonly kind: 'mediumError'; readonly lba: bigint; readonly write: boolean }
  | { readonly kind: 'notReady' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'taskSetFull' }
  | { readonly kind: 'spaceExhausted' }
  | { readonly kind: 'dropConnection' }
  | { readonly kind: 'hardware'; readonly text: string };

/** Thrown by stores for failures that have a place in SCSI. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }

  /** Facts for a log line. */
  get details(): ErrorDetails {
    const { failure } = this;
    return failure.kind === 'mediumError'
      ? { kind: failure.kind, lba: String(failure.lba), write: failure.write }
      : { kind: failure.kind };
  }
}

/** Bytes a store holds, as a bigint. */
export function storeBytes(store: Pick<BlockStore, 'blocks' | 'blockSize'>): bigint {
  return store.blocks * BigInt(store.blockSize);
}
