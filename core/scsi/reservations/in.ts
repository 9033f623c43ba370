import {
  bits,
  decodeLayout,
  decodePartial,
  flag,
  layout,
  readU32,
  readU64,
  u64,
  uint,
  writeU64,
  type FieldNode,
  type LayoutInput,
  type LayoutValue,
} from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import { encodeStruct, entryTree, joinBytes, payloadTree, promised, recordOffsets, type Warnings } from '../payload.ts';
import { RESERVATION_SCOPES, RESERVATION_TYPES, reservationTypeName } from './names.ts';
import { decodeTransportId, transportIdTree, type TransportId } from './transport-id.ts';

/** The header of READ KEYS, READ RESERVATION and READ FULL STATUS data (SPC-4 6.15). */
export const PR_IN_HEADER = layout('reservations', 'Persistent reservation data', 8, 'SPC-4 6.15', [
  uint('generation', 'PRGENERATION', 0, 4, { meaning: 'Counts changes of registrations since power on.' }),
  uint('additionalLength', 'Additional length', 4, 4),
]);

/** The reservation of READ RESERVATION (SPC-4 6.15.3). */
export const RESERVATION = layout('reservation', 'Reservation', 16, 'SPC-4 6.15.3', [
  u64('key', 'Reservation key', 0),
  bits('scope', 'Scope', 13, [7, 4], { values: RESERVATION_SCOPES }),
  bits('type', 'Type', 13, [3, 0], { values: RESERVATION_TYPES }),
]);

/** REPORT CAPABILITIES data (SPC-4 6.15.4). */
export const PR_CAPABILITIES = layout('prCapabilities', 'Persistent reservation capabilities', 8, 'SPC-4 6.15.4', [
  uint('length', 'Length', 0, 2),
  flag('replaceLost', 'RLR_C', 2, 7, { meaning: 'REPLACE LOST RESERVATION is supported.' }),
  flag('compatible', 'CRH', 2, 4, { meaning: 'RESERVE and RELEASE follow SPC-2 with exceptions.' }),
  flag('specifyInitiators', 'SIP_C', 2, 3, { meaning: 'SPEC_I_PT is supported.' }),
  flag('allTargetPorts', 'ATP_C', 2, 2, { meaning: 'ALL_TG_PT is supported.' }),
  flag('persistCapable', 'PTPL_C', 2, 0, { meaning: 'Reservations can outlive a loss of power.' }),
  flag('typeMaskValid', 'TMV', 3, 7),
  bits('allowCommands', 'Allow commands', 3, [6, 4]),
  flag('persistActive', 'PTPL_A', 3, 0, { meaning: 'Reservations outlive a loss of power now.' }),
  flag('writeExclusiveAll', 'WR_EX_AR', 4, 7),
  flag('exclusiveAccessRegistrants', 'EX_AC_RO', 4, 6),
  flag('writeExclusiveRegistrants', 'WR_EX_RO', 4, 5),
  flag('exclusiveAccess', 'EX_AC', 4, 3),
  flag('writeExclusive', 'WR_EX', 4, 1),
  flag('exclusiveAccessAll', 'EX_AC_AR', 5, 0),
]);

/** The head of a full status descriptor (SPC-4 6.15.5). */
export const FULL_STATUS = layout('registration', 'Registration', 24, 'SPC-4 6.15.5', [
  u64('key', 'Reservation key', 0),
  flag('allTargetPorts', 'ALL_TG_PT', 12, 1, { meaning: 'The registration holds for every target port.' }),
  flag('holder', 'R_HOLDER', 12, 0, { meaning: 'This registration holds the reservation.' }),
  bits('scope', 'Scope', 13, [7, 4], { values: RESERVATION_SCOPES }),
  bits('type', 'Type', 13, [3, 0], { values: RESERVATION_TYPES }),
  uint('relativePort', 'Relative target port identifier', 18, 2),
  uint('additionalLength', 'Additional descriptor length', 20, 4),
]);

/** READ KEYS data. */
export interface ReservationKeys {
  readonly generation: number;
  readonly keys: readonly bigint[];
  readonly warnings: readonly string[];
}

/** READ RESERVATION data; `reservation` is absent where nobody holds one. */
export interface ReservationHeld {
  readonly generation: number;
  readonly reservation?: LayoutValue<typeof RESERVATION> & { readonly typeName: string };
  readonly warnings: readonly string[];
}

/** One registration of READ FULL STATUS. */
export interface Registration extends LayoutValue<typeof FULL_STATUS> {
  readonly typeName: string;
  readonly initiator: TransportId;
}

/** READ FULL STATUS data. */
export interface ReservationStatus {
  readonly generation: number;
  readonly registrations: readonly Registration[];
  readonly warnings: readonly string[];
}

function openList(bytes: Uint8Array, what: string, warnings: Warnings): { generation: number; body: Uint8Array } {
  if (bytes.length < 8) {
    warnings.push(`${what} has at least 8 bytes; ${String(bytes.length)} are there.`);
    return { generation: readU32(bytes, 0), body: new Uint8Array(0) };
  }
  return { generation: readU32(bytes, 0), body: promised(bytes, 8, readU32(bytes, 4), what, warnings) };
}

/** Reads READ KEYS data, however short. */
export function decodeReservationKeys(bytes: Uint8Array): ReservationKeys {
  const warnings: Warnings = [];
  const { generation, body } = openList(bytes, 'The list of keys', warnings);
  return {
    generation,
    keys: recordOffsets(body, 8, 'The list of keys', warnings).map((at) => readU64(body, at)),
    warnings,
  };
}

/** Reads READ RESERVATION data, however short. */
export function decodeReservation(bytes: Uint8Array): ReservationHeld {
  const warnings: Warnings = [];
  const { generation, body } = openList(bytes, 'The reservation', warnings);
  if (body.length === 0) return { generation, warnings };
  const reservation = decodeLayout(RESERVATION, body);
  if (reservation === undefined) return { generation, warnings: [...warnings, 'The reservation is not whole.'] };
  return { generation, reservation: { ...reservation, typeName: reservationTypeName(reservation.type) }, warnings };
}

/** REPORT CAPABILITIES data; what the bytes do not reach is absent. */
export type ReservationCapabilities = Partial<LayoutValue<typeof PR_CAPABILITIES>> & {
  readonly warnings: readonly string[];
};

/** Reads REPORT CAPABILITIES data, however short. */
export function decodeReservationCapabilities(bytes: Uint8Array): ReservationCapabilities {
  const warnings = bytes.length < 8 ? [`REPORT CAPABILITIES data has 8 bytes; ${String(bytes.length)} are there.`] : [];
  return { ...decodePartial(PR_CAPABILITIES, bytes), warnings };
}

/** Where each full status descriptor lies, relative to the body. */
function statusSpans(
  body: Uint8Array,
  warnings: Warnings,
): { readonly at: number; readonly transportId: Uint8Array }[] {
  const spans: { at: number; transportId: Uint8Array }[] = [];
  let at = 0;
  while (at + FULL_STATUS.size <= body.length) {
    const transportId = promised(body, at + FULL_STATUS.size, readU32(body, at + 20), 'A TransportID', warnings);
    spans.push({ at, transportId });
    at += FULL_STATUS.size + transportId.length;
  }
  if (at < body.length) warnings.push(`${String(body.length - at)} bytes follow the last registration.`);
  return spans;
}

/** Reads READ FULL STATUS data, however short. */
export function decodeReservationStatus(bytes: Uint8Array): ReservationStatus {
  const warnings: Warnings = [];
  const { generation, body } = openList(bytes, 'The list of registrations', warnings);
  const registrations: Registration[] = [];
  for (const { at, transportId } of statusSpans(body, warnings)) {
    const fields = decodeLayout(FULL_STATUS, body, at);
    if (fields !== undefined)
      registrations.push({
        ...fields,
        typeName: reservationTypeName(fields.type),
        initiator: decodeTransportId(transportId),
      });
  }
  return { generation, registrations, warnings };
}

function withHeader(generation: number, body: Uint8Array): Uint8Array {
  return joinBytes([encodeStruct(PR_IN_HEADER, { generation, additionalLength: body.length }), body]);
}

/** Builds READ KEYS data. */
export function encodeReservationKeys(generation: number, keys: readonly bigint[]): Uint8Array {
  const body = new Uint8Array(keys.length * 8);
  keys.forEach((key, i) => {
    if (key < 0n || key >= 1n << 64n)
      throw new UsageError('OUT_OF_RANGE', `A reservation key is a 64-bit number; ${String(key)} is not.`);
    writeU64(body, i * 8, key);
  });
  return withHeader(generation, body);
}

/** Builds READ RESERVATION data; without a reservation the list is empty. */
export function encodeReservation(generation: number, reservation?: LayoutInput<typeof RESERVATION>): Uint8Array {
  return withHeader(generation, reservation === undefined ? new Uint8Array(0) : encodeStruct(RESERVATION, reservation));
}

/** Builds REPORT CAPABILITIES data. */
export function encodeReservationCapabilities(input: LayoutInput<typeof PR_CAPABILITIES>): Uint8Array {
  return encodeStruct(PR_CAPABILITIES, { length: 8, ...input });
}

/** One registration as a target reports it, with its TransportID whole. */
export type RegistrationInput = Omit<LayoutInput<typeof FULL_STATUS>, 'additionalLength'> & {
  readonly transportId: Uint8Array;
};

/** Builds READ FULL STATUS data. */
export function encodeReservationStatus(generation: number, registrations: readonly RegistrationInput[]): Uint8Array {
  const parts = registrations.flatMap(({ transportId, ...fields }) => [
    encodeStruct(FULL_STATUS, { ...fields, additionalLength: transportId.length }),
    transportId,
  ]);
  return withHeader(generation, joinBytes(parts));
}

/** The field tree of PERSISTENT RESERVE IN data of this service action. */
export function reservationFieldTree(bytes: Uint8Array, serviceAction: number): FieldNode {
  const warnings: Warnings = [];
  if (serviceAction === 2)
    return payloadTree(PR_CAPABILITIES, bytes, [], { warnings: decodeReservationCapabilities(bytes).warnings });
  const { body } = openList(bytes, 'The persistent reservation data', warnings);
  return payloadTree(PR_IN_HEADER, bytes, reservationNodes(bytes, body, serviceAction), { warnings });
}

function reservationNodes(bytes: Uint8Array, body: Uint8Array, serviceAction: number): FieldNode[] {
  switch (serviceAction) {
    case 0:
      return recordOffsets(body, 8, '', []).map((at): FieldNode => {
        const key = readU64(body, at);
        return {
          name: 'key',
          label: 'Reservation key',
          offset: 8 + at,
          length: 8,
          value: key,
          text: `0x${key.toString(16)}`,
        };
      });
    case 1: {
      const found = decodeLayout(RESERVATION, body);
      return found === undefined ? [] : [entryTree(RESERVATION, bytes, 8, reservationTypeName(found.type))];
    }
    case 3:
      return statusSpans(body, []).map(({ at, transportId }) => {
        const id = transportIdTree(transportId, 8 + at + FULL_STATUS.size);
        return {
          ...entryTree(FULL_STATUS, bytes, 8 + at, id.text, [id]),
          length: FULL_STATUS.size + transportId.length,
        };
      });
    default:
      return [];
  }
}
