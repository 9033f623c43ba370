import type { TextPair } from '../pdu/index.ts';
import { readPairs } from './text-pairs.ts';
import type { Trace } from './trace.ts';

const GOES_ON = 0x40;
/** Rows looked through for the PDUs of one text. */
const CHAIN_SCAN = 10_000;

/** Whether the text of a PDU goes on in another. */
export function goesOn(trace: Trace, row: number): boolean {
  const [page, i] = trace.at(row);
  return ((page.flags[i] as number) & GOES_ON) !== 0;
}

/** The PDU before `row` whose text goes on in it, or -1. */
function textBefore(trace: Trace, row: number): number {
  const [own, k] = trace.at(row);
  const [opcode, connection] = [(own.opcode[k] as number) & 0x3f, own.connection[k] as number];
  const first = Math.max(trace.connections[connection]?.firstPdu ?? 0, row - CHAIN_SCAN, 0);
  for (let before = row - 1; before >= first; before -= 1) {
    const [page, i] = trace.at(before);
    if (page.connection[i] !== connection || ((page.opcode[i] as number) & 0x3f) !== opcode) continue;
    return goesOn(trace, before) ? before : -1;
  }
  return -1;
}

/** The first PDU of the text that `row` belongs to. */
export function textStart(trace: Trace, row: number): number {
  let start = row;
  for (let before = textBefore(trace, row); before >= 0 && row - before < CHAIN_SCAN; before = textBefore(trace, start))
    start = before;
  return start;
}

/** What a text PDU goes on with: `key=` in a value that another began, a part of a key, or nothing where a pair begins. */
export function carriedText(trace: Trace, row: number): string {
  let tail = '';
  for (let before = textBefore(trace, row); before >= 0 && row - before < CHAIN_SCAN;) {
    const { data } = trace.readPdu(before);
    const nul = data.lastIndexOf(0);
    tail = new TextDecoder().decode(data.subarray(nul + 1)) + tail;
    if (nul >= 0) break;
    before = textBefore(trace, before);
  }
  const cut = tail.indexOf('=');
  return cut < 0 ? tail : tail.slice(0, cut + 1);
}

/** The pairs of a text PDU, as far as they stand in it; of one that another PDU began there is the key, and the rest of its value. */
export function pairsOf(trace: Trace, row: number, limit = Infinity): TextPair[] {
  const { data } = trace.readPdu(row, limit);
  if (data.length === 0 || data[0] === 0) return readPairs(data);
  const carried = new TextEncoder().encode(carriedText(trace, row));
  const whole = new Uint8Array(carried.length + data.length);
  whole.set(carried);
  whole.set(data, carried.length);
  return readPairs(whole);
}
