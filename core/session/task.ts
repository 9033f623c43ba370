import type { LunascopeError } from '../errors/index.ts';
import type { AskedRanges } from './asked-ranges.ts';

/** Where a task stands. */
export type TaskState = 'new' | 'queued' | 'sent' | 'aborting' | 'done';

/** Takes Data-In as it comes instead of one buffer; a segment handed over is the consumer's. */
export interface DataInConsumer {
  /** Takes the next bytes of the transfer, in order; false asks for the connection's reading to pause. */
  push(segment: Uint8Array): boolean;
}

/** Gives Data-Out as it is asked for. */
export interface DataOutSource {
  /** Fills `into` with the next bytes of the transfer and returns true, or false when they are not there yet. */
  pull(into: Uint8Array): boolean;
}

/** What a caller asks for. */
export interface TaskRequest {
  readonly lunHigh: number;
  readonly lunLow: number;
  readonly cdb: Uint8Array;
  /** Buffer the answer is placed in; its length is what is expected. */
  readonly dataIn?: Uint8Array;
  /**
   * Gives that buffer, at least `expectedIn` bytes long, once the first of the answer comes; until then the command takes no
   * memory for it. A command that is sent again keeps what it was given. What this throws is what the task ends with.
   */
  readonly takeDataIn?: () => Uint8Array;
  /** Bytes to send. */
  readonly dataOut?: Uint8Array;
  /** Takes the answer as a stream, `expectedIn` bytes of it. */
  readonly consumer?: DataInConsumer;
  readonly expectedIn?: number;
  /** Gives the bytes to send as a stream, `expectedOut` of them. */
  readonly source?: DataOutSource;
  readonly expectedOut?: number;
  readonly attribute?: number;
  /** Data must come whole: GOOD with fewer bytes than asked for is an error (block reads). */
  readonly whole?: boolean;
  /** May be sent again after its outcome was not seen, without changing anything. */
  readonly idempotent?: boolean;
  /** Milliseconds the whole command may take. */
  readonly timeoutMs?: number;
  /** Milliseconds without any progress, in place of a deadline for the whole; for streams and long jobs. */
  readonly noProgressMs?: number;
  /** Connection to use; any where it is left out. */
  readonly connection?: number;
}

/** One SCSI task from submission to its end. The submitter owns the object and may submit it again once it is done. */
export class Task {
  lunHigh = 0;
  lunLow = 0;
  cdb: Uint8Array;
  dataIn: Uint8Array | undefined;
  takeDataIn: (() => Uint8Array) | undefined;
  /** Why there is no memory for the answer, which is dropped as it comes. */
  memoryError: LunascopeError | undefined;
  dataOut: Uint8Array | undefined;
  consumer: DataInConsumer | undefined;
  source: DataOutSource | undefined;
  expectedIn = 0;
  expectedOut = 0;
  attribute = 1;
  whole = false;
  idempotent = false;
  timeoutMs = 0;
  noProgressMs = 0;
  wantedConnection = -1;

  state: TaskState = 'new';
  itt = 0;
  cmdSn = 0;
  connection = -1;
  deadline = 0;
  submittedAt = 0;
  sentAt = 0;
  finishedAt = 0;
  /** Bytes of Data-In in place. */
  received = 0;
  nextDataSn = 0;
  nextR2tSn = 0;
  /** Where the next solicited or unsolicited data begins. */
  sentOut = 0;
  /** What was sent of a transfer whose parts may be asked for in any order; undefined where they come in theirs. */
  asked: AskedRanges | undefined;
  /** Solicitations not served yet, oldest first: pairs of (ttt, offset, length, sent so far, DataSN). */
  solicited: Solicitation[] | undefined;
  retries = 0;
  /** DataSN or R2TSN the target was last asked to send again from, when, and how often; -1 while it was not. */
  askedSn = -1;
  askedAt = 0;
  requests = 0;
  /** How often the command was sent again under its own number, as the target had not taken it. */
  resends = 0;
  /** The end of the transfer was asked for, in case it was lost. */
  tailAsked = false;
  /** The task was moved to another connection, whose first R2T is numbered as the target likes. */
  reassigned = false;

  /** SCSI status as it came; -1 while there is none. */
  status = -1;
  response = 0;
  sense: Uint8Array | undefined;
  residual = 0;
  residualKind: 'none' | 'underflow' | 'overflow' = 'none';
  warning: string | undefined;
  error: LunascopeError | undefined;
  /** Why the task is being aborted. */
  abortReason: LunascopeError | undefined;

  /** Called once, when the task is done. */
  onDone: (task: Task) => void;

  constructor(request: TaskRequest, onDone: (task: Task) => void) {
    this.lunHigh = request.lunHigh;
    this.lunLow = request.lunLow;
    this.cdb = request.cdb;
    this.dataIn = request.dataIn;
    this.takeDataIn = request.takeDataIn;
    this.dataOut = request.dataOut;
    this.consumer = request.consumer;
    this.source = request.source;
    this.expectedIn = request.expectedIn ?? request.dataIn?.length ?? 0;
    this.expectedOut = request.expectedOut ?? request.dataOut?.length ?? 0;
    this.attribute = request.attribute ?? 1;
    this.whole = request.whole ?? false;
    this.idempotent = request.idempotent ?? false;
    this.timeoutMs = request.timeoutMs ?? 0;
    this.noProgressMs = request.noProgressMs ?? 0;
    this.wantedConnection = request.connection ?? -1;
    this.onDone = onDone;
  }

  /** Bytes of Data-Out that were sent, each counted once. */
  get movedOut(): number {
    return this.asked?.bytes ?? this.sentOut;
  }

  /** Makes a task ready to be sent from its first byte on. */
  restart(): void {
    this.received = 0;
    this.nextDataSn = 0;
    this.nextR2tSn = 0;
    this.sentOut = 0;
    this.asked = undefined;
    this.solicited = undefined;
    this.askedSn = -1;
    this.requests = 0;
    this.tailAsked = false;
    this.reassigned = false;
    this.memoryError = undefined;
  }

  /** Makes a finished task ready to be submitted once more. */
  reset(): void {
    this.restart();
    if (this.takeDataIn !== undefined) this.dataIn = undefined;
    this.state = 'new';
    this.connection = -1;
    this.retries = 0;
    this.resends = 0;
    this.status = -1;
    this.response = 0;
    this.sense = undefined;
    this.residual = 0;
    this.residualKind = 'none';
    this.warning = undefined;
    this.error = undefined;
    this.abortReason = undefined;
  }
}

/** Data a target has asked for with an R2T, or the unsolicited burst. */
export interface Solicitation {
  readonly ttt: number;
  readonly end: number;
  at: number;
  dataSn: number;
}
