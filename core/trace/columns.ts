import type { ColumnSpec, Page } from './pages.ts';

/** One row a PDU, 64 bytes. Words are named by their place in the header, since their meaning depends on the opcode. */
export const PDU_COLUMNS = {
  /** Nanoseconds since the trace's base. */
  time: 'f64',
  /** Place of the header in the data, 48 bits; with `MARKS.pieces` a row of the piece table. */
  offsetLow: 'u32',
  offsetHigh: 'u16',
  connection: 'u16',
  /** Row of the task table, or `NO_TASK`. */
  task: 'u32',
  itt: 'u32',
  word20: 'u32',
  word24: 'u32',
  word28: 'u32',
  word32: 'u32',
  word36: 'u32',
  word40: 'u32',
  word44: 'u32',
  /** TotalAHSLength in the highest byte, DataSegmentLength below. */
  lengths: 'u32',
  /** Data bytes that were kept. */
  stored: 'u32',
  /** First byte of the header: I bit and opcode. */
  opcode: 'u8',
  /** Second byte of the header. */
  flags: 'u8',
  marks: 'u8',
  /** Fourth byte of the header: the status where there is one. */
  status: 'u8',
} as const satisfies ColumnSpec;

/** A page of PDUs. */
export type PduPage = Page<typeof PDU_COLUMNS>;

/** Bits of a PDU's `marks`. */
export const MARKS = {
  fromInitiator: 1,
  /** The bytes lie in several places, listed in the piece table. */
  pieces: 2,
  /** Four bytes of header digest lie behind the header in the data. */
  headerDigest: 4,
  headerDigestBad: 8,
  dataDigestBad: 16,
  /** Bytes of this direction are missing before this PDU. */
  gapBefore: 32,
  /** The capture lacks part of the data although it should have it. */
  cut: 64,
  /** Its sender ended the connection before its end. */
  brokenOff: 128,
} as const;

/** Stands for "belongs to no task". */
export const NO_TASK = 0xffffffff;

/** One row a task: a command with everything that answered it. */
export const TASK_COLUMNS = {
  start: 'f64',
  /** Time of the PDU that ended it; NaN while none has. */
  end: 'f64',
  bytesIn: 'f64',
  bytesOut: 'f64',
  firstPdu: 'u32',
  lastPdu: 'u32',
  pdus: 'u32',
  itt: 'u32',
  cmdSn: 'u32',
  expectedLength: 'u32',
  lunHigh: 'u32',
  lunLow: 'u32',
  lbaHigh: 'u32',
  lbaLow: 'u32',
  blocks: 'u32',
  residual: 'u32',
  cdb0: 'u32',
  cdb4: 'u32',
  cdb8: 'u32',
  cdb12: 'u32',
  r2ts: 'u32',
  /** Tasks of its connection under way when it began, itself not counted. */
  queued: 'u32',
  connection: 'u16',
  flags: 'u16',
  /** Opcode of the PDU that began it. */
  opcode: 'u8',
  status: 'u8',
  response: 'u8',
  senseKey: 'u8',
  asc: 'u8',
  ascq: 'u8',
} as const satisfies ColumnSpec;

/** A page of tasks. */
export type TaskPage = Page<typeof TASK_COLUMNS>;

/** Bits of a task's `flags`. */
export const TASK_FLAGS = {
  ended: 1,
  /** Its beginning is not in the trace. */
  orphan: 2,
  hasStatus: 4,
  /** Another task took its tag while it was open. */
  tagReused: 8,
  rejected: 16,
  overflow: 32,
  underflow: 64,
  hasSense: 128,
  read: 256,
  write: 512,
  hasLba: 1024,
  /** The status came with the last data. */
  phaseCollapse: 2048,
  /** A task management function called it off, so that no answer is due; `end` is when. */
  aborted: 4096,
  /** What answered it may be among PDUs that the trace lacks, as long as it has not ended. */
  unrecorded: 8192,
  /** Its CDB counts blocks. */
  hasBlocks: 16384,
} as const;

/** Where the pieces of a PDU lie that no single run of bytes holds; an offset below zero is a hole. */
export const PIECE_COLUMNS = { offset: 'f64', length: 'u32' } as const satisfies ColumnSpec;

/** Whether data of a PDU was not kept, so that what it lacks may have been there. */
export function isCut(page: PduPage, i: number): boolean {
  return (page.stored[i] as number) < ((page.lengths[i] as number) & 0xffffff);
}

/** LUN, CDB and other eight-byte values of two words as a bigint. */
export function joinWords(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
