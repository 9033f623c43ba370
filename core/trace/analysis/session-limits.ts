import { OPCODES } from '../../pdu/index.ts';
import type { PduPage } from '../columns.ts';
import { TextGather } from '../text-pairs.ts';
import type { Trace } from '../trace.ts';
import { dataLimits, LOGIN_ROWS, SEGMENT_KEY, type DataLimits } from './negotiation.ts';

/** Follows what each connection has agreed on, in its login and after. */
export class SessionLimits {
  readonly #trace: Trace;
  /** Rows of the login of each connection, until the first PDU that is none of it tells that these are all. */
  readonly #logins: (number[] | undefined)[] = [];
  readonly #limits: (DataLimits | undefined)[] = [];
  /** Texts of full feature phases that go on in a later PDU, by connection and side. */
  readonly #texts = new Map<number, TextGather>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Looks at one PDU; before those who ask what its connection has agreed on. */
  visit(page: PduPage, i: number, row: number): void {
    const opcode = (page.opcode[i] as number) & 0x3f;
    const id = page.connection[i] as number;
    if (opcode === OPCODES.loginRequest || opcode === OPCODES.loginResponse) {
      const rows = (this.#logins[id] ??= []);
      if (rows.length < LOGIN_ROWS) rows.push(row);
      return;
    }
    const rows = this.#logins[id];
    if (rows !== undefined) {
      this.#limits[id] ??= dataLimits(this.#trace, id, rows);
      this.#logins[id] = undefined;
    }
    if (opcode === OPCODES.textRequest || opcode === OPCODES.textResponse)
      this.#text(id, opcode === OPCODES.textRequest, page, i, row);
  }

  /** What a connection has agreed on, or undefined where its login was not wholly seen. */
  of(id: number): DataLimits | undefined {
    return this.#limits[id];
  }

  /** Segments may become longer later on (RFC 7143 13.12); the old length stays allowed, since what keeps to it may be on its way. */
  #text(id: number, fromInitiator: boolean, page: PduPage, i: number, row: number): void {
    const limits = this.#limits[id];
    if (limits === undefined || this.#trace.connections[id]?.sessionType === 'Discovery') return;
    const goesOn = ((page.flags[i] as number) & 0x40) !== 0;
    const key = id * 2 + (fromInitiator ? 1 : 0);
    const text = this.#texts.get(key) ?? new TextGather();
    if (goesOn) this.#texts.set(key, text);
    else this.#texts.delete(key);
    for (const pair of text.add(this.#trace.readPdu(row).data, !goesOn)) {
      if (pair.key !== SEGMENT_KEY) continue;
      const length = Number(pair.value);
      if (fromInitiator && length > limits.initiatorSegment) this.#limits[id] = { ...limits, initiatorSegment: length };
      else if (!fromInitiator && length > limits.targetSegment) this.#limits[id] = { ...limits, targetSegment: length };
    }
  }
}
