import type { FieldNode } from '../bytes/index.ts';
import { portGroupsFieldTree, setPortGroupsFieldTree } from './alua.ts';
import { capacityFieldTree } from './capacity.ts';
import type { CommandId } from './cdb/catalog.ts';
import { decodeCdb, type CdbValue, type DecodedCdb } from './cdb/decode.ts';
import { elementStatusFieldTree } from './changer.ts';
import { inquiryFieldTree } from './inquiry/tree.ts';
import { logFieldTree } from './log/pages.ts';
import { modeFieldTree } from './mode/tree.ts';
import { configurationFieldTree, tocFieldTree } from './optical.ts';
import { groupNode, rawNodes } from './payload.ts';
import { lbaStatusFieldTree, unmapFieldTree } from './provisioning.ts';
import { lunListFieldTree } from './report-luns.ts';
import { reservationFieldTree } from './reservations/in.ts';
import { prOutFieldTree } from './reservations/out.ts';
import { senseFieldTree } from './sense/tree.ts';
import { supportedCommandsFieldTree, taskFunctionsFieldTree } from './support.ts';
import { positionFieldTree, tapeBlockLimitsFieldTree } from './tape.ts';
import { timestampFieldTree } from './timestamp.ts';
import { vpdFieldTree } from './vpd/tree.ts';

type Tree = (bytes: Uint8Array, cdb: DecodedCdb, deviceType: number) => FieldNode;

const number = (value: CdbValue | undefined): number => (typeof value === 'number' ? value : 0);
const reservation: Tree = (bytes, { command }) => reservationFieldTree(bytes, command.serviceAction ?? 0);
const reservationOut: Tree = (bytes, { command }) => prOutFieldTree(bytes, command.serviceAction ?? 0);

const DATA_IN: Partial<Record<CommandId, Tree>> = {
  inquiry: (bytes, { fields }) => (fields['evpd'] === true ? vpdFieldTree(bytes) : inquiryFieldTree(bytes)),
  requestSense: (bytes) => senseFieldTree(bytes),
  modeSense6: (bytes, _cdb, deviceType) => modeFieldTree(bytes, 6, deviceType),
  modeSense10: (bytes, _cdb, deviceType) => modeFieldTree(bytes, 10, deviceType),
  readCapacity10: (bytes) => capacityFieldTree(bytes, 10),
  readCapacity16: (bytes) => capacityFieldTree(bytes, 16),
  reportLuns: (bytes) => lunListFieldTree(bytes),
  reportTargetPortGroups: (bytes) => portGroupsFieldTree(bytes),
  reportSupportedOperationCodes: (bytes, { fields }, deviceType) =>
    supportedCommandsFieldTree(bytes, number(fields['reportingOptions']), deviceType),
  reportSupportedTaskManagementFunctions: (bytes) => taskFunctionsFieldTree(bytes),
  reportTimestamp: (bytes) => timestampFieldTree(bytes),
  prInReadKeys: reservation,
  prInReadReservation: reservation,
  prInReportCapabilities: reservation,
  prInReadFullStatus: reservation,
  getLbaStatus: (bytes) => lbaStatusFieldTree(bytes),
  getLbaStatus32: (bytes) => lbaStatusFieldTree(bytes),
  logSense: (bytes) => logFieldTree(bytes),
  readTocPmaAtip: (bytes, { fields }) => tocFieldTree(bytes, number(fields['format'])),
  getConfiguration: (bytes) => configurationFieldTree(bytes),
  readPosition: (bytes, { fields }) => positionFieldTree(bytes, number(fields['serviceAction'])),
  readBlockLimits: (bytes) => tapeBlockLimitsFieldTree(bytes),
  readElementStatus: (bytes) => elementStatusFieldTree(bytes),
};

const DATA_OUT: Partial<Record<CommandId, Tree>> = {
  modeSelect6: (bytes, _cdb, deviceType) => modeFieldTree(bytes, 6, deviceType),
  modeSelect10: (bytes, _cdb, deviceType) => modeFieldTree(bytes, 10, deviceType),
  unmap: (bytes) => unmapFieldTree(bytes),
  setTargetPortGroups: (bytes) => setPortGroupsFieldTree(bytes),
  logSelect: (bytes) => logFieldTree(bytes),
  prOutRegister: reservationOut,
  prOutReserve: reservationOut,
  prOutRelease: reservationOut,
  prOutClear: reservationOut,
  prOutPreempt: reservationOut,
  prOutPreemptAndAbort: reservationOut,
  prOutRegisterAndIgnoreExistingKey: reservationOut,
  prOutRegisterAndMove: reservationOut,
  prOutReplaceLostReservation: reservationOut,
};

/** The tree without what the data does not reach: for answers the allocation length cut, where nothing is amiss. */
function pruned(node: FieldNode): FieldNode {
  const { malformed: _cut, children, ...rest } = node;
  if (children === undefined) return rest;
  return {
    ...rest,
    children: children.filter((child) => child.malformed === undefined || child.children !== undefined).map(pruned),
  };
}

/**
 * The field tree of the data a command moved in this direction; user data and unknown payloads are shown as bytes.
 * An answer as long as the allocation length allowed is not malformed for ending there.
 */
export function payloadFieldTree(
  cdb: Uint8Array,
  direction: 'in' | 'out',
  bytes: Uint8Array,
  deviceType = 0,
): FieldNode {
  const decoded = decodeCdb(cdb, deviceType);
  const tree = decoded.known ? (direction === 'in' ? DATA_IN : DATA_OUT)[decoded.command.id] : undefined;
  if (tree !== undefined && decoded.known && bytes.length > 0) {
    const node = tree(bytes, decoded, deviceType);
    const { allocationLength } = decoded;
    if (direction === 'out' || allocationLength === undefined || bytes.length < allocationLength) return node;
    return node.malformed === undefined
      ? node
      : { ...pruned(node), text: `${node.text} (cut at the allocation length of ${String(allocationLength)})` };
  }
  const label = direction === 'in' ? 'Data-In' : 'Data-Out';
  return groupNode(
    'data',
    label,
    0,
    bytes.length,
    rawNodes('bytes', 'Data', bytes, 0),
    `${String(bytes.length)} bytes`,
  );
}
