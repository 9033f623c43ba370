import {
  ASYNC_EVENT_NAMES,
  opcodeName,
  OPCODES,
  REJECT_REASON_NAMES,
  SNACK_TYPE_NAMES,
  TMF_FUNCTION_NAMES,
  TMF_RESPONSE_NAMES,
} from '../../pdu/index.ts';
import { MARKS, type PduPage } from '../columns.ts';
import type { Trace } from '../trace.ts';
import type { FindingCollector } from './collector.ts';
import type { RuleId } from './rules.ts';

const RESETS: ReadonlySet<number> = new Set([5, 6, 7, 11]);
const ABORTS: ReadonlySet<number> = new Set([1, 2, 4]);

/** Reports what single PDUs say by themselves: damage, refusals, events, aborts. */
export class EventPass {
  readonly #trace: Trace;
  readonly #collector: FindingCollector;

  constructor(trace: Trace, collector: FindingCollector) {
    this.#trace = trace;
    this.#collector = collector;
  }

  /** Looks at one PDU. */
  visit(page: PduPage, i: number, row: number): void {
    const marks = page.marks[i] as number;
    const id = page.connection[i] as number;
    if ((marks & ~(MARKS.fromInitiator | MARKS.pieces | MARKS.headerDigest)) !== 0) this.#marks(marks, row, id);
    switch ((page.opcode[i] as number) & 0x3f) {
      case OPCODES.reject: {
        const reason = this.#byte(row, 2);
        const name = REJECT_REASON_NAMES[reason] ?? `reason 0x${reason.toString(16)}`;
        this.#collector.report('reject', id, [row], () => `${name}.`);
        return;
      }
      case OPCODES.asyncMessage:
        this.#event((page.word36[i] as number) >>> 24, row, id);
        return;
      case OPCODES.taskManagementRequest: {
        const code = (page.flags[i] as number) & 0x7f;
        const name = TMF_FUNCTION_NAMES[code] ?? `function ${code}`;
        if (RESETS.has(code)) this.#collector.report('reset-issued', id, [row], () => `${name} was sent.`);
        else if (ABORTS.has(code)) this.#collector.report('task-aborted', id, [row], () => `${name} was sent.`);
        return;
      }
      case OPCODES.taskManagementResponse: {
        const response = this.#byte(row, 2);
        if (response === 0) return;
        const name = TMF_RESPONSE_NAMES[response] ?? `response ${response}`;
        this.#collector.report('tmf-failed', id, [row], () => `${name}.`);
        return;
      }
      case OPCODES.snackRequest: {
        const type = (page.flags[i] as number) & 15;
        if (type !== 2)
          this.#collector.report(
            'retransmission',
            id,
            [row],
            () => `${SNACK_TYPE_NAMES[type] ?? `Kind ${type}`} was asked for again.`,
          );
        return;
      }
      default:
    }
  }

  #marks(marks: number, row: number, id: number): void {
    const when = (bit: number, rule: RuleId, text: string): void => {
      if ((marks & bit) !== 0) this.#collector.report(rule, id, [row], () => text);
    };
    when(MARKS.headerDigestBad, 'header-digest-error', 'The header does not match its digest.');
    when(MARKS.dataDigestBad, 'data-digest-error', 'The data does not match its digest.');
    if (this.#trace.lostPdus === 0) when(MARKS.gapBefore, 'trace-gap', 'Bytes before this PDU are not in the capture.');
    if ((marks & MARKS.brokenOff) !== 0) this.#brokenOff(row, id);
    when(MARKS.cut, 'trace-sliced', 'The data of this PDU is not wholly in the capture.');
  }

  #brokenOff(row: number, id: number): void {
    this.#collector.report('broken-off', id, [row], () => {
      const [page, i] = this.#trace.at(row);
      const name = opcodeName((page.opcode[i] as number) & 0x3f);
      const length = (page.lengths[i] as number) & 0xffffff;
      const reason = this.#trace.connections[id]?.closeReason ?? '';
      return `${name}: ${page.stored[i] as number} of its ${length} data bytes came. ${reason}`.trimEnd();
    });
  }

  #event(event: number, row: number, id: number): void {
    const rule: RuleId = event === 1 ? 'async-logout' : event === 2 || event === 3 ? 'async-drop' : 'async-event';
    this.#collector.report(rule, id, [row], () => `${ASYNC_EVENT_NAMES[event] ?? `Event ${event}`}.`);
  }

  #byte(row: number, at: number): number {
    return this.#trace.readPdu(row, 0).bhs[at] as number;
  }
}
