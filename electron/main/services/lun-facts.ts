import { describeLun, type Fact, type LunFacts as CoreFacts, type Session } from '../../../core/initiator/index.ts';
import type { FieldNode } from '../../../core/bytes/index.ts';
import {
  accessStateName,
  buildCdb,
  decodeReservationStatus,
  decodeCdb,
  describeCdb,
  payloadFieldTree,
  reservationTypeName,
} from '../../../core/scsi/index.ts';
import type { FactField, FactPage, LunFacts } from '../../contract/luns.ts';
import { toWireError } from '../ipc/dispatch.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const byte = (value: number): string => value.toString(16).padStart(2, '0').toUpperCase();

/** A field tree as it crosses to the window: words and places, no values. */
function fieldOf(node: FieldNode): FactField {
  return {
    label: node.label,
    text: node.text,
    offset: node.offset,
    length: node.length,
    bits: node.bits === undefined ? null : node.bits[0] === node.bits[1] ? String(node.bits[0]) : node.bits.join(':'),
    meaning: node.meaning ?? null,
    clause: node.clause ?? null,
    malformed: node.malformed ?? null,
    children: (node.children ?? []).map(fieldOf),
  };
}

type PageHead = Pick<FactPage, 'id' | 'title' | 'group'>;

function pageOf(head: PageHead, fact: Fact<unknown>, deviceType: number, log: (error: unknown) => void): FactPage {
  const base = { ...head, command: describeCdb(decodeCdb(fact.cdb, deviceType)), cdb: hex(fact.cdb) };
  if (!fact.ok) return { ...base, bytes: '', tree: null, warnings: [], error: toWireError(fact.error, log) };
  const value = fact.value as { readonly warnings?: readonly string[] } | null | undefined;
  const tree = fact.bytes.length === 0 ? null : fieldOf(payloadFieldTree(fact.cdb, 'in', fact.bytes, deviceType));
  return { ...base, bytes: hex(fact.bytes), tree, warnings: [...(value?.warnings ?? [])], error: null };
}

function pagesOf(facts: CoreFacts, log: (error: unknown) => void): FactPage[] {
  const type = facts.inquiry.ok ? (facts.inquiry.value.deviceType ?? 0) : 0;
  const page = (head: PageHead, fact: Fact<unknown> | undefined): FactPage[] =>
    fact === undefined ? [] : [pageOf(head, fact, type, log)];
  return [
    ...page({ id: 'inquiry', title: 'Standard INQUIRY', group: 'identity' }, facts.inquiry),
    ...page({ id: 'capacity', title: 'Read capacity', group: 'capacity' }, facts.capacity),
    ...facts.vpd.flatMap(({ pageCode, fact }) => {
      const name = fact.ok ? fact.value.pageName : 'refused';
      return page({ id: `vpd-${byte(pageCode)}`, title: `${byte(pageCode)}h ${name}`, group: 'vpd' }, fact);
    }),
    ...page({ id: 'mode', title: 'All mode pages', group: 'mode' }, facts.mode),
    ...page({ id: 'paths', title: 'Target port groups', group: 'paths' }, facts.portGroups),
    ...page({ id: 'reservation', title: 'Reservation', group: 'reservations' }, facts.reservation),
    ...page({ id: 'reservation-keys', title: 'Registered keys', group: 'reservations' }, facts.reservationKeys),
    ...page({ id: 'commands', title: 'Supported commands', group: 'commands' }, facts.commands),
  ];
}

function provisioningOf(facts: CoreFacts): LunFacts['provisioning'] {
  const contents = facts.vpd.map(({ fact }) => (fact.ok ? fact.value.content : undefined));
  const content = contents.find((each) => each?.kind === 'provisioning');
  const capacity = facts.capacity?.ok === true ? facts.capacity.value : undefined;
  if (content?.kind !== 'provisioning') {
    if (capacity === undefined) return null;
    const thin = capacity.thin === true;
    return {
      type: thin ? 'Thin' : 'Fully provisioned',
      thin,
      readsZero: capacity.unmappedReadsZero ?? null,
      unmap: null,
    };
  }
  const { fields } = content;
  const types = ['Fully provisioned', 'Resource provisioned', 'Thin'];
  const type = types[fields.provisioningType ?? 0] ?? 'Unknown';
  return {
    type,
    thin: capacity?.thin === true,
    readsZero: capacity?.unmappedReadsZero ?? null,
    unmap: fields.unmap ?? null,
  };
}

const STATUS_LENGTH = 65535;
const TARGET_PORT_GROUP = 5;

async function registrantsOf(session: Session, lun: Uint8Array): Promise<LunFacts['registrants']> {
  const cdb = buildCdb('prInReadFullStatus', { allocationLength: STATUS_LENGTH });
  const bytes = await session.scsi.query(lun, cdb, STATUS_LENGTH).catch(() => null);
  if (bytes === null) return [];
  return decodeReservationStatus(bytes).registrations.map(({ key, holder, initiator }) => ({
    key: `0x${key.toString(16).padStart(16, '0')}`,
    holder,
    initiator: initiator.name,
  }));
}

/** Asks a LUN for everything it says of itself, and puts it into words. */
export async function readLunFacts(
  session: Session,
  lun: Uint8Array,
  log: (error: unknown) => void,
): Promise<LunFacts> {
  const facts = await describeLun(session, lun);
  const keys = facts.reservationKeys.ok ? facts.reservationKeys.value.keys.map(String) : [];
  const held = facts.reservation.ok ? facts.reservation.value.reservation : undefined;
  const names = facts.vpd.flatMap(({ fact }) =>
    fact.ok && fact.value.content.kind === 'deviceIdentification' ? fact.value.content.designators : [],
  );
  const own = names.find(({ type }) => type === TARGET_PORT_GROUP)?.number;
  const groups = facts.portGroups?.ok === true ? facts.portGroups.value.groups : [];
  return {
    at: Date.now(),
    pages: pagesOf(facts, log),
    provisioning: provisioningOf(facts),
    pathStates: groups.map((group) => ({
      group: group.group,
      state: accessStateName(group.state),
      preferred: group.preferred,
      ports: [...group.ports],
      own: group.group === own,
    })),
    reservation:
      held === undefined
        ? null
        : { key: `0x${held.key.toString(16).padStart(16, '0')}`, type: reservationTypeName(held.type) },
    registrants: keys.length === 0 ? [] : await registrantsOf(session, lun),
    commands: facts.commands.ok
      ? facts.commands.value.commands.map((command) => ({
          opcode: byte(command.opcode) + (command.serviceAction === undefined ? '' : `/${byte(command.serviceAction)}`),
          name: command.name,
          cdbLength: command.cdbLength,
        }))
      : [],
  };
}
