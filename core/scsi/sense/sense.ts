/** What the sense key specific bytes say; which form applies follows from the sense key (SPC-4 4.5.2.4). */
export type SenseKeySpecific =
  | { readonly kind: 'field'; readonly inCdb: boolean; readonly byte: number; readonly bit?: number }
  | { readonly kind: 'segment'; readonly inDescriptor: boolean; readonly byte: number; readonly bit?: number }
  | { readonly kind: 'retries'; readonly retries: number }
  | { readonly kind: 'progress'; readonly progress: number }
  | { readonly kind: 'overflow'; readonly overflow: boolean }
  | { readonly kind: 'other'; readonly bytes: Uint8Array };

/** One descriptor of descriptor format sense data: its type, its bytes, and its fields where the tables know it. */
export interface SenseDescriptor {
  readonly type: number;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly fields: Readonly<Record<string, number | bigint | boolean | string | Uint8Array>>;
  /** The sense data inside a forwarded sense data descriptor. */
  readonly forwarded?: Sense;
}

/** Sense data of either format; what the bytes do not hold is absent. */
export interface Sense {
  readonly format: 'fixed' | 'descriptor' | 'unknown';
  readonly responseCode: number;
  /** The error belongs to an earlier command. */
  readonly deferred: boolean;
  readonly key: number;
  readonly keyName: string;
  readonly asc: number;
  readonly ascq: number;
  /** The T10 name of ASC and ASCQ. */
  readonly description: string;
  /** The information field where it is marked valid: for block commands, an LBA. */
  readonly information?: bigint;
  readonly commandSpecific?: bigint;
  readonly fieldReplaceableUnit?: number;
  readonly specific?: SenseKeySpecific;
  readonly filemark: boolean;
  readonly eom: boolean;
  readonly ili: boolean;
  readonly sdatOverflow: boolean;
  readonly descriptors: readonly SenseDescriptor[];
  readonly warnings: readonly string[];
}
