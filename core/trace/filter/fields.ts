import { COMMAND_LIST, SENSE_KEYS } from '../../scsi/index.ts';
import {
  ASYNC_EVENT_NAMES,
  LOGOUT_REASON_NAMES,
  OPCODES,
  REJECT_REASON_NAMES,
  SCSI_STATUS_NAMES,
  SNACK_TYPE_NAMES,
  TMF_FUNCTION_NAMES,
} from '../../pdu/index.ts';

/** How a field's values are written. */
export type FilterKind = 'number' | 'duration' | 'flag' | 'text' | 'bytes';

/** Where a field's value comes from; `stream` fields read the file. */
export type FilterLevel = 'pdu' | 'task' | 'connection' | 'stream';

/** A value by name; commands that share an opcode name their service action too. */
export interface NamedValue {
  readonly name: string;
  readonly value: number;
  readonly serviceAction?: number;
}

/** One field of the filter language. */
export interface FilterField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kind: FilterKind;
  readonly level: FilterLevel;
  readonly help: string;
  readonly names: readonly NamedValue[];
  /** Nanoseconds of a bare number; without it durations want a unit. */
  readonly bareNs?: number;
}

function camel(text: string): string {
  const words = text
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== '');
  return words.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
}

function named(table: Readonly<Record<number, string>>): NamedValue[] {
  return Object.entries(table).map(([value, text]) => ({ name: camel(text), value: Number(value) }));
}

const PDU_NAMES: NamedValue[] = Object.entries(OPCODES).map(([name, value]) => ({ name, value }));
const COMMAND_NAMES: NamedValue[] = COMMAND_LIST.map((spec) => ({
  name: spec.id,
  value: spec.opcode,
  ...(spec.serviceAction === undefined ? {} : { serviceAction: spec.serviceAction }),
}));
const STAGES: NamedValue[] = [
  { name: 'security', value: 0 },
  { name: 'operational', value: 1 },
  { name: 'full', value: 3 },
];
const DIRECTIONS: NamedValue[] = [
  { name: 'out', value: 1 },
  { name: 'in', value: 0 },
];

interface Extra {
  readonly aliases?: readonly string[];
  readonly names?: readonly NamedValue[];
  readonly bareNs?: number;
}

function field(name: string, kind: FilterKind, level: FilterLevel, help: string, extra: Extra = {}): FilterField {
  const { aliases = [], names = [], bareNs } = extra;
  return { name, aliases, kind, level, help, names, ...(bareNs === undefined ? {} : { bareNs }) };
}

function pdu(name: string, help: string, wireshark?: string, names?: readonly NamedValue[]): FilterField {
  return field(name, 'number', 'pdu', help, {
    aliases: wireshark === undefined ? [] : wireshark.split(' '),
    ...(names === undefined ? {} : { names }),
  });
}

function task(name: string, help: string, wireshark?: string, names?: readonly NamedValue[]): FilterField {
  return { ...pdu(name, help, wireshark, names), level: 'task' };
}

function flag(name: string, level: FilterLevel, help: string, wireshark?: string): FilterField {
  return field(name, 'flag', level, help, { aliases: wireshark === undefined ? [] : [wireshark] });
}

/** Every field a filter can name; Wireshark's names are accepted where it has one for the same thing. */
export const FILTER_FIELDS: readonly FilterField[] = [
  pdu('n', 'Number of the PDU, from 1', 'frame.number'),
  field('time', 'duration', 'pdu', 'Time since the first PDU', { bareNs: 1e9 }),
  field('frame.time_relative', 'duration', 'pdu', 'Time since the first packet, as Wireshark counts', { bareNs: 1e9 }),
  field('delta', 'duration', 'pdu', 'Time since the PDU before'),
  pdu('dir', 'Direction: out from the initiator, in from the target', undefined, DIRECTIONS),
  pdu('connection', 'Number of the connection', 'tcp.stream conn'),
  pdu('opcode', 'Kind of PDU', 'iscsi.opcode', PDU_NAMES),
  pdu('flags', 'Second byte of the header', 'iscsi.flags'),
  pdu('itt', 'Initiator task tag', 'iscsi.initiatortasktag'),
  pdu('ttt', 'Target transfer tag', 'iscsi.targettransfertag'),
  pdu('cmdSn', 'Command number', 'iscsi.cmdsn'),
  pdu('expCmdSn', 'Command number the target expects next', 'iscsi.expcmdsn'),
  pdu('maxCmdSn', 'Highest command number the target takes', 'iscsi.maxcmdsn'),
  pdu('statSn', 'Status number', 'iscsi.statsn'),
  pdu('expStatSn', 'Status number the initiator expects next', 'iscsi.expstatsn'),
  pdu('dataSn', 'Number of a data PDU within its sequence', 'iscsi.datasn'),
  pdu('r2tSn', 'Number of a Ready To Transfer within its command', 'iscsi.r2tsn'),
  pdu('bufferOffset', 'Where data lies within its transfer', 'iscsi.bufferOffset'),
  pdu('desired', 'Bytes a Ready To Transfer asks for', 'iscsi.desireddatalength'),
  pdu('length', 'Bytes of data in the PDU', 'iscsi.datasegmentlength'),
  pdu('ahsLength', 'Words of additional headers', 'iscsi.totalahslength'),
  flag('immediate', 'pdu', 'Sent for immediate delivery', 'iscsi.I'),
  flag('final', 'pdu', 'Last of its sequence', 'iscsi.scsidata.F'),
  flag('dataStatus', 'pdu', 'Data that carries the status', 'iscsi.scsidata.S'),
  flag('login.T', 'pdu', 'Ready for the next login stage', 'iscsi.login.T'),
  flag('login.C', 'pdu', 'Login text goes on', 'iscsi.login.C'),
  pdu('login.csg', 'Current stage of a login PDU', 'iscsi.login.csg', STAGES),
  pdu('login.nsg', 'Next stage of a login PDU', 'iscsi.login.nsg', STAGES),
  pdu('login.status', 'Class and detail of a login response', 'iscsi.login.status'),
  pdu('tmf', 'Task management function', 'iscsi.taskmanfun.function', named(TMF_FUNCTION_NAMES)),
  task('tmf.response', 'Answer to a task management function', 'iscsi.taskmanfun.response'),
  pdu('logout.reason', 'Why a logout is asked for', 'iscsi.logout.reason', named(LOGOUT_REASON_NAMES)),
  pdu('async', 'Kind of an asynchronous message', 'iscsi.asyncevent', named(ASYNC_EVENT_NAMES).slice(0, -2)),
  task('reject', 'Reason a task was rejected for', 'iscsi.reject.reason', named(REJECT_REASON_NAMES)),
  pdu('snack', 'Kind of a SNACK', 'iscsi.snack.type', named(SNACK_TYPE_NAMES)),
  flag('malformed', 'pdu', 'Cannot be what it claims to be', '_ws.malformed'),
  flag('gap', 'pdu', 'Bytes of this direction are missing before it'),
  flag('cut', 'pdu', 'The capture lacks part of its data'),
  flag('digestError', 'pdu', 'A digest is wrong'),
  task('task', 'Number of the task'),
  field('task.delta', 'duration', 'task', 'From the beginning of the task before to that of this one'),
  task(
    'scsi.opcode',
    'SCSI command',
    'scsi.spc.opcode scsi_sbc.opcode scsi_ssc.opcode scsi_smc.opcode scsi_mmc.opcode',
    COMMAND_NAMES,
  ),
  task('serviceAction', 'Service action of the SCSI command', 'scsi.spc.svcactn'),
  task('lun', 'Logical unit of the task', 'scsi.lun'),
  task(
    'lba',
    'First block of the command',
    'scsi_sbc.rdwr10.lba scsi_sbc.rdwr12.lba scsi_sbc.rdwr16.lba scsi_sbc.rdwr6.lba',
  ),
  task(
    'blocks',
    'Blocks the command is about',
    'scsi_sbc.rdwr10.xferlen scsi_sbc.rdwr12.xferlen scsi_sbc.rdwr16.xferlen',
  ),
  task('lastLba', 'Last block the command is about'),
  task('expected', 'Bytes the command expects to move', 'iscsi.scsicommand.expecteddatatransferlength'),
  task('bytes', 'Data bytes moved, both ways'),
  task('pdus', 'PDUs of the task'),
  task('r2ts', 'Ready To Transfers of the task'),
  task('queued', 'Tasks under way on the connection when this one began'),
  task('residual', 'Residual count', 'iscsi.scsiresponse.residualcount'),
  task('status', 'SCSI status', 'scsi.status iscsi.scsiresponse.status', named(SCSI_STATUS_NAMES)),
  task('sense.key', 'Sense key', 'scsi.sns.key', named(Object.fromEntries(Object.entries(SENSE_KEYS)))),
  task('sense.asc', 'Additional sense code', 'scsi.sns.asc'),
  task('sense.ascq', 'Additional sense code qualifier', 'scsi.sns.ascq'),
  task('sense.code', 'Both additional sense codes as one number', 'scsi.sns.ascascq'),
  field('latency', 'duration', 'task', 'From the command to the PDU that ended its task'),
  field('iscsi.time', 'duration', 'task', 'The same, bare numbers in seconds', { bareNs: 1e9 }),
  flag('ok', 'task', 'Ended, and with GOOD where there is a status'),
  flag('failed', 'task', 'Ended otherwise'),
  flag('answered', 'task', 'Ended in the trace'),
  flag('orphan', 'task', 'Its beginning is not in the trace'),
  flag('rejected', 'task', 'Rejected by the target'),
  flag('read', 'task', 'Reads data'),
  flag('write', 'task', 'Writes data'),
  flag('overflow', 'task', 'More data than was expected'),
  flag('underflow', 'task', 'Less data than was expected'),
  field('initiatorName', 'text', 'connection', 'Name of the initiator', { aliases: ['iscsi.initiatorname'] }),
  field('targetName', 'text', 'connection', 'Name of the target', { aliases: ['iscsi.targetname'] }),
  field('host', 'text', 'connection', 'Address of either end', { aliases: ['ip.addr', 'ipv6.addr'] }),
  field('port', 'number', 'connection', 'TCP port of either end', { aliases: ['tcp.port'] }),
  field('data', 'bytes', 'stream', 'Data of the PDU'),
  field('header', 'bytes', 'stream', 'Header of the PDU with its additional headers'),
  field('keys', 'text', 'stream', 'Text of login and text PDUs', { aliases: ['iscsi.keyvalue'] }),
  field('text', 'text', 'stream', 'The one-line description of the PDU'),
];

const BY_NAME = new Map<string, FilterField>();
for (const one of FILTER_FIELDS) for (const name of [one.name, ...one.aliases]) BY_NAME.set(name.toLowerCase(), one);

/** The field of a name, whatever its case; Wireshark's names count too. */
export function findField(name: string): FilterField | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** The name among those known that is nearest to one that is not, if any is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), least);
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** Every name that a field answers to. */
export function fieldNames(): string[] {
  return FILTER_FIELDS.flatMap((one) => [one.name, ...one.aliases]);
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1;
      const [left, above, corner] = [next[j - 1], row[j], row[j - 1]] as [number, number, number];
      next.push(Math.min(left + 1, above + 1, corner + cost));
    }
    row = next;
  }
  return row[b.length] as number;
}
