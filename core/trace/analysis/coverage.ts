import { OPCODES } from '../../pdu/index.ts';
import { MARKS } from '../columns.ts';
import { NEAR_NS } from '../pairing.ts';
import type { Trace } from '../trace.ts';

const SIDES = { initiator: 0, target: 1 } as const;

/** A side of a connection. */
export type Side = keyof typeof SIDES;

/** Places where bytes of one side are missing: after the one PDU of that side, before the other. */
interface Gaps {
  readonly after: number[];
  readonly before: number[];
}

const GAP_LIMIT = 100_000;

/** Opcodes a target may send without having been asked. */
const UNASKED: ReadonlySet<number> = new Set([OPCODES.nopIn, OPCODES.asyncMessage, OPCODES.reject]);

/** What a trace holds of its connections: PDUs of each side, and between which of them the capture lost some. */
export class Coverage {
  readonly #trace: Trace;
  readonly #counts: Uint32Array;
  readonly #last: Uint32Array;
  /** Of connections with PDUs of one side: how far it is proven that the other has spoken. */
  readonly #heard: Uint8Array;
  readonly #expStatSn: Uint32Array;
  readonly #gaps = new Map<number, Gaps>();
  #gapCount = 0;

  constructor(trace: Trace) {
    const slots = trace.connections.length * 2;
    this.#trace = trace;
    this.#counts = new Uint32Array(slots);
    this.#last = new Uint32Array(slots);
    this.#heard = new Uint8Array(slots / 2);
    this.#expStatSn = new Uint32Array(slots / 2);
  }

  /** Looks at one page of the index. */
  visitPage(number: number): void {
    const { table } = this.#trace.pdus;
    const page = table.page(number);
    const count = table.rowsIn(number);
    const first = number << table.shift;
    for (let i = 0; i < count; i += 1) {
      const marks = page.marks[i] as number;
      const id = page.connection[i] as number;
      const side = (marks & MARKS.fromInitiator) === 0 ? SIDES.target : SIDES.initiator;
      const slot = id * 2 + side;
      if ((marks & MARKS.gapBefore) !== 0) this.#addGap(slot, first + i);
      if (this.#counts[slot ^ 1] === 0)
        this.#listen(id, side, (page.opcode[i] as number) & 0x3f, page.word28[i] as number);
      (this.#counts[slot] as number) += 1;
      this.#last[slot] = first + i;
    }
  }

  /** All pages were seen: what is missing behind the last PDUs counts as well. */
  finish(): void {
    for (const { id, lostAtEnd } of this.#trace.connections) {
      if (lostAtEnd.initiator) this.#addGap(id * 2 + SIDES.initiator, this.#trace.length);
      if (lostAtEnd.target) this.#addGap(id * 2 + SIDES.target, this.#trace.length);
    }
  }

  #addGap(slot: number, row: number): void {
    let gaps = this.#gaps.get(slot);
    if (gaps === undefined) {
      gaps = { after: [], before: [] };
      this.#gaps.set(slot, gaps);
    }
    const last = gaps.before.length - 1;
    if (this.#gapCount >= GAP_LIMIT && last >= 0) {
      gaps.before[last] = row;
      return;
    }
    this.#gapCount += 1;
    gaps.after.push(this.#counts[slot] === 0 ? -1 : (this.#last[slot] as number));
    gaps.before.push(row);
  }

  /** An initiator that acknowledges new statuses or goes on after its login has been answered; a target does not answer of itself. */
  #listen(id: number, side: number, opcode: number, expStatSn: number): void {
    const heard = this.#heard[id] as number;
    if (side === SIDES.target) {
      if (!UNASKED.has(opcode)) this.#heard[id] = Math.min(2, heard + 1);
    } else if (opcode === OPCODES.loginRequest) this.#heard[id] = Math.max(1, heard);
    else if (heard === 0) {
      this.#heard[id] = 3;
      this.#expStatSn[id] = expStatSn;
    } else if (heard === 1 || (heard === 3 && expStatSn !== this.#expStatSn[id])) this.#heard[id] = 2;
  }

  /** Whether PDUs of a connection may be missing anywhere: the recorder lost some, or an export left them out. */
  isPartial(id: number): boolean {
    return this.#trace.lostPdus > 0 || this.#trace.connections[id]?.isPartial === true;
  }

  /** Which side alone was captured, where the PDUs themselves prove that the other has spoken. */
  onlySide(id: number): Side | undefined {
    if (this.#heard[id] !== 2 || this.#trace.connections[id]?.isPartial === true) return undefined;
    if (this.#counts[id * 2 + SIDES.target] === 0) return 'initiator';
    return this.#counts[id * 2 + SIDES.initiator] === 0 ? 'target' : undefined;
  }

  /** PDUs there are of a connection. */
  countOf(id: number): number {
    return (this.#counts[id * 2] ?? 0) + (this.#counts[id * 2 + 1] ?? 0);
  }

  /** Whether something of a connection may be missing between two rows, or around the one row. */
  lossBetween(id: number, from: number, to: number): boolean {
    if (this.isPartial(id)) return true;
    return [SIDES.initiator, SIDES.target].some((side) => {
      const gaps = this.#gaps.get(id * 2 + side);
      if (gaps === undefined) return false;
      const at = firstPast(gaps.before, from);
      return at < gaps.before.length && (gaps.after[at] as number) < to;
    });
  }

  /** Whether an answer of the target may be missing that was due after a row. */
  lossAfter(id: number, row: number): boolean {
    if (this.isPartial(id)) return true;
    const gaps = this.#gaps.get(id * 2 + SIDES.target);
    if (gaps === undefined) return false;
    const at = firstPast(gaps.before, row);
    return at < gaps.before.length && this.#isNear(row, gaps.after[at] as number);
  }

  /** Whether a request of the initiator may be missing that an answer belongs to. */
  lossBefore(id: number, row: number): boolean {
    if (this.isPartial(id)) return true;
    const gaps = this.#gaps.get(id * 2 + SIDES.initiator);
    if (gaps === undefined) return false;
    const at = firstPast(gaps.before, row);
    const around = at < gaps.before.length && (gaps.after[at] as number) < row;
    return around || (at > 0 && this.#isNear(gaps.before[at - 1] as number, row));
  }

  #isNear(from: number, to: number): boolean {
    return to <= from || this.#timeOf(to) - this.#timeOf(from) < NEAR_NS;
  }

  #timeOf(row: number): number {
    const [page, i] = this.#trace.at(row);
    return page.time[i] as number;
  }
}

/** The first place whose number is past `row`, in numbers that rise. */
function firstPast(rows: readonly number[], row: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) > row) high = middle;
    else low = middle + 1;
  }
  return low;
}
