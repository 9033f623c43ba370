import { LunascopeError, ScsiError } from '../errors/index.ts';
import {
  decodeCapacity10,
  decodeCapacity16,
  decodeInquiry,
  decodeModeParameters,
  decodePortGroups,
  decodeReservation,
  decodeReservationKeys,
  decodeSupportedCommands,
  decodeVpd,
  isBlockReadable,
  needsCapacity16,
  type Capacity,
  type Designator,
  type Inquiry,
  type ModeParameters,
  type PortGroups,
  type ReservationHeld,
  type ReservationKeys,
  type SupportedCommands,
  type VpdPage,
} from '../scsi/index.ts';
import { QUERIES, type Query } from './queries.ts';
import type { LunAddress } from './raw.ts';
import type { Session } from './session.ts';

/** What one command answered: the command, the bytes as they came, and what they mean. */
export interface Answer<T> {
  readonly ok: true;
  readonly cdb: Uint8Array;
  readonly bytes: Uint8Array;
  readonly value: T;
}

/** An answer, or why there is none; one refusal never hides the other facts. */
export type Fact<T> = Answer<T> | { readonly ok: false; readonly cdb: Uint8Array; readonly error: LunascopeError };

/** Everything a unit says of itself, as far as it says it. */
export interface LunFacts {
  readonly inquiry: Fact<Inquiry>;
  /** By page code, in the order page 00h lists them; page 00h itself comes first. */
  readonly vpd: readonly { readonly pageCode: number; readonly fact: Fact<VpdPage> }[];
  /** Absent for units whose blocks cannot be read by address. */
  readonly capacity: Fact<Capacity> | undefined;
  readonly mode: Fact<ModeParameters>;
  readonly portGroups: Fact<PortGroups> | undefined;
  readonly reservation: Fact<ReservationHeld>;
  readonly reservationKeys: Fact<ReservationKeys>;
  readonly commands: Fact<SupportedCommands>;
}

const MOST_PAGES = 64;
/** The mode page code that stands for every page. */
const ALL_PAGES = 0x3f;

async function ask<T>(
  session: Session,
  lun: LunAddress,
  { cdb, length }: Query,
  decode: (bytes: Uint8Array) => T,
): Promise<Fact<T>> {
  try {
    const bytes = await session.scsi.query(lun, cdb, length);
    return { ok: true, cdb, bytes, value: decode(bytes) };
  } catch (error) {
    if (error instanceof LunascopeError) return { ok: false, cdb, error };
    throw error;
  }
}

function vpdFact(session: Session, lun: LunAddress, pageCode: number): Promise<Fact<VpdPage>> {
  const asked = QUERIES.vpd(pageCode);
  return ask(session, lun, asked, (bytes) => {
    const page = decodeVpd(bytes);
    if (page?.pageCode === pageCode) return page;
    const got = page === undefined ? 'too few bytes' : `page 0x${page.pageCode.toString(16)}`;
    throw new ScsiError('SCSI_BAD_PAYLOAD', `VPD page 0x${pageCode.toString(16)} was asked for; ${got} came.`, {
      cdb: asked.cdb,
    });
  });
}

async function readPages(session: Session, lun: LunAddress): Promise<LunFacts['vpd']> {
  const first = await vpdFact(session, lun, 0);
  const listed = first.ok && first.value.content.kind === 'supportedPages' ? first.value.content.pages : [];
  const codes = [...new Set(listed)].filter((code) => code !== 0).slice(0, MOST_PAGES);
  const pages = [{ pageCode: 0, fact: first }];
  for (const pageCode of codes) pages.push({ pageCode, fact: await vpdFact(session, lun, pageCode) });
  return pages;
}

async function readCapacity(session: Session, lun: LunAddress): Promise<Fact<Capacity>> {
  const long = await ask(session, lun, QUERIES.readCapacity16(), decodeCapacity16);
  if (long.ok && long.value !== undefined) return { ...long, value: long.value };
  const short = QUERIES.readCapacity10();
  return ask(session, lun, short, (bytes) => {
    const capacity = decodeCapacity10(bytes);
    if (capacity !== undefined && !needsCapacity16(capacity)) return capacity;
    throw new ScsiError('SCSI_BAD_PAYLOAD', 'READ CAPACITY(10) does not name the last block of this unit.', {
      cdb: short.cdb,
    });
  });
}

async function readMode(session: Session, lun: LunAddress): Promise<Fact<ModeParameters>> {
  const answer = await ask(session, lun, QUERIES.modeSense10(ALL_PAGES), (bytes) => decodeModeParameters(bytes, 10));
  if (answer.ok) return answer;
  return ask(session, lun, QUERIES.modeSense6(ALL_PAGES), (bytes) => decodeModeParameters(bytes, 6));
}

/** The serial number a unit states (VPD page 80h), and the names of the logical unit itself (page 83h, association 0). */
export function identityOf(facts: LunFacts): {
  readonly serial: string | undefined;
  readonly designators: readonly Designator[];
} {
  let serial: string | undefined;
  let designators: readonly Designator[] = [];
  for (const { fact } of facts.vpd) {
    const content = fact.ok ? fact.value.content : undefined;
    if (content?.kind === 'unitSerialNumber') serial = content.serial;
    if (content?.kind === 'deviceIdentification')
      designators = content.designators.filter((each) => each.association === 0);
  }
  return { serial, designators };
}

/** Asks a unit for everything it says of itself; nothing that is asked changes anything. */
export async function describeLun(session: Session, lun: LunAddress): Promise<LunFacts> {
  const inquiry = await ask(session, lun, QUERIES.inquiry(), decodeInquiry);
  const blocks = inquiry.ok && isBlockReadable(inquiry.value.deviceType ?? 0x1f);
  const groups = inquiry.ok && (inquiry.value.tpgs ?? 0) !== 0;
  return {
    inquiry,
    vpd: await readPages(session, lun),
    capacity: blocks ? await readCapacity(session, lun) : undefined,
    mode: await readMode(session, lun),
    portGroups: groups ? await ask(session, lun, QUERIES.portGroups(), decodePortGroups) : undefined,
    reservation: await ask(session, lun, QUERIES.reservation(), decodeReservation),
    reservationKeys: await ask(session, lun, QUERIES.reservationKeys(), decodeReservationKeys),
    commands: await ask(session, lun, QUERIES.supportedCommands(), decodeSupportedCommands),
  };
}
