import { ProtocolError, UsageError } from '../errors/index.ts';

/** One key=value pair in the order it was written. */
export interface TextPair {
  readonly key: string;
  readonly value: string;
}

/** Most bytes one text exchange may gather over its PDUs, unless the caller says otherwise. */
export const DEFAULT_TEXT_LIMIT = 8 * 1024 * 1024;

const KEY = /^[A-Za-z][A-Za-z0-9.\-+@_#]{0,62}$/u;
const KEY_LIMIT = 63;

/** Whether a name can be a text key; RFC 7143 wants a capital first, iSCSIProtocolLevel (RFC 7144) has none. */
export function isTextKey(name: string): boolean {
  return KEY.test(name);
}

/** Encodes pairs as UTF-8, each ended by a NUL (RFC 7143 6.1). */
export function encodeText(pairs: readonly TextPair[]): Uint8Array {
  for (const { key, value } of pairs) {
    if (!isTextKey(key))
      throw new UsageError(
        'BAD_ARGUMENT',
        `"${key}" is not a text key: 1 to ${String(KEY_LIMIT)} letters, digits or . - + @ _ #, a letter first.`,
      );
    if (value.includes('\0')) throw new UsageError('BAD_ARGUMENT', `The value of ${key} must not hold a NUL.`);
  }
  return new TextEncoder().encode(pairs.map(({ key, value }) => `${key}=${value}\0`).join(''));
}

/** Decodes a whole text segment; what is not UTF-8 or lacks its `=` is a ProtocolError that quotes it. */
export function decodeText(bytes: Uint8Array): TextPair[] {
  if (bytes.length === 0) return [];
  if (bytes[bytes.length - 1] !== 0)
    throw new ProtocolError(
      'PROTOCOL_MALFORMED',
      'The text sent by the peer ends in the middle of a value, without its NUL.',
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProtocolError('PROTOCOL_MALFORMED', 'The text sent by the peer is not valid UTF-8.', { cause });
  }
  const out: TextPair[] = [];
  for (const line of text.split('\0')) {
    if (line === '') continue;
    const cut = line.indexOf('=');
    if (cut <= 0) throw new ProtocolError('PROTOCOL_MALFORMED', `The peer sent text without a key: ${quote(line)}.`);
    const key = line.slice(0, cut);
    if (key.length > KEY_LIMIT)
      throw new ProtocolError(
        'PROTOCOL_MALFORMED',
        `The peer sent a key of ${String(key.length)} characters (${quote(key)}); at most ${String(KEY_LIMIT)} are allowed.`,
      );
    out.push({ key, value: line.slice(cut + 1) });
  }
  return out;
}

/** Text of a peer made safe to show: cut at 64 characters, control characters visible. */
export function quote(text: string): string {
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return `"${shown.replace(/[\p{C}]/gu, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)}"`;
}

/** Gathers text that goes on over several PDUs (C bit), up to a limit. */
export class TextAssembler {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(limit = DEFAULT_TEXT_LIMIT) {
    this.#limit = limit;
  }

  /** Bytes gathered so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds a PDU's data, copied. */
  add(data: Uint8Array): void {
    if (this.#length + data.length > this.#limit)
      throw new ProtocolError(
        'PROTOCOL_TOO_LARGE',
        `The peer sent more than ${String(this.#limit)} bytes of text in one exchange.`,
      );
    // Text may go on without end in PDUs that hold none of it.
    if (data.length === 0) return;
    this.#length += data.length;
    this.#parts.push(data.slice());
  }

  /** The pairs gathered, and starts anew. */
  take(): TextPair[] {
    return decodeText(this.takeBytes());
  }

  /** The bytes gathered, and starts anew. */
  takeBytes(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#length = 0;
    return whole;
  }
}

/** Cuts encoded text into segments of at most `size` bytes; at least one, which may be empty. */
export function splitText(bytes: Uint8Array, size: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(bytes.subarray(at, at + size));
  return out.length === 0 ? [bytes] : out;
}
