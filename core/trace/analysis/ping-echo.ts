import { OPCODES } from '../../pdu/index.ts';
import { isCut, MARKS, type TaskPage } from '../columns.ts';
import type { Trace } from '../trace.ts';
import type { SessionLimits } from './session-limits.ts';

const DAMAGED = MARKS.brokenOff | MARKS.dataDigestBad | MARKS.headerDigestBad;

/** What is wrong with the data that came back to a ping, if anything is: all of it, as far as the initiator takes it (RFC 7143 11.18, 11.19). */
export function echoFault(trace: Trace, limits: SessionLimits, page: TaskPage, i: number): string | undefined {
  const [ping, echo] = [page.firstPdu[i] as number, page.lastPdu[i] as number];
  const [answer, k] = trace.at(echo);
  if (((answer.opcode[k] as number) & 0x3f) !== OPCODES.nopIn) return undefined;
  if (isUnsure(trace, ping) || isUnsure(trace, echo)) return undefined;
  const [sent, came] = [lengthOf(trace, ping), lengthOf(trace, echo)];
  const due = Math.min(sent, limits.of(page.connection[i] as number)?.initiatorSegment ?? came);
  if (came > sent || came < due) return `${came} bytes came back of a ping of ${sent}.`;
  if (came === 0) return undefined;
  const [there, back] = [trace.readPdu(ping).data, trace.readPdu(echo).data];
  const at = back.findIndex((byte, place) => byte !== there[place]);
  return at < 0 ? undefined : `Byte ${at} of the ${came} that came back is not what was sent.`;
}

function isUnsure(trace: Trace, row: number): boolean {
  const [page, i] = trace.at(row);
  return isCut(page, i) || ((page.marks[i] as number) & DAMAGED) !== 0;
}

function lengthOf(trace: Trace, row: number): number {
  const [page, i] = trace.at(row);
  return (page.lengths[i] as number) & 0xffffff;
}
