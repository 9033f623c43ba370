import type { CopyForm, DiskMap } from '../../../core/disk/index.ts';
import type { Difference } from '../../../core/initiator/index.ts';
import type { SumName } from '../../../core/node/index.ts';

/** What a thread that looks at every byte can be asked. */
export interface ByteCalls {
  /** Begins a sum. */
  begin(names: readonly SumName[]): void;
  update(bytes: Uint8Array): void;
  digest(): Readonly<Record<SumName, string>>;
  differences(pair: { readonly a: Uint8Array; readonly b: Uint8Array; readonly base: bigint }): readonly Difference[];
  copyAs(input: { readonly form: CopyForm; readonly bytes: Uint8Array; readonly address: bigint }): string;
  /** Reads structures; the thread asks for the blocks. */
  examine(disk: { readonly blockSize: number; readonly blocks: bigint }): Promise<DiskMap>;
}

/** The name of one call. */
export type ByteCall = keyof ByteCalls;

/** What goes to the thread: a question, or blocks it asked for. */
export type ToBytes =
  | { readonly kind: 'call'; readonly id: number; readonly name: ByteCall; readonly input: unknown }
  | { readonly kind: 'blocks'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'no-blocks'; readonly id: number; readonly message: string };

/** What comes from it: an answer, why there is none, or the blocks it wants. */
export type FromBytes =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'want'; readonly id: number; readonly lba: bigint; readonly count: number };
