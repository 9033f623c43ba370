import { readU32 } from '../../bytes/index.ts';
import { AHS_TYPES, cutAhs, OPCODES } from '../../pdu/index.ts';
import type { TaskPage } from '../columns.ts';
import type { Trace } from '../trace.ts';

/** How much a command was to read, and how far from that its status says it came. */
export interface ReadAmounts {
  readonly expected: number;
  readonly residual: number;
  readonly under: boolean;
  readonly over: boolean;
}

/** What a command that reads and writes expects to read, from its additional headers (RFC 7143 11.2.2.4). */
export function readLength(trace: Trace, row: number): number | undefined {
  const found = cutAhs(trace.readPdu(row, 0).ahs).find(
    ({ type, length }) => type === AHS_TYPES.bidirectionalReadLength && length >= 5,
  );
  return found === undefined ? undefined : readU32(found.content, 1);
}

/** The read half of a command that reads and writes, where its response tells of it (RFC 7143 11.4.1, 11.4.6). */
export function readHalf(trace: Trace, page: TaskPage, i: number): ReadAmounts | undefined {
  const [pdus, k] = trace.at(page.lastPdu[i] as number);
  if (((pdus.opcode[k] as number) & 0x3f) !== OPCODES.scsiResponse) return undefined;
  const expected = readLength(trace, page.firstPdu[i] as number);
  if (expected === undefined) return undefined;
  const flags = pdus.flags[k] as number;
  return { expected, residual: pdus.word40[k] as number, under: (flags & 8) !== 0, over: (flags & 16) !== 0 };
}
