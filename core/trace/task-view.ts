import { writeU32 } from '../bytes/index.ts';
import { OPCODES } from '../pdu/index.ts';
import { decodeLun } from '../scsi/index.ts';
import { joinWords, TASK_FLAGS, type TaskPage } from './columns.ts';
import type { Trace } from './trace.ts';

/** A task as one object, for those who look at few of them. */
export interface TaskView {
  readonly task: number;
  readonly connection: number;
  /** Opcode of the PDU that began it. */
  readonly opcode: number;
  readonly itt: number;
  readonly cmdSn: number;
  readonly lun: bigint;
  /** The first 16 bytes of the CDB; empty where it is no SCSI command. */
  readonly cdb: Uint8Array;
  /** Peripheral device type of its unit, as far as the trace has told. */
  readonly deviceType: number;
  readonly lba: bigint | undefined;
  readonly blocks: number | undefined;
  readonly expectedLength: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly r2ts: number;
  readonly queued: number;
  readonly startNs: number;
  readonly endNs: number | undefined;
  readonly latencyNs: number | undefined;
  readonly status: number | undefined;
  readonly response: number;
  readonly sense: { readonly key: number; readonly asc: number; readonly ascq: number } | undefined;
  readonly residual: number;
  readonly flags: number;
  readonly firstPdu: number;
  readonly lastPdu: number;
  readonly pdus: number;
}

/** The first 16 bytes of a task's CDB. */
export function cdbOf(page: TaskPage, i: number): Uint8Array {
  const cdb = new Uint8Array(16);
  writeU32(cdb, 0, page.cdb0[i] as number);
  writeU32(cdb, 4, page.cdb4[i] as number);
  writeU32(cdb, 8, page.cdb8[i] as number);
  writeU32(cdb, 12, page.cdb12[i] as number);
  return cdb;
}

/** Whether the task is a SCSI command whose beginning was seen. */
export function isCommand(page: TaskPage, i: number): boolean {
  return page.opcode[i] === OPCODES.scsiCommand;
}

/** A LUN by the number people call it, or its bytes in hex where the form has none. */
export function lunLabel(lun: bigint): number | string {
  const parts = decodeLun(lun);
  return parts.number !== undefined &&
    parts.lowerLevels.length === 0 &&
    parts.method !== 'well-known' &&
    parts.method !== 'logical-unit'
    ? parts.number
    : parts.hex;
}

/** Reads a task. */
export function viewTask(trace: Trace, task: number): TaskView {
  const [page, i] = trace.taskAt(task);
  const flags = page.flags[i] as number;
  const startNs = page.start[i] as number;
  const ended = (flags & TASK_FLAGS.ended) !== 0;
  const endNs = ended ? (page.end[i] as number) : undefined;
  const orphan = (flags & TASK_FLAGS.orphan) !== 0;
  return {
    task,
    connection: page.connection[i] as number,
    opcode: page.opcode[i] as number,
    itt: page.itt[i] as number,
    cmdSn: page.cmdSn[i] as number,
    lun: joinWords(page.lunHigh[i] as number, page.lunLow[i] as number),
    cdb: isCommand(page, i) ? cdbOf(page, i) : new Uint8Array(0),
    deviceType: trace.deviceTypeOf(task),
    lba: (flags & TASK_FLAGS.hasLba) === 0 ? undefined : joinWords(page.lbaHigh[i] as number, page.lbaLow[i] as number),
    blocks: (flags & TASK_FLAGS.hasBlocks) === 0 ? undefined : page.blocks[i],
    expectedLength: page.expectedLength[i] as number,
    bytesIn: page.bytesIn[i] as number,
    bytesOut: page.bytesOut[i] as number,
    r2ts: page.r2ts[i] as number,
    queued: page.queued[i] as number,
    startNs,
    endNs,
    latencyNs: endNs === undefined || orphan ? undefined : endNs - startNs,
    status: (flags & TASK_FLAGS.hasStatus) === 0 ? undefined : page.status[i],
    response: page.response[i] as number,
    sense:
      (flags & TASK_FLAGS.hasSense) === 0
        ? undefined
        : { key: page.senseKey[i] as number, asc: page.asc[i] as number, ascq: page.ascq[i] as number },
    residual: page.residual[i] as number,
    flags,
    firstPdu: page.firstPdu[i] as number,
    lastPdu: page.lastPdu[i] as number,
    pdus: page.pdus[i] as number,
  };
}
