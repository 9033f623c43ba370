import { TextAssembler, type TextPair } from '../pdu/index.ts';

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

/** Memory that one PDU's text takes beside its bytes. */
const PART_COST = 256;

/** Gathers one side's text over several PDUs, up to a limit. */
export class TextGather {
  readonly #text = new TextAssembler(TEXT_LIMIT);
  /** Bytes of memory it takes. */
  weight = 0;

  /** Adds a PDU's data, copied; with `last` answers all the pairs and starts anew. */
  add(data: Uint8Array, last: boolean): readonly TextPair[] {
    const taken = data.subarray(0, TEXT_LIMIT - this.#text.length);
    if (taken.length > 0) this.weight += taken.length + PART_COST;
    this.#text.add(taken);
    if (!last) return [];
    this.weight = 0;
    return readPairs(this.#text.takeBytes());
  }
}
