import { ScsiError, type ErrorDetails } from '../../errors/index.ts';
import { fieldAt } from '../cdb/catalog.ts';
import { decodeCdb } from '../cdb/decode.ts';
import { hexByte } from '../payload.ts';
import { isGoodStatus, SCSI_STATUS, statusName } from '../status.ts';
import { SENSE_KEY } from './asc-names.ts';
import { decodeSense } from './decode.ts';
import type { Sense } from './sense.ts';

/** What sense data means to the person who sent the command. */
export interface SenseExplanation {
  readonly sentence: string;
  readonly hint?: string;
  /** Whether the same command may succeed when it is sent again. */
  readonly retryable: boolean;
  /** The CDB field a field pointer names. */
  readonly field?: { readonly name: string; readonly label: string; readonly byte: number; readonly bit?: number };
  /** The first block in trouble, for commands that address blocks. */
  readonly lba?: bigint;
  /** COMPARE AND WRITE: where in the data sent the first difference is, in bytes. */
  readonly differsAt?: bigint;
}

interface Advice {
  readonly hint: string;
  readonly retryable?: boolean;
}

/** Advice by ASC and ASCQ, looked up before the sense key's own. */
const BY_CODE: Readonly<Record<number, Advice>> = {
  0x0401: { hint: 'The unit is starting; wait and try again.', retryable: true },
  0x0402: { hint: 'Send START STOP UNIT with START set.' },
  0x0403: { hint: 'Someone has to look at the device itself.' },
  0x0404: { hint: 'A format is running; wait until it is done.', retryable: true },
  0x0407: { hint: 'The unit is busy with a long operation; wait and try again.', retryable: true },
  0x0409: { hint: 'A self-test is running; wait until it is done.', retryable: true },
  0x040a: { hint: 'The path is changing its state; wait a moment, or use another path.', retryable: true },
  0x040b: { hint: 'This path is on standby; use a path through another target port group.' },
  0x040c: { hint: 'This path is unavailable; use a path through another target port group.' },
  0x0412: { hint: 'The unit was taken offline on the array.' },
  0x041b: { hint: 'A sanitize is running; wait until it is done.', retryable: true },
  0x2000: { hint: 'This unit does not have the command; REPORT SUPPORTED OPERATION CODES lists what it has.' },
  0x2100: { hint: 'Read the capacity again: the unit may have shrunk, or the address is past its end.' },
  0x2400: { hint: 'A field of the command has a value this unit does not take.' },
  0x2500: { hint: 'No such LUN is mapped to this initiator; list the LUNs again.' },
  0x2600: { hint: 'A field of the data sent has a value this unit does not take.' },
  0x2700: { hint: 'The unit is write protected; lift that on the array.' },
  0x2707: { hint: 'The thin pool is full; free or add space on the array.' },
  0x2800: { hint: 'The medium may have changed; read its facts again.', retryable: true },
  0x2900: { hint: 'The unit was reset or switched on; settings may be back at their defaults.', retryable: true },
  0x2904: { hint: 'The device reset itself; its log may say why.', retryable: true },
  0x2a01: { hint: 'Another initiator changed mode parameters; read them again.', retryable: true },
  0x2a03: { hint: 'Another initiator preempted the reservation.' },
  0x2a06: { hint: 'A path changed its state; read the target port groups again.', retryable: true },
  0x2a09: { hint: 'The capacity changed; read it again.', retryable: true },
  0x3a00: { hint: 'Insert a medium.' },
  0x3a01: { hint: 'Insert a medium and close the tray.' },
  0x3a02: { hint: 'Insert a medium; the tray is open.' },
  0x3f0e: { hint: 'The set of LUNs changed; list them again.', retryable: true },
  0x3f03: { hint: 'The INQUIRY data changed; read it again.', retryable: true },
  0x4400: { hint: 'The target failed internally; its log should say why.', retryable: true },
  0x5500: { hint: 'The target is out of resources; try again with less at once.', retryable: true },
};

const BY_KEY: Readonly<Record<number, Advice>> = {
  [SENSE_KEY.RECOVERED_ERROR]: { hint: 'The data is good; the device had trouble reaching it.' },
  [SENSE_KEY.NOT_READY]: { hint: 'The unit cannot work now; see what it waits for.' },
  [SENSE_KEY.MEDIUM_ERROR]: { hint: 'The medium is damaged there; the blocks around it may still be readable.' },
  [SENSE_KEY.HARDWARE_ERROR]: { hint: 'The device itself failed; its log should say why.' },
  [SENSE_KEY.ILLEGAL_REQUEST]: { hint: 'The unit does not take this command as it was sent.' },
  [SENSE_KEY.UNIT_ATTENTION]: { hint: 'Something changed since the last command; send it again.', retryable: true },
  [SENSE_KEY.DATA_PROTECT]: { hint: 'The blocks are protected.' },
  [SENSE_KEY.BLANK_CHECK]: { hint: 'Nothing is written there.' },
  [SENSE_KEY.ABORTED_COMMAND]: { hint: 'The target gave the command up; it may be sent again.', retryable: true },
  [SENSE_KEY.MISCOMPARE]: { hint: 'What was sent differs from what is on the medium.' },
  [SENSE_KEY.VOLUME_OVERFLOW]: { hint: 'The medium ended before the data did.' },
};

function pointedField(sense: Sense, cdb: Uint8Array | undefined, deviceType: number): SenseExplanation['field'] {
  const { specific } = sense;
  if (cdb === undefined || sense.deferred || specific?.kind !== 'field' || !specific.inCdb) return undefined;
  const decoded = decodeCdb(cdb, deviceType);
  const where = specific.bit === undefined ? { byte: specific.byte } : { byte: specific.byte, bit: specific.bit };
  const found = decoded.known ? fieldAt(decoded.command.layout.fields, specific.byte, specific.bit) : undefined;
  if (found !== undefined) return { name: found.name, label: found.label, ...where };
  if (specific.byte === 0) return { name: 'opcode', label: 'Operation code', ...where };
  return undefined;
}

function specificText(sense: Sense, field: SenseExplanation['field']): string {
  const { specific } = sense;
  if (specific === undefined) return '';
  switch (specific.kind) {
    case 'field':
    case 'segment': {
      const bit = specific.bit === undefined ? '' : ` bit ${String(specific.bit)}`;
      const place = `byte ${String(specific.byte)}${bit}`;
      if (specific.kind === 'segment')
        return ` The trouble is at ${place} of the ${specific.inDescriptor ? 'segment descriptor' : 'parameter list'}.`;
      if (!specific.inCdb) return ` The field at fault is ${place} of the data sent.`;
      return field === undefined
        ? ` The field at fault is ${place} of the CDB.`
        : ` The field at fault is ${field.label} (${place} of the CDB).`;
    }
    case 'progress':
      return ` It is ${String(Math.floor((specific.progress * 100) / 65536))} % done.`;
    case 'retries':
      return specific.retries === 0 ? '' : ` The device retried ${String(specific.retries)} times.`;
    case 'overflow':
      return specific.overflow ? ' Further unit attentions were lost.' : '';
    case 'other':
      return '';
  }
}

/** Puts sense data into words; with the CDB it belongs to, field pointers are named and the failing LBA is given. */
export function explainSense(sense: Sense, cdb?: Uint8Array, deviceType = 0): SenseExplanation {
  const advice = BY_CODE[sense.asc * 256 + sense.ascq] ?? BY_KEY[sense.key];
  const field = pointedField(sense, cdb, deviceType);
  const decoded = cdb === undefined ? undefined : decodeCdb(cdb, deviceType);
  const addressed = decoded?.known === true && decoded.lba !== undefined;
  const place = addressed && !sense.ili ? sense.information : undefined;
  // COMPARE AND WRITE gives the offset of the difference there, every other block command an LBA (SBC-4).
  const isOffset =
    decoded?.known === true && decoded.command.id === 'compareAndWrite' && sense.key === SENSE_KEY.MISCOMPARE;
  const lba = isOffset ? undefined : place;
  const differsAt = isOffset ? place : undefined;
  const marks = [
    sense.filemark ? 'a filemark was met' : '',
    sense.eom ? 'the end of the medium was met' : '',
    sense.ili ? 'the block has another length' : '',
  ];
  const met = marks.filter((mark) => mark !== '');
  const code = `${hexByte(sense.key)}/${hexByte(sense.asc)}/${hexByte(sense.ascq)}`;
  const name = sense.format === 'unknown' ? sense.description : `${sense.keyName}: ${sense.description} (${code})`;
  const sentence = [
    sense.deferred ? `An earlier command failed. ${name}` : name,
    lba === undefined ? '' : ` at LBA ${String(lba)}`,
    differsAt === undefined ? '' : ` at byte ${String(differsAt)} of the data sent`,
    met.length === 0 ? '' : `; ${met.join(', ')}`,
    '.',
    specificText(sense, field),
  ].join('');
  const retryable = advice?.retryable ?? BY_KEY[sense.key]?.retryable ?? false;
  return {
    sentence,
    ...(advice === undefined ? {} : { hint: advice.hint }),
    retryable,
    ...(field === undefined ? {} : { field }),
    ...(lba === undefined ? {} : { lba }),
    ...(differsAt === undefined ? {} : { differsAt }),
  };
}

function checkCondition(sense: Uint8Array, cdb: Uint8Array, deviceType: number): ScsiError {
  const common = { status: SCSI_STATUS.CHECK_CONDITION, sense, cdb } as const;
  const decoded = decodeSense(sense);
  if (decoded === undefined)
    return new ScsiError(
      'SCSI_CHECK_CONDITION',
      'The command ended in CHECK CONDITION, and the target gave no sense data to say why.',
      {
        ...common,
        hint: 'Send REQUEST SENSE, or look into the log of the target.',
      },
    );
  const why = explainSense(decoded, cdb, deviceType);
  const details: ErrorDetails = {
    status: 'CHECK CONDITION',
    senseKey: decoded.key,
    asc: decoded.asc,
    ascq: decoded.ascq,
    sense: decoded.description,
    ...(why.lba === undefined ? {} : { lba: String(why.lba) }),
    ...(why.differsAt === undefined ? {} : { differsAt: String(why.differsAt) }),
    ...(why.field === undefined ? {} : { field: why.field.name }),
  };
  return new ScsiError('SCSI_CHECK_CONDITION', why.sentence, {
    ...common,
    retryable: why.retryable,
    details,
    ...(why.hint === undefined ? {} : { hint: why.hint }),
  });
}

const NONE = new Uint8Array(0);

/** The error a status stands for, or undefined for GOOD and CONDITION MET. */
export function statusError(
  status: number,
  sense: Uint8Array = NONE,
  cdb: Uint8Array = NONE,
  deviceType = 0,
): ScsiError | undefined {
  if (isGoodStatus(status)) return undefined;
  const name = statusName(status);
  const common = { status, sense, cdb, details: { status: name } };
  switch (status) {
    case SCSI_STATUS.CHECK_CONDITION:
      return checkCondition(sense, cdb, deviceType);
    case SCSI_STATUS.BUSY:
      return new ScsiError('SCSI_BUSY', 'The unit is busy.', {
        ...common,
        retryable: true,
        hint: 'Wait a moment and try again.',
      });
    case SCSI_STATUS.TASK_SET_FULL:
      return new ScsiError('SCSI_TASK_SET_FULL', 'The unit has more commands than it can hold.', {
        ...common,
        retryable: true,
        hint: 'Send fewer commands at once.',
      });
    case SCSI_STATUS.RESERVATION_CONFLICT:
      return new ScsiError('SCSI_RESERVATION_CONFLICT', 'Another initiator has reserved the unit.', {
        ...common,
        hint: 'PERSISTENT RESERVE IN shows who holds the reservation.',
      });
    default:
      return new ScsiError('SCSI_STATUS', `The command ended in ${name}.`, {
        ...common,
        retryable: status === SCSI_STATUS.TASK_ABORTED,
      });
  }
}

/** Throws the ScsiError a status stands for; GOOD and CONDITION MET pass. */
export function checkStatus(status: number, sense?: Uint8Array, cdb?: Uint8Array, deviceType?: number): void {
  const error = statusError(status, sense, cdb, deviceType);
  if (error !== undefined) throw error;
}
