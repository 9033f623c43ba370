import { bits, buildFieldTree, decodePartial, layout, toHex, uint, type FieldNode } from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import { encodeStruct, joinBytes, promised, shiftTree, type Warnings } from '../payload.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { PROTOCOLS } from '../vpd/designators.ts';

/** The head of an iSCSI TransportID (SPC-4 7.6.4.6). */
export const ISCSI_TRANSPORT_ID = layout('transportId', 'iSCSI TransportID', 4, 'SPC-4 7.6.4.6', [
  bits('format', 'TPID format', 0, [7, 6], { values: { 0: 'Initiator device', 1: 'Initiator port' } }),
  bits('protocol', 'Protocol identifier', 0, [3, 0], { values: PROTOCOLS }),
  uint('additionalLength', 'Additional length', 2, 2),
]);

/** The head every other TransportID has. */
export const TRANSPORT_ID = layout('transportId', 'TransportID', 1, 'SPC-4 7.6.4', [
  bits('format', 'TPID format', 0, [7, 6]),
  bits('protocol', 'Protocol identifier', 0, [3, 0], { values: PROTOCOLS }),
]);

const OTHER_SIZE = 24;
const ISCSI = 5;
const SEPARATOR = ',i,0x';

/** An initiator port as reservations name it. */
export interface TransportId {
  readonly protocol: number;
  readonly protocolName: string;
  /** The initiator's iSCSI name, or the port's address in hex. */
  readonly name: string;
  /** The ISID as twelve hex digits, where the TransportID names one session. */
  readonly isid?: string;
  readonly bytes: Uint8Array;
}

function otherName(protocol: number, bytes: Uint8Array): string {
  if (protocol === 0) return toHex(bytes.subarray(8, 16));
  if (protocol === 6) return toHex(bytes.subarray(4, 12));
  return toHex(bytes.subarray(1));
}

/** Reads one TransportID, whatever its protocol. */
export function decodeTransportId(bytes: Uint8Array): TransportId {
  const { protocol = 0 } = decodePartial(TRANSPORT_ID, bytes);
  const protocolName = PROTOCOLS[protocol] ?? `Protocol ${String(protocol)}`;
  if (protocol !== ISCSI) return { protocol, protocolName, name: otherName(protocol, bytes), bytes };
  const text = decodeUtf8(bytes.subarray(4));
  const at = text.indexOf(SEPARATOR);
  if (at < 0) return { protocol, protocolName, name: text, bytes };
  return { protocol, protocolName, name: text.slice(0, at), isid: text.slice(at + SEPARATOR.length), bytes };
}

/** Bytes a TransportID that starts at `at` takes. */
function sizeAt(bytes: Uint8Array, at: number): number {
  const { protocol = 0, additionalLength = 0 } = decodePartial(ISCSI_TRANSPORT_ID, bytes, at);
  return protocol === ISCSI ? 4 + additionalLength : OTHER_SIZE;
}

/** Reads a list of TransportIDs. */
export function decodeTransportIds(bytes: Uint8Array, warnings: Warnings): TransportId[] {
  const ids: TransportId[] = [];
  let at = 0;
  while (at < bytes.length) {
    const span = promised(bytes, at, sizeAt(bytes, at), 'A TransportID', warnings);
    ids.push(decodeTransportId(span));
    at += span.length;
  }
  return ids;
}

/** Builds an iSCSI TransportID; with an ISID of twelve hex digits it names one session (SPC-4 7.6.4.6). */
export function encodeIscsiTransportId(name: string, isid?: string): Uint8Array {
  if (name === '' || name.includes('\0'))
    throw new UsageError('BAD_ARGUMENT', 'A TransportID needs the name of an initiator.');
  if (isid !== undefined && !/^[0-9a-fA-F]{12}$/u.test(isid))
    throw new UsageError('BAD_ARGUMENT', `An ISID is written as twelve hex digits, not ${isid}.`);
  const text = encodeUtf8(isid === undefined ? name : `${name}${SEPARATOR}${isid.toLowerCase()}`);
  const body = new Uint8Array(Math.max(20, (text.length + 4) & ~3));
  body.set(text);
  const head = encodeStruct(ISCSI_TRANSPORT_ID, {
    format: isid === undefined ? 0 : 1,
    protocol: ISCSI,
    additionalLength: body.length,
  });
  return joinBytes([head, body]);
}

/** The tree of one TransportID that starts at `offset`. */
export function transportIdTree(bytes: Uint8Array, offset: number): FieldNode {
  const id = decodeTransportId(bytes);
  const table = id.protocol === ISCSI ? ISCSI_TRANSPORT_ID : TRANSPORT_ID;
  const tree = shiftTree(buildFieldTree(table, bytes), offset);
  const text = id.isid === undefined ? id.name : `${id.name}, ISID ${id.isid}`;
  const size = bytes.length - table.size;
  const at = offset + table.size;
  const name: FieldNode[] =
    size <= 0 ? [] : [{ name: 'name', label: 'Initiator', offset: at, length: size, value: id.name, text }];
  return { ...tree, length: bytes.length, text, children: [...(tree.children ?? []), ...name] };
}

/** The trees of a list of TransportIDs that starts at `offset`. */
export function transportIdTrees(bytes: Uint8Array, offset: number): FieldNode[] {
  const trees: FieldNode[] = [];
  let at = offset;
  for (const id of decodeTransportIds(bytes, [])) {
    trees.push(transportIdTree(id.bytes, at));
    at += id.bytes.length;
  }
  return trees;
}
