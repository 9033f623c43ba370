import type { LogicalUnit } from '../unit/logical-unit.ts';
import type { Outcome, Plan } from '../unit/outcome.ts';
import type { TaskSlot } from '../unit/task-set.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

/** Data asked for with an R2T. */
export interface Solicitation {
  readonly task: Task;
  readonly ttt: number;
  readonly r2tSn: number;
  readonly offset: number;
  readonly length: number;
  /** Bytes of it that have come. */
  received: number;
  dataSn: number;
  /** Something of it was lost or damaged; the rest is dropped until its last PDU. */
  damaged: boolean;
}

/** A Data-In or R2T as it went out, and the buffer offset it was about. */
export interface SentPdu {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

const EMPTY = new Uint8Array(0);

/** One SCSI command in progress. */
export class Task {
  readonly session: Session;
  /** The connection it is allegiant to (RFC 7143 4.2.5.1); a reassignment changes it. */
  connection: Connection;
  readonly itt: number;
  readonly cmdSn: number;
  readonly immediate: boolean;
  readonly lunHigh: number;
  readonly lunLow: number;
  readonly lun: number;
  readonly cdb: Uint8Array;
  /** Bytes the initiator takes (R set) and sends (W set). */
  readonly readExpected: number;
  readonly writeExpected: number;
  unit: LogicalUnit | undefined;
  plan: Plan | undefined;
  slot: TaskSlot | undefined;

  /** Bytes of data-out that matter: what the command uses of what the initiator sends. */
  wanted = 0;
  buffer: Uint8Array = EMPTY;
  /** Bytes counted against the memory for incoming data. */
  reserved = 0;
  /** Contiguous bytes received, counting those that do not matter. */
  received = 0;
  unsolicitedOpen = false;
  unsolicitedDataSn = 0;
  solicitations: Solicitation[] = [];
  nextR2tOffset = 0;
  r2tSn = 0;
  /** When the data awaited now must have come. */
  dataDeadline = 0;
  /** Set where the command has failed but data is still to come first (RFC 7143 11.4.2). */
  failure: Outcome | undefined;

  dataSn = 0;
  sentBytes = 0;
  running = false;
  aborted = false;
  answered = false;
  /** Called when it has ended one way or the other. */
  onEnd: (() => void)[] = [];
  /** Bytes since the last Data-In with F set. */
  sequenceBytes = 0;
  /** Recovery R2Ts sent. */
  recoveries = 0;
  /** PDUs sent, kept for retransmission at error recovery level 1 and up; indexed by DataSN or R2TSN. */
  readonly sentPdus: (SentPdu | undefined)[] = [];
  #acknowledgeTag = 0;

  constructor(fields: {
    readonly session: Session;
    readonly connection: Connection;
    readonly itt: number;
    readonly cmdSn: number;
    readonly immediate: boolean;
    readonly lunHigh: number;
    readonly lunLow: number;
    readonly lun: number;
    readonly cdb: Uint8Array;
    readonly readExpected: number;
    readonly writeExpected: number;
  }) {
    this.session = fields.session;
    this.connection = fields.connection;
    this.itt = fields.itt;
    this.cmdSn = fields.cmdSn;
    this.immediate = fields.immediate;
    this.lunHigh = fields.lunHigh;
    this.lunLow = fields.lunLow;
    this.lun = fields.lun;
    this.cdb = fields.cdb;
    this.readExpected = fields.readExpected;
    this.writeExpected = fields.writeExpected;
  }

  /** The unit; a task without one never runs. */
  get unitOrFail(): LogicalUnit {
    if (this.unit === undefined) throw new Error('The task has no logical unit.');
    return this.unit;
  }

  /** The tag a DataACK for this task carries. */
  acknowledgeTag(): number {
    if (this.#acknowledgeTag === 0) this.#acknowledgeTag = this.session.takeTransferTag();
    return this.#acknowledgeTag;
  }

  /** Whether a DataACK with this tag is about this task. */
  hasAcknowledgeTag(tag: number): boolean {
    return tag !== 0 && tag === this.#acknowledgeTag;
  }

  /** Whether data from the initiator is still on its way. */
  get awaitsData(): boolean {
    return this.unsolicitedOpen || this.solicitations.length > 0;
  }
}
