import type { TextPair } from '../pdu/index.ts';

/** Most bytes of text gathered of one exchange; what is longer is read up to here. */
export const TEXT_LIMIT = 1 << 20;

/** Reads key=value pairs of a trace, whatever is wrong with them: a line without `=` becomes a key with no value. */
export function readPairs(bytes: Uint8Array): TextPair[] {
  const text = new TextDecoder().decode(bytes);
  const out: TextPair[] = [];
  for (const line of text.split('\0')) {
    if (line === '') continue;
    const cut = line.indexOf('=');
    out.push(cut < 0 ? { key: line, value: '' } : { key: line.slice(0, cut), value: line.slice(cut + 1) });
  }
  return out;
}

/** Gathers one side's text over several PDUs, up to a limit. */
export class TextGather {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** Adds a PDU's data, copied; with `last` answers all the pairs and starts anew. */
  add(data: Uint8Array, last: boolean): readonly TextPair[] {
    if (this.#length < TEXT_LIMIT && data.length > 0) {
      const part = data.slice(0, TEXT_LIMIT - this.#length);
      this.#length += part.length;
      this.#parts.push(part);
    }
    if (!last) return [];
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#length = 0;
    return readPairs(whole);
  }
}
