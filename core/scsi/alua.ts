import {
  bits,
  decodeLayout,
  flag,
  layout,
  readU16,
  readU32,
  uint,
  type FieldNode,
  type LayoutInput,
  type LayoutValue,
} from '../bytes/index.ts';
import { encodeStruct, entryTree, joinBytes, payloadTree, promised, recordOffsets, type Warnings } from './payload.ts';

/** Asymmetric access states (SPC-5 asymmetric logical unit access). */
export const ACCESS_STATES: Readonly<Record<number, string>> = {
  0x0: 'Active/optimized',
  0x1: 'Active/non-optimized',
  0x2: 'Standby',
  0x3: 'Unavailable',
  0x4: 'Logical block dependent',
  0xe: 'Offline',
  0xf: 'Transitioning',
};

/** The name of an asymmetric access state. */
export function accessStateName(state: number): string {
  return ACCESS_STATES[state] ?? `State 0x${state.toString(16)}`;
}

/** The length only header of REPORT TARGET PORT GROUPS data. */
export const RTPG_HEADER = layout('portGroups', 'Target port groups', 4, 'SPC-4 6.37', [
  uint('dataLength', 'Return data length', 0, 4),
]);

/** The extended header of REPORT TARGET PORT GROUPS data. */
export const RTPG_EXTENDED = layout('portGroups', 'Target port groups', 8, 'SPC-4 6.37', [
  uint('dataLength', 'Return data length', 0, 4),
  bits('format', 'Format type', 4, [6, 4], { values: { 1: 'Extended header' } }),
  uint('transitionSeconds', 'Implicit transition time', 5, 1, {
    meaning: 'Seconds a transition may take; 0 means none is stated.',
  }),
]);

/** One target port group. */
export const PORT_GROUP = layout('portGroup', 'Target port group', 8, 'SPC-4 6.37', [
  flag('preferred', 'PREF', 0, 7, { meaning: 'The target prefers this group.' }),
  bits('state', 'Asymmetric access state', 0, [3, 0], { values: ACCESS_STATES }),
  flag('transitioningSupported', 'T_SUP', 1, 7),
  flag('offlineSupported', 'O_SUP', 1, 6),
  flag('lbaDependentSupported', 'LBD_SUP', 1, 4),
  flag('unavailableSupported', 'U_SUP', 1, 3),
  flag('standbySupported', 'S_SUP', 1, 2),
  flag('nonOptimizedSupported', 'AN_SUP', 1, 1),
  flag('optimizedSupported', 'AO_SUP', 1, 0),
  uint('group', 'Target port group', 2, 2),
  uint('statusCode', 'Status code', 5, 1, {
    values: { 0: 'No status', 1: 'Changed by SET TARGET PORT GROUPS', 2: 'Changed by implicit behaviour' },
  }),
  uint('vendorSpecific', 'Vendor specific', 6, 1),
  uint('portCount', 'Target port count', 7, 1),
]);

/** One port of a group. */
export const GROUP_PORT = layout('groupPort', 'Target port', 4, 'SPC-4 6.37', [
  uint('relativePort', 'Relative target port identifier', 2, 2),
]);

/** One group of SET TARGET PORT GROUPS. */
export const SET_PORT_GROUP = layout('setPortGroup', 'Set target port group', 4, 'SPC-5 SET TARGET PORT GROUPS', [
  bits('state', 'Asymmetric access state', 0, [3, 0], { values: ACCESS_STATES }),
  uint('group', 'Target port group', 2, 2),
]);

/** A target port group with its state in words and its ports. */
export interface PortGroup extends LayoutValue<typeof PORT_GROUP> {
  readonly stateName: string;
  readonly ports: readonly number[];
}

/** The target port groups of a unit. */
export interface PortGroups {
  readonly groups: readonly PortGroup[];
  /** Seconds an implicit transition may take, from the extended header. */
  readonly transitionSeconds?: number;
  readonly warnings: readonly string[];
}

function isExtended(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && (((bytes[4] ?? 0) >> 4) & 7) === 1;
}

/** Where each group lies, relative to the data, with the ports that are there. */
function groupSpans(bytes: Uint8Array, warnings: Warnings): { readonly at: number; readonly ports: Uint8Array }[] {
  if (bytes.length < 4) {
    warnings.push(`Target port group data has at least 4 bytes; ${String(bytes.length)} are there.`);
    return [];
  }
  const end = 4 + promised(bytes, 4, readU32(bytes, 0), 'The list of target port groups', warnings).length;
  const data = bytes.subarray(0, end);
  const spans: { at: number; ports: Uint8Array }[] = [];
  let at = isExtended(data) ? RTPG_EXTENDED.size : RTPG_HEADER.size;
  while (at + PORT_GROUP.size <= end) {
    const ports = promised(
      data,
      at + PORT_GROUP.size,
      (data[at + 7] ?? 0) * GROUP_PORT.size,
      'A list of target ports',
      warnings,
    );
    spans.push({ at, ports });
    at += PORT_GROUP.size + ports.length;
  }
  if (at < end) warnings.push(`${String(end - at)} bytes follow the last target port group.`);
  return spans;
}

/** Reads REPORT TARGET PORT GROUPS data with either header, however short. */
export function decodePortGroups(bytes: Uint8Array): PortGroups {
  const warnings: Warnings = [];
  const groups: PortGroup[] = [];
  for (const { at, ports } of groupSpans(bytes, warnings)) {
    const fields = decodeLayout(PORT_GROUP, bytes, at);
    if (fields === undefined) continue;
    const offsets = recordOffsets(ports, GROUP_PORT.size, 'A list of target ports', warnings);
    groups.push({
      ...fields,
      stateName: accessStateName(fields.state),
      ports: offsets.map((offset) => readU16(ports, offset + 2)),
    });
  }
  return { groups, ...(isExtended(bytes) ? { transitionSeconds: bytes[5] ?? 0 } : {}), warnings };
}

/** A group as a target reports it. */
export type PortGroupInput = Omit<LayoutInput<typeof PORT_GROUP>, 'portCount'> & { readonly ports: readonly number[] };

/** Builds REPORT TARGET PORT GROUPS data; a transition time gives it the extended header. */
export function encodePortGroups(groups: readonly PortGroupInput[], transitionSeconds?: number): Uint8Array {
  const body = joinBytes(
    groups.flatMap(({ ports, ...fields }) => [
      encodeStruct(PORT_GROUP, { ...fields, portCount: ports.length }),
      ...ports.map((relativePort) => encodeStruct(GROUP_PORT, { relativePort })),
    ]),
  );
  if (transitionSeconds === undefined) return joinBytes([encodeStruct(RTPG_HEADER, { dataLength: body.length }), body]);
  return joinBytes([encodeStruct(RTPG_EXTENDED, { dataLength: body.length + 4, format: 1, transitionSeconds }), body]);
}

/** The states SET TARGET PORT GROUPS asks for. */
export interface SetPortGroups {
  readonly groups: readonly LayoutValue<typeof SET_PORT_GROUP>[];
  readonly warnings: readonly string[];
}

/** Reads a SET TARGET PORT GROUPS parameter list, however short. */
export function decodeSetPortGroups(bytes: Uint8Array): SetPortGroups {
  const warnings: Warnings = [];
  const list = bytes.subarray(Math.min(4, bytes.length));
  const groups = recordOffsets(list, SET_PORT_GROUP.size, 'The list of target port groups', warnings).map((at) =>
    decodeLayout(SET_PORT_GROUP, list, at),
  );
  return {
    groups: groups.filter((group): group is LayoutValue<typeof SET_PORT_GROUP> => group !== undefined),
    warnings,
  };
}

/** Builds a SET TARGET PORT GROUPS parameter list. */
export function encodeSetPortGroups(groups: readonly LayoutInput<typeof SET_PORT_GROUP>[]): Uint8Array {
  return joinBytes([new Uint8Array(4), ...groups.map((group) => encodeStruct(SET_PORT_GROUP, group))]);
}

/** The field tree of REPORT TARGET PORT GROUPS data. */
export function portGroupsFieldTree(bytes: Uint8Array): FieldNode {
  const warnings: Warnings = [];
  const groups = groupSpans(bytes, warnings).map(({ at, ports }) => {
    const state = accessStateName((bytes[at] ?? 0) & 15);
    const portTrees = recordOffsets(ports, GROUP_PORT.size, '', []).map((offset) =>
      entryTree(GROUP_PORT, bytes, at + PORT_GROUP.size + offset, `Port ${String(readU16(ports, offset + 2))}`),
    );
    const text = `Group ${String(readU16(bytes, at + 2))}: ${state}`;
    return { ...entryTree(PORT_GROUP, bytes, at, text, portTrees), length: PORT_GROUP.size + ports.length };
  });
  return payloadTree(isExtended(bytes) ? RTPG_EXTENDED : RTPG_HEADER, bytes, groups, { warnings });
}

/** The field tree of a SET TARGET PORT GROUPS parameter list. */
export function setPortGroupsFieldTree(bytes: Uint8Array): FieldNode {
  const { groups, warnings } = decodeSetPortGroups(bytes);
  const trees = groups.map((group, i) =>
    entryTree(SET_PORT_GROUP, bytes, 4 + i * 4, `Group ${String(group.group)}: ${accessStateName(group.state)}`),
  );
  return payloadTree(
    layout('setPortGroups', 'Target port groups to set', 4, 'SPC-5 SET TARGET PORT GROUPS', []),
    bytes,
    trees,
    {
      warnings,
    },
  );
}
