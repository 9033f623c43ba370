/** How the value of a key is written (RFC 7143 6.1). */
export type KeyValueType =
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  /** Values by name; an open list may also hold names the table does not know. */
  | { readonly kind: 'list'; readonly values: readonly string[]; readonly open?: boolean }
  | { readonly kind: 'text'; readonly maxBytes: number }
  /** Bytes written as hex (`0x`) or base64 (`0b`). */
  | { readonly kind: 'binary'; readonly maxBytes: number };

/** How two sides come to one value: the smaller, the larger, both Yes, either Yes, the first both know; or one just says it. */
export type KeyRule = 'minimum' | 'maximum' | 'and' | 'or' | 'choice' | 'declared' | 'request';

/** Phases text keys travel in; the first two are the stages of login. */
export type KeyStage = 'security' | 'operational' | 'full feature';

/** Everything this library knows about a key. */
export interface KeySpec {
  readonly name: string;
  readonly type: KeyValueType;
  readonly rule: KeyRule;
  /** Value in force while nobody names the key; null where there is none. */
  readonly defaultValue: string | null;
  readonly scope: 'session' | 'connection';
  /** RFC 7143's LO (first connection of a session only), IO (login only), ALL, and FFPO. */
  readonly use: 'leading only' | 'initialize only' | 'any' | 'full feature only';
  readonly senders: 'initiator' | 'target' | 'both';
  /** `normal`: irrelevant in a discovery session. */
  readonly sessions: 'any' | 'normal';
  readonly stages: readonly KeyStage[];
  readonly obsolete?: boolean;
  readonly meaning: string;
  readonly effect: string;
  readonly clause: string;
}

/** A value that has been read: number, boolean, list, text or bytes, by the kind of its key. */
export type KeyValue =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'boolean'; readonly yes: boolean }
  | { readonly kind: 'list'; readonly list: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array };

/** What is wrong with a value, as the end of a sentence that starts with key and value. */
export interface KeyFault {
  readonly kind: 'fault';
  readonly fault: string;
}
