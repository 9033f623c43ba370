import { padded } from '../../bytes/index.ts';
import { BHS_LENGTH, OPCODES } from '../../pdu/index.ts';
import { serviceActionIn } from '../cdb-extent.ts';
import { joinWords, MARKS, TASK_FLAGS, type PduPage, type TaskPage } from '../columns.ts';
import { HAS_FINAL, WORD_USE, type WordUse } from '../fields-of.ts';
import { lunLabel } from '../task-view.ts';
import type { Trace } from '../trace.ts';
import { cdbReader } from './cdb-fields.ts';
import type { FilterField } from './field-types.ts';
import { headerReader } from './header-fields.ts';

/** Copies a field of rows `0..count` of a page into doubles; NaN where a row does not have it. `first` is the page's first row. */
export type PduReader = (page: PduPage, count: number, out: Float64Array, first: number) => void;
/** The same for tasks. */
export type TaskReader = (page: TaskPage, count: number, out: Float64Array, first: number) => void;

type Word = 'word20' | 'word24' | 'word28' | 'word32' | 'word36' | 'word40' | 'word44';

function table(test: (use: WordUse, opcode: number) => boolean): Uint8Array {
  return Uint8Array.from(WORD_USE, (use, opcode) => (test(use, opcode) ? 1 : 0));
}

function word(name: Word, test: (use: WordUse, opcode: number) => boolean): PduReader {
  const has = table(test);
  return (page, count, out) => {
    const column = page[name];
    const { opcode } = page;
    for (let i = 0; i < count; i += 1) out[i] = has[(opcode[i] as number) & 0x3f] === 1 ? (column[i] as number) : NaN;
  };
}

/** Some bits of a value, where the opcode is one of those given. */
function bitsOf(
  name: Word | 'flags' | 'opcode' | 'marks',
  shift: number,
  mask: number,
  ...opcodes: readonly number[]
): PduReader {
  const all = opcodes.length === 0;
  const has = table((_use, opcode) => all || opcodes.includes(opcode));
  return (page, count, out) => {
    const column = page[name];
    const { opcode } = page;
    for (let i = 0; i < count; i += 1)
      out[i] = has[(opcode[i] as number) & 0x3f] === 1 ? ((column[i] as number) >>> shift) & mask : NaN;
  };
}

/** 1 where any of the bits is set, else 0. */
function anyBit(name: 'flags' | 'opcode' | 'marks', bits: number, ...opcodes: readonly number[]): PduReader {
  const read = bitsOf(name, 0, bits, ...opcodes);
  return (page, count, out, first) => {
    read(page, count, out, first);
    for (let i = 0; i < count; i += 1) if ((out[i] as number) > 0) out[i] = 1;
  };
}

function plain(name: 'itt' | 'connection' | 'flags'): PduReader {
  return (page, count, out) => {
    const column = page[name];
    for (let i = 0; i < count; i += 1) out[i] = column[i] as number;
  };
}

/** From the trace's base; filters by time count from the first PDU or packet, which no page knows. */
function timeOf(page: PduPage, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i += 1) out[i] = page.time[i] as number;
}

/** Steps from each number to the next; what the first is a step from lies on the page before, and is taken off by the reader's caller. */
function steps(column: Float64Array, count: number, out: Float64Array): void {
  for (let i = count - 1; i > 0; i -= 1) out[i] = (column[i] as number) - (column[i - 1] as number);
  out[0] = column[0] as number;
}

/** When the PDU before a row was; not a number for the first. */
export function timeBefore(trace: Trace, row: number): number {
  if (row === 0) return NaN;
  const [page, i] = trace.at(row - 1);
  return page.time[i] as number;
}

/** When the task before began; not a number for the first. */
export function startBefore(trace: Trace, task: number): number {
  if (task === 0) return NaN;
  const [page, i] = trace.taskAt(task - 1);
  return page.start[i] as number;
}

const O = OPCODES;

/** The next stage means something only where the T bit is set (RFC 7143 11.12.3). */
function nextStage({ opcode, flags }: PduPage, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i += 1) {
    const kind = (opcode[i] as number) & 0x3f;
    const login = kind === O.loginRequest || kind === O.loginResponse;
    out[i] = login && ((flags[i] as number) & 0x80) !== 0 ? (flags[i] as number) & 3 : NaN;
  }
}

const FINALS = HAS_FINAL.flatMap((has, opcode) => (has ? [opcode] : []));

/** Readers of the fields that the index of PDUs holds. */
export const PDU_READERS: Readonly<Record<string, PduReader>> = {
  n: (_page, count, out, first) => {
    for (let i = 0; i < count; i += 1) out[i] = first + i + 1;
  },
  time: timeOf,
  'frame.time_relative': timeOf,
  delta: ({ time }, count, out) => steps(time, count, out),
  iscsi: (_page, count, out) => {
    out.fill(1, 0, count);
  },
  dir: bitsOf('marks', 0, MARKS.fromInitiator),
  connection: plain('connection'),
  opcode: bitsOf('opcode', 0, 0x3f),
  flags: plain('flags'),
  itt: plain('itt'),
  ttt: word('word20', (use) => use.ttt),
  cmdSn: word('word24', (use) => use.cmdSn),
  expCmdSn: word('word28', (use) => use.window),
  maxCmdSn: word('word32', (use) => use.window),
  statSn: word('word24', (use) => use.statSn),
  expStatSn: word('word28', (use) => use.expStatSn),
  dataSn: word('word36', (use) => use.dataSn),
  r2tSn: word('word36', (use) => use.r2tSn),
  bufferOffset: word('word40', (use) => use.bufferOffset),
  desired: word('word44', (use) => use.r2tSn),
  length: (page, count, out) => {
    for (let i = 0; i < count; i += 1) out[i] = (page.lengths[i] as number) & 0xffffff;
  },
  pduLength: ({ lengths }, count, out) => {
    for (let i = 0; i < count; i += 1)
      out[i] = BHS_LENGTH + ((lengths[i] as number) >>> 24) * 4 + padded((lengths[i] as number) & 0xffffff);
  },
  ahsLength: (page, count, out) => {
    for (let i = 0; i < count; i += 1) out[i] = (page.lengths[i] as number) >>> 24;
  },
  immediate: bitsOf('opcode', 6, 1),
  final: bitsOf('flags', 7, 1, ...FINALS),
  dataStatus: bitsOf('flags', 0, 1, O.dataIn),
  'login.T': bitsOf('flags', 7, 1, O.loginRequest, O.loginResponse),
  'login.C': bitsOf('flags', 6, 1, O.loginRequest, O.loginResponse),
  'login.csg': bitsOf('flags', 2, 3, O.loginRequest, O.loginResponse),
  'login.nsg': nextStage,
  'login.status': bitsOf('word36', 16, 0xffff, O.loginResponse),
  tmf: bitsOf('flags', 0, 0x7f, O.taskManagementRequest),
  'logout.reason': bitsOf('flags', 0, 0x7f, O.logoutRequest),
  async: bitsOf('word36', 24, 0xff, O.asyncMessage),
  snack: bitsOf('flags', 0, 15, O.snackRequest),
  malformed: anyBit('marks', MARKS.brokenOff | MARKS.headerDigestBad),
  gap: anyBit('marks', MARKS.gapBefore),
  cut: anyBit('marks', MARKS.cut),
  digestError: anyBit('marks', MARKS.headerDigestBad | MARKS.dataDigestBad),
};

type TaskColumn =
  'pdus' | 'blocks' | 'expectedLength' | 'r2ts' | 'queued' | 'residual' | 'status' | 'senseKey' | 'asc' | 'ascq';

function task(name: TaskColumn, needs = 0): TaskReader {
  return (page, count, out) => {
    const column = page[name];
    const { flags } = page;
    for (let i = 0; i < count; i += 1) out[i] = ((flags[i] as number) & needs) === needs ? (column[i] as number) : NaN;
  };
}

/** A value of commands alone, made of two words of their CDB. */
function command(read: (cdb0: number, cdb8: number) => number): TaskReader {
  return (page, count, out) => {
    const { opcode, cdb0, cdb8 } = page;
    for (let i = 0; i < count; i += 1)
      out[i] = opcode[i] === O.scsiCommand ? read(cdb0[i] as number, cdb8[i] as number) : NaN;
  };
}

function scsiOpcode(page: TaskPage, count: number, out: Float64Array): void {
  const { opcode, cdb0 } = page;
  for (let i = 0; i < count; i += 1) out[i] = opcode[i] === O.scsiCommand ? (cdb0[i] as number) >>> 24 : NaN;
}

function taskFlag(bit: number): TaskReader {
  return (page, count, out) => {
    const { flags } = page;
    for (let i = 0; i < count; i += 1) out[i] = ((flags[i] as number) & bit) === 0 ? 0 : 1;
  };
}

/** Whether a task ended well: with GOOD or without a status, and with an answer that accepts. */
export function taskIsOk(page: TaskPage, i: number): boolean {
  const flags = page.flags[i] as number;
  if ((flags & TASK_FLAGS.ended) === 0 || (flags & TASK_FLAGS.rejected) !== 0) return false;
  if (page.opcode[i] === O.scsiCommand)
    return page.response[i] === 0 && ((flags & TASK_FLAGS.hasStatus) === 0 || page.status[i] === 0);
  if (page.opcode[i] === O.loginRequest) return page.status[i] === 0;
  return page.response[i] === 0 && page.status[i] === 0;
}

function latency({ flags, start, end }: TaskPage, count: number, out: Float64Array): void {
  const wanted = TASK_FLAGS.ended | TASK_FLAGS.orphan;
  for (let i = 0; i < count; i += 1) {
    const measured = ((flags[i] as number) & wanted) === TASK_FLAGS.ended;
    out[i] = measured ? (end[i] as number) - (start[i] as number) : NaN;
  }
}

/** 1 for tasks that ended, and ended as wanted: well or not. */
function ended(wanted: boolean): TaskReader {
  return (page, count, out) => {
    const { flags, opcode, status, response } = page;
    for (let i = 0; i < count; i += 1) {
      const marks = flags[i] as number;
      // Most tasks are commands with a status and an answer; the others take the long way.
      const plain = (marks & PLAIN) === (TASK_FLAGS.ended | TASK_FLAGS.hasStatus) && opcode[i] === O.scsiCommand;
      const good = plain ? response[i] === 0 && status[i] === 0 : taskIsOk(page, i);
      out[i] = (marks & TASK_FLAGS.ended) !== 0 && good === wanted ? 1 : 0;
    }
  };
}

const OUTCOME = TASK_FLAGS.ended | TASK_FLAGS.aborted | TASK_FLAGS.unrecorded;
const PLAIN = TASK_FLAGS.ended | TASK_FLAGS.hasStatus | TASK_FLAGS.rejected;

const hasLun = table((use) => use.lun);

/** LUNs repeat: the last one is remembered, since taking one apart costs more than reading the column. */
function lun({ opcode, lunHigh, lunLow }: TaskPage, count: number, out: Float64Array): void {
  let [high, low, value] = [0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    if (hasLun[opcode[i] as number] !== 1) {
      out[i] = NaN;
      continue;
    }
    if (lunHigh[i] !== high || lunLow[i] !== low) {
      high = lunHigh[i] as number;
      low = lunLow[i] as number;
      const label = lunLabel(joinWords(high, low));
      value = typeof label === 'number' ? label : NaN;
    }
    out[i] = value;
  }
}

/** The response a PDU of its own gave: not a status that came with data, nor the reason of a Reject. */
function response(begun: number): TaskReader {
  const told = TASK_FLAGS.ended | TASK_FLAGS.phaseCollapse | TASK_FLAGS.rejected;
  return ({ flags, opcode, response: column }, count, out) => {
    for (let i = 0; i < count; i += 1) {
      const answered = ((flags[i] as number) & told) === TASK_FLAGS.ended && opcode[i] === begun;
      out[i] = answered ? (column[i] as number) : NaN;
    }
  };
}

/** The number the first or the last PDU of a task goes by, where the task's flags are as wanted. */
function numberOf(name: 'firstPdu' | 'lastPdu', looked: number, wanted: number): TaskReader {
  return (page, count, out) => {
    const column = page[name];
    for (let i = 0; i < count; i += 1)
      out[i] = ((page.flags[i] as number) & looked) === wanted ? (column[i] as number) + 1 : NaN;
  };
}

/** Readers of the fields that the task table holds. */
export const TASK_READERS: Readonly<Record<string, TaskReader>> = {
  task: (_page, count, out, first) => {
    for (let i = 0; i < count; i += 1) out[i] = first + i;
  },
  'task.delta': ({ start }, count, out) => steps(start, count, out),
  'scsi.opcode': scsiOpcode,
  serviceAction: command(serviceActionIn),
  lun,
  lba: (page, count, out) => {
    for (let i = 0; i < count; i += 1)
      out[i] =
        ((page.flags[i] as number) & TASK_FLAGS.hasLba) === 0
          ? NaN
          : (page.lbaHigh[i] as number) * 2 ** 32 + (page.lbaLow[i] as number);
  },
  blocks: task('blocks', TASK_FLAGS.hasBlocks),
  lastLba: (page, count, out) => {
    for (let i = 0; i < count; i += 1) {
      const blocks = page.blocks[i] as number;
      const named = ((page.flags[i] as number) & TASK_FLAGS.hasLba) !== 0 && blocks > 0;
      out[i] = named ? (page.lbaHigh[i] as number) * 2 ** 32 + (page.lbaLow[i] as number) + blocks - 1 : NaN;
    }
  },
  expected: (page, count, out) => {
    const { opcode, expectedLength } = page;
    for (let i = 0; i < count; i += 1) out[i] = opcode[i] === O.scsiCommand ? (expectedLength[i] as number) : NaN;
  },
  bytes: (page, count, out) => {
    for (let i = 0; i < count; i += 1) out[i] = (page.bytesIn[i] as number) + (page.bytesOut[i] as number);
  },
  request: numberOf('firstPdu', TASK_FLAGS.orphan, 0),
  response: numberOf('lastPdu', TASK_FLAGS.ended, TASK_FLAGS.ended),
  scsi: ({ opcode }, count, out) => {
    for (let i = 0; i < count; i += 1) out[i] = opcode[i] === O.scsiCommand ? 1 : 0;
  },
  pdus: task('pdus'),
  r2ts: task('r2ts'),
  queued: task('queued'),
  residual: task('residual', TASK_FLAGS.hasStatus),
  status: task('status', TASK_FLAGS.hasStatus),
  'sense.key': task('senseKey', TASK_FLAGS.hasSense),
  'sense.asc': task('asc', TASK_FLAGS.hasSense),
  'sense.ascq': task('ascq', TASK_FLAGS.hasSense),
  'sense.code': (page, count, out) => {
    for (let i = 0; i < count; i += 1)
      out[i] =
        ((page.flags[i] as number) & TASK_FLAGS.hasSense) === 0
          ? NaN
          : (page.asc[i] as number) * 256 + (page.ascq[i] as number);
  },
  latency,
  'iscsi.time': latency,
  'scsi.response': response(O.scsiCommand),
  'tmf.response': response(O.taskManagementRequest),
  'logout.response': response(O.logoutRequest),
  reject: (page, count, out) => {
    for (let i = 0; i < count; i += 1)
      out[i] = ((page.flags[i] as number) & TASK_FLAGS.rejected) === 0 ? NaN : (page.response[i] as number);
  },
  ok: ended(true),
  failed: ended(false),
  answered: taskFlag(TASK_FLAGS.ended),
  orphan: taskFlag(TASK_FLAGS.orphan),
  rejected: taskFlag(TASK_FLAGS.rejected),
  aborted: taskFlag(TASK_FLAGS.aborted),
  unrecorded: (page, count, out) => {
    for (let i = 0; i < count; i += 1) out[i] = ((page.flags[i] as number) & OUTCOME) === TASK_FLAGS.unrecorded ? 1 : 0;
  },
  read: taskFlag(TASK_FLAGS.read),
  write: taskFlag(TASK_FLAGS.write),
  overflow: taskFlag(TASK_FLAGS.overflow),
  underflow: taskFlag(TASK_FLAGS.underflow),
};

const pduReaders = new Map<FilterField, PduReader>();
const taskReaders = new Map<FilterField, TaskReader>();

/** The reader of a field of the index: written for it, or made from the layouts of PDUs. */
export function pduReaderOf(field: FilterField): PduReader {
  const reader =
    PDU_READERS[field.name] ??
    pduReaders.get(field) ??
    (field.header === undefined ? undefined : headerReader(field.header));
  if (reader === undefined) throw new RangeError(`The filter has no reader for ${field.name}.`);
  pduReaders.set(field, reader);
  return reader;
}

/** The reader of a field of tasks: written for it, or made from the layouts of CDBs. */
export function taskReaderOf(field: FilterField): TaskReader {
  const reader =
    TASK_READERS[field.name] ?? taskReaders.get(field) ?? (field.cdb === undefined ? undefined : cdbReader(field.cdb));
  if (reader === undefined) throw new RangeError(`The filter has no reader for ${field.name}.`);
  taskReaders.set(field, reader);
  return reader;
}
