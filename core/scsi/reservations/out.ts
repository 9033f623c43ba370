import {
  decodePartial,
  flag,
  layout,
  readU32,
  u64,
  uint,
  type FieldNode,
  type LayoutInput,
  type LayoutValue,
} from '../../bytes/index.ts';
import { encodeStruct, joinBytes, payloadTree, promised, type Warnings } from '../payload.ts';
import { decodeTransportIds, transportIdTrees, type TransportId } from './transport-id.ts';

/** The basic PERSISTENT RESERVE OUT parameter list (SPC-4 6.16.3). */
export const PR_OUT_BASIC = layout('prOut', 'PERSISTENT RESERVE OUT parameters', 24, 'SPC-4 6.16.3', [
  u64('key', 'Reservation key', 0),
  u64('serviceActionKey', 'Service action reservation key', 8),
  flag('specifyInitiators', 'SPEC_I_PT', 20, 3, { meaning: 'TransportIDs follow.' }),
  flag('allTargetPorts', 'ALL_TG_PT', 20, 2, { meaning: 'Register with every target port.' }),
  flag('aptpl', 'APTPL', 20, 0, { meaning: 'Keep registrations through a loss of power.' }),
]);

/** The length before the TransportIDs of a basic list with SPEC_I_PT. */
export const PR_OUT_LIST = layout('prOutList', 'TransportID list', 28, 'SPC-4 6.16.3', [
  uint('transportIdsLength', 'TransportID parameter data length', 24, 4),
]);

/** The REGISTER AND MOVE parameter list (SPC-4 6.16.4). */
export const PR_OUT_MOVE = layout('prOutMove', 'REGISTER AND MOVE parameters', 24, 'SPC-4 6.16.4', [
  u64('key', 'Reservation key', 0),
  u64('serviceActionKey', 'Service action reservation key', 8),
  flag('unregister', 'UNREG', 17, 1, { meaning: 'The sender is unregistered.' }),
  flag('aptpl', 'APTPL', 17, 0),
  uint('relativePort', 'Relative target port identifier', 18, 2),
  uint('transportIdLength', 'TransportID length', 20, 4),
]);

/** A basic parameter list; what the bytes do not reach is absent. */
export interface PrOut extends Partial<LayoutValue<typeof PR_OUT_BASIC>> {
  readonly transportIds: readonly TransportId[];
  readonly warnings: readonly string[];
}

/** A REGISTER AND MOVE parameter list; what the bytes do not reach is absent. */
export interface PrOutMove extends Partial<LayoutValue<typeof PR_OUT_MOVE>> {
  readonly transportIds: readonly TransportId[];
  readonly warnings: readonly string[];
}

function shortWarning(bytes: Uint8Array): Warnings {
  return bytes.length < 24 ? [`The parameter list has at least 24 bytes; ${String(bytes.length)} are there.`] : [];
}

function listedIds(bytes: Uint8Array, warnings: Warnings): Uint8Array {
  if (bytes.length >= PR_OUT_LIST.size)
    return promised(bytes, PR_OUT_LIST.size, readU32(bytes, 24), 'The TransportID list', warnings);
  warnings.push('SPEC_I_PT is set, yet no TransportID list follows.');
  return new Uint8Array(0);
}

/** Reads a basic PERSISTENT RESERVE OUT parameter list, however short. */
export function decodePrOut(bytes: Uint8Array): PrOut {
  const warnings = shortWarning(bytes);
  const fields = decodePartial(PR_OUT_BASIC, bytes);
  const transportIds =
    fields.specifyInitiators === true ? decodeTransportIds(listedIds(bytes, warnings), warnings) : [];
  return { ...fields, transportIds, warnings };
}

/** Reads a REGISTER AND MOVE parameter list, however short. */
export function decodePrOutMove(bytes: Uint8Array): PrOutMove {
  const warnings = shortWarning(bytes);
  const fields = decodePartial(PR_OUT_MOVE, bytes);
  const ids = promised(bytes, PR_OUT_MOVE.size, fields.transportIdLength ?? 0, 'The TransportID', warnings);
  return { ...fields, transportIds: decodeTransportIds(ids, warnings), warnings };
}

/** Builds a basic parameter list; TransportIDs set SPEC_I_PT. */
export function encodePrOut(
  input: LayoutInput<typeof PR_OUT_BASIC> & { readonly transportIds?: readonly Uint8Array[] },
): Uint8Array {
  const { transportIds, ...fields } = input;
  if (transportIds === undefined) return encodeStruct(PR_OUT_BASIC, fields);
  const ids = joinBytes(transportIds);
  const basic = encodeStruct(PR_OUT_BASIC, { ...fields, specifyInitiators: true });
  return joinBytes([basic, encodeStruct(PR_OUT_LIST, { transportIdsLength: ids.length }).subarray(24), ids]);
}

/** Builds a REGISTER AND MOVE parameter list for the initiator that takes over. */
export function encodePrOutMove(
  input: Omit<LayoutInput<typeof PR_OUT_MOVE>, 'transportIdLength'> & { readonly transportId: Uint8Array },
): Uint8Array {
  const { transportId, ...fields } = input;
  return joinBytes([encodeStruct(PR_OUT_MOVE, { ...fields, transportIdLength: transportId.length }), transportId]);
}

/** The field tree of a PERSISTENT RESERVE OUT parameter list of this service action. */
export function prOutFieldTree(bytes: Uint8Array, serviceAction: number): FieldNode {
  const move = serviceAction === 7;
  const decoded = move ? decodePrOutMove(bytes) : decodePrOut(bytes);
  const at = move ? PR_OUT_MOVE.size : PR_OUT_LIST.size;
  const ids =
    decoded.transportIds.length === 0
      ? []
      : transportIdTrees(joinBytes(decoded.transportIds.map((id) => id.bytes)), at);
  return payloadTree(move ? PR_OUT_MOVE : PR_OUT_BASIC, bytes, ids, { warnings: decoded.warnings });
}
