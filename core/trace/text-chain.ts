import { joinBytes } from '../bytes/index.ts';
import type { TextPair } from '../pdu/index.ts';
import { readPairs } from './text-pairs.ts';
import type { Trace } from './trace.ts';

const GOES_ON = 0x40;
/** Rows looked through for the PDUs of one text. */
const CHAIN_SCAN = 10_000;
/** Most bytes of a pair that every PDU it goes on in tells again. */
const CARRIED_LIMIT = 1 << 16;
const EQUALS = 0x3d;

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

/** Of a pair that has begun: what there is of it, or its key alone where the value is too long to be told again. */
export function boundCarried(begun: Uint8Array): Uint8Array {
  if (begun.length <= CARRIED_LIMIT) return begun;
  return begun.subarray(0, Math.min(begun.indexOf(EQUALS) + 1 || CARRIED_LIMIT, CARRIED_LIMIT));
}

/** What other PDUs have of the pair that a text PDU goes on with: nothing where a pair begins with it. */
export function carriedText(trace: Trace, row: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let before = textBefore(trace, row); before >= 0 && row - before < CHAIN_SCAN;) {
    const { data } = trace.readPdu(before);
    const nul = data.lastIndexOf(0);
    parts.unshift(data.subarray(nul + 1));
    if (nul >= 0) break;
    before = textBefore(trace, before);
  }
  return boundCarried(joinBytes(parts));
}

/** The pairs of a text PDU, the first with what other PDUs have of it, the last as far as it has come. */
export function pairsOf(trace: Trace, row: number, limit = Infinity): TextPair[] {
  const { data } = trace.readPdu(row, limit);
  return continuedPairs(isContinued(data) ? carriedText(trace, row) : data.subarray(0, 0), data);
}

/** Whether data may go on with a pair that has begun. */
function isContinued(data: Uint8Array): boolean {
  return data.length > 0 && data[0] !== 0;
}

/** The pairs in the data of a PDU, the first of which other PDUs have begun. */
export function continuedPairs(carried: Uint8Array, data: Uint8Array): TextPair[] {
  return readPairs(isContinued(data) ? joinBytes([carried, data]) : data);
}
