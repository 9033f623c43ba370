import { LunascopeError } from '../../../core/errors/index.ts';
import type { LunEntry, Session } from '../../../core/initiator/index.ts';
import {
  accessStateName,
  buildCdb,
  decodeModeParameters,
  decodePortGroups,
  decodeReservation,
  decodeVpd,
  isBlockReadable,
  type Designator,
  type Inquiry,
} from '../../../core/scsi/index.ts';
import type { LunSummary } from '../../contract/sessions.ts';
import { toWireError } from '../ipc/dispatch.ts';

const VPD_SERIAL = 0x80;
const VPD_IDENTIFICATION = 0x83;
const ANSWER = 4096;
const MODE_LENGTH = 64;
const SIDE_BY_SIDE = 4;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The bytes of a LUN, from the hex it goes by in the window. */
export function lunFromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** What a unit need not answer: a refusal is no answer, a lost connection still fails. */
async function maybe<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LunascopeError && error.code.startsWith('SCSI_')) return null;
    throw error;
  }
}

interface Names {
  readonly names: LunSummary['names'];
  readonly group: number | null;
}

function namesOf(designators: readonly Designator[]): Names {
  const own = designators.filter(({ association }) => association === 0);
  const group = designators.find(
    ({ typeName, number }) => number !== undefined && /port group/i.test(typeName) && !/logical/i.test(typeName),
  );
  return {
    names: own.map(({ typeName, text, bytes }) => ({ kind: typeName, text, hex: hex(bytes) })),
    group: group?.number ?? null,
  };
}

async function readNames(session: Session, lun: Uint8Array): Promise<Names> {
  const page = await maybe(() => session.scsi.vpd(lun, VPD_IDENTIFICATION));
  const content = page === null ? null : decodeVpd(page)?.content;
  return content?.kind === 'deviceIdentification' ? namesOf(content.designators) : { names: [], group: null };
}

async function readSerial(session: Session, lun: Uint8Array): Promise<string | null> {
  const page = await maybe(() => session.scsi.vpd(lun, VPD_SERIAL));
  const content = page === null ? null : decodeVpd(page)?.content;
  return content?.kind === 'unitSerialNumber' ? content.serial.trim() : null;
}

async function readBlocks(session: Session, lun: Uint8Array) {
  const capacity = await maybe(() => session.scsi.readCapacity(lun));
  const cdb = buildCdb('modeSense6', { pageCode: 0x3f, allocationLength: MODE_LENGTH });
  const mode = await maybe(() => session.scsi.query(lun, cdb, MODE_LENGTH));
  const reservationCdb = buildCdb('prInReadReservation', { allocationLength: ANSWER });
  const held = await maybe(() => session.scsi.query(lun, reservationCdb, ANSWER));
  return {
    blockSize: capacity?.blockSize ?? null,
    blocks: capacity === null ? null : String(capacity.blocks),
    bytes: capacity === null ? null : String(capacity.totalBytes),
    readOnly: mode === null ? null : decodeModeParameters(mode, 6).writeProtected,
    thin: capacity?.thin === true,
    reserved: held === null ? null : (decodeReservation(held).reservation?.typeName ?? null),
  };
}

async function readPath(
  session: Session,
  lun: Uint8Array,
  inquiry: Inquiry,
  group: number | null,
): Promise<LunSummary['path']> {
  if ((inquiry.tpgs ?? 0) === 0 || group === null) return null;
  const answer = await maybe(() => session.scsi.reportTargetPortGroups(lun));
  const own = answer === null ? undefined : decodePortGroups(answer).groups.find((one) => one.group === group);
  return own === undefined ? null : { group, state: accessStateName(own.state), preferred: own.preferred };
}

const NO_BLOCKS = { blockSize: null, blocks: null, bytes: null, readOnly: null, thin: false, reserved: null };

/** A LUN of a list, before anything was asked of it. */
type Listed = Pick<LunEntry, 'lun' | 'text' | 'number'>;

const baseOf = (entry: Listed) => ({
  lun: hex(entry.lun),
  text: entry.text,
  number: entry.number ?? null,
  vendor: '',
  product: '',
  revision: '',
  deviceType: 'unknown',
  readable: false,
  ...NO_BLOCKS,
  serial: null,
  names: [],
  path: null,
  latencyMs: null,
  error: null,
});

/** Asks one LUN who it is. */
export async function describeLun(session: Session, entry: Listed): Promise<LunSummary> {
  // The first command after a login often meets a unit attention, which is answered once more: not a latency.
  await maybe(() => session.scsi.testUnitReady(entry.lun));
  const asked = performance.now();
  const inquiry = await session.scsi.inquiry(entry.lun);
  const latencyMs = performance.now() - asked;
  const readable = isBlockReadable(inquiry.deviceType ?? 0x1f);
  const { names, group } = await readNames(session, entry.lun);
  return {
    ...baseOf(entry),
    vendor: inquiry.vendor?.trim() ?? '',
    product: inquiry.product?.trim() ?? '',
    revision: inquiry.revision?.trim() ?? '',
    deviceType: inquiry.deviceTypeLongName,
    readable,
    ...(readable ? await readBlocks(session, entry.lun) : NO_BLOCKS),
    serial: await readSerial(session, entry.lun),
    names,
    path: await readPath(session, entry.lun, inquiry, group),
    latencyMs,
  };
}

async function describe(session: Session, entry: Listed, log: (error: unknown) => void): Promise<LunSummary> {
  try {
    return await describeLun(session, entry);
  } catch (error) {
    return { ...baseOf(entry), error: toWireError(error, log) };
  }
}

/** Lists the LUNs of a session and asks each who it is; one that refuses does not hide the others. */
export async function scanLuns(session: Session, log: (error: unknown) => void): Promise<LunSummary[]> {
  const entries = await session.luns();
  const found: LunSummary[] = new Array<LunSummary>(entries.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < entries.length; at = next++) {
      const entry = entries[at];
      if (entry !== undefined) found[at] = await describe(session, entry, log);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return found;
}
