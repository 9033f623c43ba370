import { readU24 } from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';
import { BHS_LENGTH, OPCODES } from '../pdu/index.ts';
import { endAborted } from './aborts.ts';
import type { AddressNames } from './address-names.ts';
import { MARKS, NO_TASK, PIECE_COLUMNS, type PduPage, type TaskPage } from './columns.ts';
import { TraceConnection } from './connection.ts';
import { formatNs } from './format-ns.ts';
import { PagedTable, type PageStore } from './pages.ts';
import { TaskPairing } from './pairing.ts';
import { offsetOf, PduIndex, type PduArrival } from './pdu-index.ts';
import type { TapEndpoints } from './tap.ts';

/** Random access to the bytes a trace was made of. */
export interface ByteSource {
  /** Copies bytes from `offset` into `into` and answers how many there were. */
  read(offset: number, into: Uint8Array): number;
  /** Where bytes that are not none begin in others, from a place on, or -1: for hosts that search faster than a loop. */
  find?(bytes: Uint8Array, wanted: Uint8Array, from: number): number;
}

/** Where the pages of a trace go; without it everything stays in memory. */
export interface TraceStores {
  readonly pdus: PageStore;
  readonly tasks: PageStore;
  readonly pieces: PageStore;
  /** Bytes of memory for pages of all tables together. */
  readonly memoryBytes: number;
}

/** Something about the trace as a whole that its reader should know. */
export interface TraceNote {
  readonly text: string;
  /** Where in the input it came up, where that is known. */
  readonly offset?: number;
}

/** A PDU read back: header, additional headers, and the data bytes that were kept. */
export interface StoredPdu {
  readonly bhs: Uint8Array;
  readonly ahs: Uint8Array;
  readonly data: Uint8Array;
}

/** How far a host's event loop ran late, sampled while recording. */
export interface LagSample {
  readonly timeNs: number;
  readonly lagUs: number;
}

/** Most connections a trace can name. */
export const CONNECTION_LIMIT = 0xffff;
const NOTE_LIMIT = 200;
/** Packets may stand a little out of order; a clock that goes back by more was set. */
const CLOCK_STEP_NS = 2.5e8;
const CLOCK_NOTES = 5;
const LAG_LIMIT = 20_000;
/** Memory for login text that goes on, over all connections. */
const TEXT_MEMORY = 4 << 20;
const PIECE_SHIFT = 14;
const PIECE_HOLE = -1;
const RESIDENT_SHARE = { pdus: 0.45, tasks: 0.45, pieces: 0.1 };
const PAGE_BYTES = { pdus: 64 << 14, tasks: 128 << 13, pieces: 12 << 14 };

/** A whole trace, whatever it came from: PDUs, tasks, connections, and the way back to the bytes. */
export class Trace {
  readonly pdus: PduIndex;
  readonly tasks: TaskPairing;
  readonly pieces: PagedTable<typeof PIECE_COLUMNS>;
  readonly connections: TraceConnection[] = [];
  readonly notes: TraceNote[] = [];
  readonly lags: LagSample[] = [];
  /** Unix time in ns that all times count from. */
  baseNs = 0n;
  /** When the first PDU was. */
  startNs = 0;
  /** Whether it is a recording, whose base is older than what is in it; that of a capture is its first packet. */
  isRecording = false;
  /** PDUs that were recorded once and are gone: dropped for size, or lost since the writer fell behind. */
  droppedPdus = 0;
  lostPdus = 0;
  /** Whether the input has ended, so that nothing more will come. */
  complete = false;
  source: ByteSource | undefined;
  /** What an earlier export of this program says of itself, where the input is one. */
  exportComment = '';
  /** Whether all of the input is exports of this program. */
  isOwnExport = false;
  /** Whether people have noted something in such exports. */
  isNoted = false;
  /** Names such an export gives to addresses; they stand for logins that it left out. */
  exportNames: AddressNames | undefined;
  #latestNs = -Infinity;
  #clockSteps = 0;
  #notesLeftOut = 0;
  /** Connections whose login text goes on in a later PDU, and what that takes of memory. */
  readonly #gathering = new Set<TraceConnection>();
  #gathered = 0;

  constructor(stores?: TraceStores) {
    const pagesOf = (table: keyof typeof PAGE_BYTES): number =>
      Math.max(4, Math.floor(((stores?.memoryBytes ?? 0) * RESIDENT_SHARE[table]) / PAGE_BYTES[table]));
    this.pdus = new PduIndex(stores?.pdus, pagesOf('pdus'));
    this.tasks = new TaskPairing(stores?.tasks, pagesOf('tasks'));
    this.pieces = new PagedTable(PIECE_COLUMNS, PIECE_SHIFT, stores?.pieces, pagesOf('pieces'));
  }

  /** PDUs there are. */
  get length(): number {
    return this.pdus.length;
  }

  /** When what there is begins: the first packet, or the first PDU where there are no packets. */
  get originNs(): number {
    return this.isRecording ? this.startNs : 0;
  }

  /** Adds a connection, or undefined where there are too many. */
  openConnection(endpoints: TapEndpoints, timeNs: number): TraceConnection | undefined {
    if (this.connections.length >= CONNECTION_LIMIT) return undefined;
    const connection = new TraceConnection(this.connections.length, endpoints, timeNs);
    this.connections.push(connection);
    return connection;
  }

  /** Adds a PDU, paired with its task; answers its row. */
  append(pdu: PduArrival): number {
    const connection = this.connections[pdu.connection] as TraceConnection;
    const row = this.pdus.length;
    if (row === 0) this.startNs = pdu.timeNs;
    if (pdu.timeNs >= this.#latestNs) this.#latestNs = pdu.timeNs;
    else if (pdu.timeNs < this.#latestNs - CLOCK_STEP_NS) this.#noteClock(row, pdu.timeNs);
    const side = (pdu.marks & MARKS.fromInitiator) as 0 | 1;
    if ((pdu.marks & MARKS.gapBefore) !== 0) this.#missAnswers(side, (other) => other === connection);
    connection.heardNs[side] = pdu.timeNs;
    const task = this.tasks.pair(pdu, row, connection);
    this.pdus.append(pdu, task);
    if (connection.firstPdu < 0) connection.firstPdu = row;
    connection.lastPdu = row;
    connection.pdus += 1;
    const opcode = (pdu.bytes[pdu.at] as number) & 0x3f;
    const isLogin = opcode === OPCODES.loginRequest || opcode === OPCODES.loginResponse;
    if (isLogin && (pdu.marks & MARKS.brokenOff) === 0) this.#watchLogin(connection, pdu);
    else if (opcode === OPCODES.taskManagementResponse && task !== NO_TASK) endAborted(this, task, pdu.timeNs);
    return row;
  }

  #noteClock(row: number, timeNs: number): void {
    const step = formatNs(this.#latestNs - timeNs);
    this.#latestNs = timeNs;
    this.#clockSteps += 1;
    if (this.#clockSteps <= CLOCK_NOTES)
      this.note(
        `Time goes back by ${step} at PDU ${row + 1}: the clock was set, or captures were joined. Latencies across that place are wrong.`,
      );
  }

  #watchLogin(connection: TraceConnection, { bytes, at, data, dataAt, dataLength }: PduArrival): void {
    this.#gathered -= connection.textWeight;
    const isCut = dataLength < readU24(bytes, at + 5);
    connection.watchLogin(bytes, at, data.subarray(dataAt, dataAt + dataLength), isCut);
    const weight = connection.textWeight;
    this.#gathered += weight;
    if (weight === 0) this.#gathering.delete(connection);
    else this.#gathering.add(connection);
    for (const oldest of this.#gathering) {
      if (this.#gathered <= TEXT_MEMORY) return;
      this.#gathered -= oldest.textWeight;
      oldest.forgetTexts();
      this.#gathering.delete(oldest);
      this.note('Logins whose text went on without end were given up, the oldest first, to bound memory.');
    }
  }

  /** PDUs of any connection that is up are missing from here on: the recorder could not take them. */
  loseHere(count: number): void {
    this.lostPdus += count;
    for (const side of [0, 1] as const) this.#missAnswers(side, ({ closedNs }) => Number.isNaN(closedNs));
  }

  /** Nothing more will come. */
  finish(): void {
    const more = this.#clockSteps - CLOCK_NOTES;
    if (more > 0) this.note(`Time goes back at ${more} more places.`);
    this.#missAnswers(0, ({ isPartial, lostAtEnd }) => isPartial || lostAtEnd.target);
    this.#missAnswers(1, ({ isPartial, lostAtEnd }) => isPartial || lostAtEnd.initiator);
    this.complete = true;
  }

  #missAnswers(side: 0 | 1, concerns: (connection: TraceConnection) => boolean): void {
    this.tasks.missAnswers(this.connections, side, concerns);
  }

  /** Keeps a remark for the reader; past a limit they are only counted. */
  note(text: string, offset?: number): void {
    if (offset === undefined && this.notes[this.notes.length - 1]?.text === text) return;
    if (this.notes.length < NOTE_LIMIT) this.notes.push(offset === undefined ? { text } : { text, offset });
    else this.#notesLeftOut += 1;
  }

  /** Remarks that were not kept. */
  get notesLeftOut(): number {
    return this.#notesLeftOut;
  }

  /** Keeps a lag sample; when there are many, every other one goes. */
  addLag(sample: LagSample): void {
    if (this.lags.length >= LAG_LIMIT) {
      let to = 0;
      for (let from = 0; from < this.lags.length; from += 2, to += 1) this.lags[to] = this.lags[from] as LagSample;
      this.lags.length = to;
    }
    this.lags.push(sample);
  }

  /** The index page of a row and the row's place in it. */
  at(row: number): readonly [page: PduPage, i: number] {
    if (!Number.isInteger(row) || row < 0 || row >= this.pdus.length)
      throw new UsageError('OUT_OF_RANGE', `The trace has ${this.pdus.length} PDUs; there is no row ${row}.`);
    return [this.pdus.pageOf(row), row & this.pdus.table.mask];
  }

  /** The task page of a task and its place in it. */
  taskAt(task: number): readonly [page: TaskPage, i: number] {
    if (!Number.isInteger(task) || task < 0 || task >= this.tasks.table.length)
      throw new UsageError('OUT_OF_RANGE', `The trace has ${this.tasks.table.length} tasks; there is no task ${task}.`);
    return [this.tasks.pageOf(task), task & this.tasks.table.mask];
  }

  /** Reads a PDU back with at most `dataLimit` bytes of its data. */
  readPdu(row: number, dataLimit = Infinity): StoredPdu {
    const [page, i] = this.at(row);
    const ahsLength = ((page.lengths[i] as number) >>> 24) * 4;
    const stored = Math.min(page.stored[i] as number, dataLimit);
    const marks = page.marks[i] as number;
    const header = BHS_LENGTH + ahsLength;
    const skip = (marks & MARKS.headerDigest) === 0 ? 0 : 4;
    const wire = new Uint8Array(header + (stored > 0 ? skip + stored : 0));
    const offset = offsetOf(page, i);
    const got = (marks & MARKS.pieces) === 0 ? (this.source?.read(offset, wire) ?? 0) : this.#readPieces(offset, wire);
    const dataAt = Math.min(header + skip, wire.length);
    return {
      bhs: wire.subarray(0, BHS_LENGTH),
      ahs: wire.subarray(BHS_LENGTH, header),
      data: wire.subarray(dataAt, Math.max(dataAt, got)),
    };
  }

  #readPieces(first: number, into: Uint8Array): number {
    let filled = 0;
    for (let row = first; filled < into.length && row < this.pieces.length; row += 1) {
      const page = this.pieces.page(row >> PIECE_SHIFT);
      const i = row & this.pieces.mask;
      const length = Math.min(page.length[i] as number, into.length - filled);
      const offset = page.offset[i] as number;
      if (offset === PIECE_HOLE) return filled;
      const got = this.source?.read(offset, into.subarray(filled, filled + length)) ?? 0;
      filled += got;
      if (got < length) return filled;
    }
    return filled;
  }

  /** Adds a piece of a PDU's bytes; answers its row. */
  addPiece(offset: number, length: number): number {
    const row = this.pieces.append();
    const page = this.pieces.writable(row >> PIECE_SHIFT);
    const i = row & this.pieces.mask;
    page.offset[i] = offset;
    page.length[i] = length;
    return row;
  }

  /** Where a piece lies in the input. */
  pieceAt(piece: number): number {
    return this.pieces.page(piece >> PIECE_SHIFT).offset[piece & this.pieces.mask] as number;
  }

  /** What the unit of a task is, as INQUIRY data in the trace has told; a disk as long as none has. */
  deviceTypeOf(task: number): number {
    const [page, i] = this.taskAt(task);
    const connection = this.connections[page.connection[i] as number] as TraceConnection;
    return this.tasks.units.typeOf(connection, page.lunHigh[i] as number, page.lunLow[i] as number);
  }

  /** Rows of a task in order. */
  rowsOfTask(task: number, limit = Infinity): number[] {
    const [page, i] = this.taskAt(task);
    const [first, last, count] = [page.firstPdu[i] as number, page.lastPdu[i] as number, page.pdus[i] as number];
    const rows: number[] = [];
    for (let row = first; row <= last && rows.length < count && rows.length < limit; row += 1) {
      const pdus = this.pdus.pageOf(row);
      if (pdus.task[row & this.pdus.table.mask] === task) rows.push(row);
    }
    return rows;
  }
}
