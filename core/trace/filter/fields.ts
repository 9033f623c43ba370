import { bits, uint, type Field } from '../../bytes/index.ts';
import {
  ASYNC_EVENT_NAMES,
  LOGOUT_REASON_NAMES,
  LOGOUT_RESPONSE_NAMES,
  OPCODES,
  REJECT_REASON_NAMES,
  SCSI_RESPONSE_NAMES,
  SCSI_STATUS_NAMES,
  SNACK_TYPE_NAMES,
  TASK_ATTRIBUTE_NAMES,
  TMF_FUNCTION_NAMES,
  TMF_RESPONSE_NAMES,
  type PduKind,
} from '../../pdu/index.ts';
import { COMMAND_LIST, SENSE_KEYS } from '../../scsi/index.ts';
import type { AddressFamily, FilterEnd, FilterField, FilterKind, FilterLevel, NamedValue } from './field-types.ts';
import { isIndexed } from './header-fields.ts';

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
const MODE_COMMANDS = [0x15, 0x1a, 0x55, 0x5a];
const INQUIRY = [0x12];
const PERSISTENT_RESERVE_OUT = [0x5f];

type Extra = Omit<Partial<FilterField>, 'name' | 'kind' | 'level' | 'help'>;

function field(name: string, kind: FilterKind, level: FilterLevel, help: string, extra: Extra = {}): FilterField {
  return { name, aliases: [], kind, level, help, names: [], ...extra };
}

const listed = (names = ''): string[] => names.split(' ').filter((name) => name !== '');

function pdu(name: string, help: string, wireshark?: string, names: readonly NamedValue[] = []): FilterField {
  return field(name, 'number', 'pdu', help, { aliases: listed(wireshark), names });
}

function task(name: string, help: string, wireshark?: string, names?: readonly NamedValue[]): FilterField {
  return { ...pdu(name, help, wireshark, names), level: 'task' };
}

function flag(name: string, level: FilterLevel, help: string, wireshark?: string): FilterField {
  return field(name, 'flag', level, help, { aliases: listed(wireshark) });
}

const seconds = { bareNs: 1e9 };

interface FromHeader extends Extra {
  readonly kinds?: readonly PduKind[];
  readonly part?: Field;
  readonly kind?: FilterKind;
}

/** A field of the layouts of PDUs: of the index where that has it, else of the file. */
function header(name: string, of: string, help: string, { kinds, part, kind = 'number', ...extra }: FromHeader = {}) {
  const place = { field: of, ...(kinds === undefined ? {} : { kinds }), ...(part === undefined ? {} : { part }) };
  return field(name, kind, isIndexed(place) ? 'pdu' : 'stream', help, { ...extra, header: place });
}

function headerFlag(name: string, of: string, help: string, ...kinds: readonly PduKind[]): FilterField {
  return header(name, of, help, { kind: 'flag', kinds });
}

/** A field of the layouts of CDBs. */
function cdb(name: string, of: string, help: string, wireshark = '', extra: Extra & { opcodes?: number[] } = {}) {
  const { opcodes, ...rest } = extra;
  const place = { field: of, ...(opcodes === undefined ? {} : { opcodes }) };
  return field(name, 'number', 'task', help, { ...rest, aliases: listed(wireshark), cdb: place });
}

function cdbFlag(name: string, help: string, wireshark: string): FilterField {
  return { ...cdb(name, name, help, wireshark), kind: 'flag' };
}

function address(name: string, end: FilterEnd, family: AddressFamily, help: string): FilterField {
  return field(name, 'address', 'connection', help, { end, family });
}

/** A field read out of the additional headers or the data of some kinds of PDU. */
function content(name: string, kind: FilterKind, of: PduKind, help: string, wireshark?: string): FilterField {
  return field(name, kind, 'stream', help, { aliases: listed(wireshark), carriedBy: [of] });
}

function dataOf(name: string, help: string, ...carriedBy: readonly PduKind[]): FilterField {
  return field(name, 'bytes', 'stream', help, { carriedBy });
}

const isidPart = (name: string, help: string, part: Field): FilterField =>
  header(`iscsi.isid.${name}`, 'isid', help, { part });

/** Every field a filter can name; Wireshark's names are accepted where it has one for the same thing. */
export const FILTER_FIELDS: readonly FilterField[] = [
  pdu('n', 'Number of the PDU, from 1'),
  field('time', 'duration', 'pdu', 'Time since the first PDU', seconds),
  field('frame.time_relative', 'duration', 'pdu', 'Time since the first packet, as Wireshark counts', seconds),
  field('delta', 'duration', 'pdu', 'Time since the PDU before'),
  pdu('dir', 'Direction: out from the initiator, in from the target', undefined, DIRECTIONS),
  pdu('connection', 'Number of the connection, from 0', 'conn'),
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
  pdu('pduLength', 'Bytes of the PDU with headers and padding, without digests'),
  flag('iscsi', 'pdu', 'Holds for every PDU', 'tcp frame'),
  flag('immediate', 'pdu', 'Sent for immediate delivery', 'iscsi.I'),
  flag('final', 'pdu', 'Last of its sequence'),
  headerFlag('iscsi.scsidata.F', 'final', 'Last data of its sequence', 'dataIn', 'dataOut'),
  flag('dataStatus', 'pdu', 'Data that carries the status', 'iscsi.scsidata.S'),
  headerFlag('iscsi.scsidata.A', 'acknowledge', 'Data the target wants acknowledged', 'dataIn'),
  headerFlag('iscsi.scsidata.O', 'overflow', 'Data-In that tells of more data than was expected', 'dataIn'),
  headerFlag('iscsi.scsidata.U', 'underflow', 'Data-In that tells of less data than was expected', 'dataIn'),
  header('iscsi.scsidata.readresidualcount', 'residualCount', 'Residual count of a Data-In', { kinds: ['dataIn'] }),
  headerFlag('iscsi.scsicommand.F', 'final', 'No unsolicited data follows the command', 'scsiCommand'),
  headerFlag('iscsi.scsicommand.R', 'read', 'The PDU of a command that reads', 'scsiCommand'),
  headerFlag('iscsi.scsicommand.W', 'write', 'The PDU of a command that writes', 'scsiCommand'),
  header('attribute', 'attribute', 'Task attribute of a command', {
    aliases: ['iscsi.scsicommand.attr'],
    names: named(TASK_ATTRIBUTE_NAMES),
  }),
  headerFlag('iscsi.scsiresponse.O', 'overflow', 'Response that tells of more data than was expected', 'scsiResponse'),
  headerFlag('iscsi.scsiresponse.U', 'underflow', 'Response that tells of less data than was expected', 'scsiResponse'),
  headerFlag('iscsi.scsiresponse.o', 'bidiOverflow', 'More data to read, both ways', 'scsiResponse'),
  headerFlag('iscsi.scsiresponse.u', 'bidiUnderflow', 'Less data to read, both ways', 'scsiResponse'),
  header(
    'iscsi.scsiresponse.bidireadresidualcount',
    'bidiResidualCount',
    'Residual count of the data to read, both ways',
  ),
  header('expDataSn', 'expDataSn', 'Data and R2T numbers of a response, or expected by a reassigned task', {
    aliases: ['iscsi.expdatasn'],
  }),
  header('isid', 'isid', "Initiator's part of the session identifier", { kind: 'bytes', aliases: ['iscsi.isid'] }),
  isidPart('t', 'Type of the ISID', bits('t', 'T', 0, [7, 6])),
  isidPart('a', 'First bits of the ISID', bits('a', 'A', 0, [5, 0])),
  isidPart('b', 'Second and third byte of the ISID', uint('b', 'B', 1, 2)),
  isidPart('c', 'Fourth byte of the ISID', uint('c', 'C', 3, 1)),
  isidPart('d', 'Qualifier: the last two bytes of the ISID', uint('d', 'D', 4, 2)),
  header('tsih', 'tsih', "Target's part of the session identifier", { aliases: ['iscsi.tsih'] }),
  header('cid', 'cid', 'Number of the connection in its session, of logins and logouts', { aliases: ['iscsi.cid'] }),
  flag('login.T', 'pdu', 'Ready for the next login stage', 'iscsi.login.T'),
  flag('login.C', 'pdu', 'Login text goes on', 'iscsi.login.C'),
  pdu('login.csg', 'Current stage of a login PDU', 'iscsi.login.csg', STAGES),
  pdu('login.nsg', 'Next stage of a login PDU that is ready for it', 'iscsi.login.nsg', STAGES),
  pdu('login.status', 'Class and detail of a login response', 'iscsi.login.status'),
  header('iscsi.versionmax', 'versionMax', 'Highest version of a login PDU'),
  header('iscsi.versionmin', 'versionMin', 'Lowest version of a login request'),
  header('iscsi.versionactive', 'versionActive', 'Version a login response goes by'),
  headerFlag('iscsi.text.F', 'final', 'Last of a text exchange', 'textRequest', 'textResponse'),
  headerFlag('iscsi.text.C', 'continue', 'Text goes on', 'textRequest', 'textResponse'),
  pdu('tmf', 'Task management function', 'iscsi.taskmanfun.function', named(TMF_FUNCTION_NAMES)),
  task('tmf.response', 'Answer to a task management function', 'iscsi.taskmanfun.response', named(TMF_RESPONSE_NAMES)),
  header('tmf.tag', 'referencedTaskTag', 'Tag of the task a function is about', {
    aliases: ['iscsi.taskmanfun.referencedtasktag'],
  }),
  header('tmf.cmdSn', 'refCmdSn', 'CmdSN of the task to abort', { aliases: ['iscsi.refcmdsn'] }),
  pdu('logout.reason', 'Why a logout is asked for', 'iscsi.logout.reason', named(LOGOUT_REASON_NAMES)),
  task('logout.response', 'Answer to a logout', 'iscsi.logout.response', named(LOGOUT_RESPONSE_NAMES)),
  header('iscsi.time2wait', 'time2Wait', 'Seconds to wait before a reconnect'),
  header('iscsi.time2retain', 'time2Retain', 'Seconds the target keeps the tasks'),
  pdu('async', 'Kind of an asynchronous message', 'iscsi.asyncevent', named(ASYNC_EVENT_NAMES).slice(0, -2)),
  header('iscsi.eventvendorcode', 'vendorCode', "Vendor's code of an asynchronous message"),
  header('iscsi.parameter1', 'parameter1', 'First parameter of an asynchronous message'),
  header('iscsi.parameter2', 'parameter2', 'Second parameter of an asynchronous message'),
  header('iscsi.parameter3', 'parameter3', 'Third parameter of an asynchronous message'),
  task('reject', 'Reason a task was rejected for', undefined, named(REJECT_REASON_NAMES)),
  header('iscsi.reject.reason', 'reason', 'Reason of a Reject', {
    kinds: ['reject'],
    names: named(REJECT_REASON_NAMES),
  }),
  pdu('snack', 'Kind of a SNACK', 'iscsi.snack.type', named(SNACK_TYPE_NAMES)),
  header('iscsi.snack.begrun', 'begRun', 'First number a SNACK misses'),
  header('iscsi.snack.runlength', 'runLength', 'How many numbers a SNACK misses'),
  flag('malformed', 'pdu', 'Cannot be what it claims to be', '_ws.malformed'),
  flag('gap', 'pdu', 'Bytes of this direction are missing before it'),
  flag('cut', 'pdu', 'The capture lacks part of its data'),
  flag('digestError', 'pdu', 'A digest is wrong'),
  task('task', 'Number of the task'),
  field('task.delta', 'duration', 'task', 'From the beginning of the task before to that of this one'),
  flag('scsi', 'task', 'Belongs to a SCSI command'),
  task(
    'scsi.opcode',
    'SCSI command',
    'scsi.spc.opcode scsi_sbc.opcode scsi_ssc.opcode scsi_smc.opcode scsi_mmc.opcode',
    COMMAND_NAMES,
  ),
  task(
    'serviceAction',
    'Service action of the SCSI command',
    'scsi.spc.svcaction scsi_sbc.sa scsi.persresvin.svcaction scsi.persresvout.svcaction',
  ),
  task('lun', 'Logical unit of the task', 'scsi.lun'),
  task(
    'lba',
    'First block of the command',
    'scsi_sbc.rdwr10.lba scsi_sbc.rdwr12.lba scsi_sbc.rdwr16.lba scsi_sbc.rdwr6.lba scsi_sbc.verify.lba scsi_sbc.verify.lba64 scsi_sbc.wrverify.lba scsi_sbc.wrverify.lba64',
  ),
  task(
    'blocks',
    'Blocks the command is about',
    'scsi_sbc.rdwr10.xferlen scsi_sbc.rdwr12.xferlen scsi_sbc.rdwr16.xferlen scsi_sbc.rdwr6.xferlen scsi_sbc.verify.vlen scsi_sbc.verify.vlen32 scsi_sbc.wrverify.xferlen scsi_sbc.wrverify.xferlen32',
  ),
  task('lastLba', 'Last block the command is about'),
  cdbFlag('fua', 'The command goes to the medium', 'scsi_sbc.fua'),
  cdbFlag('dpo', 'The data need not stay in the cache', 'scsi_sbc.dpo'),
  cdb('rdProtect', 'rdProtect', 'How a read checks protection information', 'scsi_sbc.rdprotect'),
  cdb('wrProtect', 'wrProtect', 'How a write sends protection information', 'scsi_sbc.wrprotect'),
  cdb('vrProtect', 'vrProtect', 'How a verify checks protection information', 'scsi_sbc.vrprotect'),
  cdb('bytChk', 'bytChk', 'What a verify compares', 'scsi_sbc.bytchk'),
  cdb('group', 'groupNumber', 'Group number of the command', 'scsi_sbc.group'),
  cdbFlag('unmap', 'A WRITE SAME that may unmap', 'scsi_sbc.unmap'),
  cdbFlag('anchor', 'Blocks are to be anchored', 'scsi_sbc.anchor scsi_sbc.unmap.anchor'),
  cdb(
    'allocationLength',
    'allocationLength',
    'Most bytes the command takes',
    'scsi.cdb.alloclen scsi.cdb.alloclen16 scsi.cdb.alloclen32 scsi_sbc.alloclen16 scsi_sbc.alloclen32',
  ),
  cdb(
    'parameterLength',
    'parameterListLength',
    'Bytes of parameters the command sends',
    'scsi.cdb.paramlen scsi.cdb.paramlen16 scsi.cdb.paramlen24',
  ),
  cdb('vpdPage', 'pageCode', 'Page an INQUIRY asks for', 'scsi.inquiry.evpd.pagecode', { opcodes: INQUIRY }),
  cdb('modePage', 'pageCode', 'Page a MODE SENSE asks for', 'scsi.mode.spc.pagecode scsi.mode.sbc.pagecode', {
    opcodes: MODE_COMMANDS,
  }),
  cdb('scsi.persresv.type', 'type', 'Type of a reservation', '', { opcodes: PERSISTENT_RESERVE_OUT }),
  cdb('scsi.persresv.scope', 'scope', 'Scope of a reservation', '', { opcodes: PERSISTENT_RESERVE_OUT }),
  cdb('control', 'control', 'Control byte of the CDB', 'scsi.cdb.control scsi.cdb.inq.control'),
  task('expected', 'Bytes the command expects to move', 'iscsi.scsicommand.expecteddatatransferlength'),
  task('bytes', 'Data bytes moved, both ways'),
  task('pdus', 'PDUs of the task'),
  task('request', 'Number of the PDU that began the task'),
  task('response', 'Number of the PDU that ended the task'),
  task('r2ts', 'Ready To Transfers of the task'),
  task('queued', 'Tasks under way on the connection when this one began'),
  task('residual', 'Residual count', 'iscsi.scsiresponse.residualcount'),
  task('status', 'SCSI status', 'scsi.status iscsi.scsiresponse.status', named(SCSI_STATUS_NAMES)),
  task(
    'scsi.response',
    'Whether the target could carry out the command',
    'iscsi.scsiresponse.response',
    named(SCSI_RESPONSE_NAMES),
  ),
  task('sense.key', 'Sense key', 'scsi.sns.key', named(Object.fromEntries(Object.entries(SENSE_KEYS)))),
  task('sense.asc', 'Additional sense code', 'scsi.sns.asc'),
  task('sense.ascq', 'Additional sense code qualifier', 'scsi.sns.ascq'),
  task('sense.code', 'Both additional sense codes as one number', 'scsi.sns.ascascq'),
  content('sense.format', 'number', 'scsiResponse', 'Format of the sense data in a response', 'scsi.sns.errtype'),
  content('sense.information', 'number', 'scsiResponse', 'Information in sense data, where valid', 'scsi.sns.info'),
  content('sense.fru', 'number', 'scsiResponse', 'Replaceable unit that sense data names', 'scsi.sns.fru'),
  content('iscsi.scsiresponse.senselength', 'number', 'scsiResponse', 'Bytes of sense data in a response'),
  content('iscsi.ahs.type', 'number', 'scsiCommand', 'Type of an additional header'),
  content('iscsi.ahs.length', 'number', 'scsiCommand', 'Length of an additional header as it says'),
  content('iscsi.ahs.bidir.length', 'number', 'scsiCommand', 'Bytes to read of a command that goes both ways'),
  content('iscsi.ahs.extended_cdb', 'bytes', 'scsiCommand', 'What a CDB has past its 16 bytes'),
  content('iscsi.ahs.unknown_blob', 'bytes', 'scsiCommand', 'An additional header of another type'),
  field('latency', 'duration', 'task', 'From the command to the PDU that ended its task'),
  field('iscsi.time', 'duration', 'task', 'The same, bare numbers in seconds', { ...seconds, aliases: ['scsi.time'] }),
  flag('ok', 'task', 'Ended, and with GOOD where there is a status'),
  flag('failed', 'task', 'Ended otherwise'),
  flag('answered', 'task', 'Ended in the trace'),
  flag('orphan', 'task', 'Its beginning is not in the trace'),
  flag('rejected', 'task', 'Rejected by the target'),
  flag('unrecorded', 'task', 'Its answer may be among PDUs that were not recorded or captured'),
  flag('aborted', 'task', 'Called off by a task management function'),
  flag('read', 'task', 'Reads data'),
  flag('write', 'task', 'Writes data'),
  flag('overflow', 'task', 'More data than was expected'),
  flag('underflow', 'task', 'Less data than was expected'),
  field('initiatorName', 'text', 'connection', 'Name of the initiator', { aliases: ['iscsi.initiatorname'] }),
  field('targetName', 'text', 'connection', 'Name of the target', { aliases: ['iscsi.targetname'] }),
  field('host', 'text', 'connection', 'Address of either end, as text', { end: 'either' }),
  field('ip', 'flag', 'connection', 'Travels over IPv4', { end: 'either', family: 'ip' }),
  address('ip.addr', 'either', 'ip', 'IPv4 address of either end'),
  address('ip.src', 'source', 'ip', 'IPv4 address of the sender'),
  address('ip.dst', 'destination', 'ip', 'IPv4 address of the receiver'),
  field('ipv6', 'flag', 'connection', 'Travels over IPv6', { end: 'either', family: 'ipv6' }),
  address('ipv6.addr', 'either', 'ipv6', 'IPv6 address of either end'),
  address('ipv6.src', 'source', 'ipv6', 'IPv6 address of the sender'),
  address('ipv6.dst', 'destination', 'ipv6', 'IPv6 address of the receiver'),
  field('port', 'number', 'connection', 'TCP port of either end', { aliases: ['tcp.port'], end: 'either' }),
  field('tcp.srcport', 'number', 'connection', 'TCP port of the sender', { end: 'source' }),
  field('tcp.dstport', 'number', 'connection', 'TCP port of the receiver', { end: 'destination' }),
  field('data', 'bytes', 'stream', 'Data of the PDU'),
  dataOf('iscsi.pingdata', 'Data of a NOP', 'nopOut', 'nopIn'),
  dataOf('iscsi.immediatedata', 'Data that comes with a command', 'scsiCommand'),
  dataOf('iscsi.asynceventdata', 'Data of an asynchronous message', 'asyncMessage'),
  field('header', 'bytes', 'stream', 'Header of the PDU with its additional headers'),
  field('keys', 'text', 'stream', 'Text of login and text PDUs', {
    aliases: ['iscsi.keyvalue'],
    carriedBy: ['loginRequest', 'textRequest', 'loginResponse', 'textResponse'],
  }),
  field('text', 'text', 'stream', 'The one-line description of the PDU'),
];

const BY_NAME = new Map<string, FilterField>();
for (const one of FILTER_FIELDS)
  for (const name of [one.name, ...one.aliases]) {
    BY_NAME.set(name, one);
    if (!BY_NAME.has(name.toLowerCase())) BY_NAME.set(name.toLowerCase(), one);
  }

/** The field of a name, whatever its case where that does not tell two apart; Wireshark's names count too. */
export function findField(name: string): FilterField | undefined {
  return BY_NAME.get(name) ?? BY_NAME.get(name.toLowerCase());
}

/** Every name that a field answers to. */
export function fieldNames(): string[] {
  return FILTER_FIELDS.flatMap((one) => [one.name, ...one.aliases]);
}
