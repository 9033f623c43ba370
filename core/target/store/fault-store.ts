import { StoreError, type BlockStore, type Extent, type StoreFailure } from './block-store.ts';

/** A run of blocks. */
export interface LbaRange {
  readonly lba: bigint;
  readonly count: bigint;
}

/** What a faulty store does wrong; every field can be changed while it is in use. */
export interface Faults {
  /** Reads that touch one of these end in MEDIUM ERROR at the first bad block. */
  unreadable: readonly LbaRange[];
  /** Writes likewise. */
  unwritable: readonly LbaRange[];
  /** Added to each command. */
  latencyMs: number;
  /** Most bytes a second, over reads and writes; zero for no limit. */
  bytesPerSecond: number;
  /** Every command ends like this, until it is cleared. */
  failAll: StoreFailure | undefined;
  /** The connection drops at every so manieth command; zero for never. */
  dropEvery: number;
}

/** The clock a faulty store waits on. */
export interface StoreClock {
  now(): number;
  /** Ends after `ms`. */
  wait(ms: number): Promise<void>;
}

/** A store with nothing wrong, ready to be spoilt. */
export function noFaults(): Faults {
  return { unreadable: [], unwritable: [], latencyMs: 0, bytesPerSecond: 0, failAll: undefined, dropEvery: 0 };
}

/** Wraps a store with faults that tests and the demo switch on and off while initiators are connected. */
export class FaultStore implements BlockStore {
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable: boolean;
  readonly thin: boolean;
  readonly faults: Faults;
  readonly #store: BlockStore;
  readonly #clock: StoreClock;
  #busyUntil = 0;
  #commands = 0;

  /** `faults` is filled up and looked at from then on; several stores may share it. */
  constructor(store: BlockStore, clock: StoreClock, faults: Partial<Faults> = {}) {
    this.#store = store;
    this.#clock = clock;
    this.blockSize = store.blockSize;
    this.blocks = store.blocks;
    this.writable = store.writable;
    this.thin = store.thin;
    this.faults = Object.assign(faults, { ...noFaults(), ...faults });
  }

  read(lba: bigint, into: Uint8Array): Promise<void> | undefined {
    return this.#through(into.length, () => {
      this.#refuse(this.faults.unreadable, lba, BigInt(into.length / this.blockSize), false);
      return this.#store.read(lba, into);
    });
  }

  write(lba: bigint, from: Uint8Array): Promise<void> | undefined {
    return this.#through(from.length, () => {
      this.#refuse(this.faults.unwritable, lba, BigInt(from.length / this.blockSize), true);
      return this.#store.write(lba, from);
    });
  }

  flush(): Promise<void> | undefined {
    return this.#through(0, () => this.#store.flush());
  }

  unmap(lba: bigint, count: bigint): Promise<void> | undefined {
    return this.#through(0, () => this.#store.unmap?.(lba, count));
  }

  status(lba: bigint): Promise<Extent> | Extent {
    return this.#store.status?.(lba) ?? { status: 'mapped', blocks: this.blocks - lba };
  }

  async close(): Promise<void> {
    await this.#store.close?.();
  }

  #refuse(ranges: readonly LbaRange[], lba: bigint, count: bigint, write: boolean): void {
    let first: bigint | undefined;
    for (const range of ranges) {
      const at = range.lba > lba ? range.lba : lba;
      if (at < range.lba + range.count && at < lba + count && (first === undefined || at < first)) first = at;
    }
    if (first !== undefined)
      throw new StoreError({ kind: 'mediumError', lba: first, write }, `Block ${String(first)} is bad.`);
  }

  #through(bytes: number, work: () => Promise<void> | undefined): Promise<void> | undefined {
    const { faults } = this;
    if (faults.failAll !== undefined) throw new StoreError(faults.failAll, 'The store was told to fail.');
    this.#commands += 1;
    if (faults.dropEvery > 0 && this.#commands % faults.dropEvery === 0)
      throw new StoreError({ kind: 'dropConnection' }, 'The store was told to drop the connection.');
    const wait = this.#delay(bytes);
    return wait > 0 ? this.#clock.wait(wait).then(work) : work();
  }

  #delay(bytes: number): number {
    const { latencyMs, bytesPerSecond } = this.faults;
    if (bytesPerSecond <= 0) return latencyMs;
    const now = this.#clock.now();
    this.#busyUntil = Math.max(this.#busyUntil, now) + (bytes * 1000) / bytesPerSecond;
    return latencyMs + this.#busyUntil - now;
  }
}
