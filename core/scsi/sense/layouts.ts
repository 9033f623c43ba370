import { bits, flag, layout, raw, u64, uint } from '../../bytes/index.ts';
import { SENSE_KEYS } from './asc-names.ts';

const RESPONSE = {
  0x70: 'Current, fixed',
  0x71: 'Deferred, fixed',
  0x72: 'Current, descriptor',
  0x73: 'Deferred, descriptor',
};

/** Fixed format sense data up to its additional bytes (SPC-4 4.5.3). */
export const FIXED_SENSE = layout('fixedSense', 'Fixed format sense data', 18, 'SPC-4 4.5.3', [
  flag('valid', 'VALID', 0, 7, { meaning: 'The information field holds what the standard defines.' }),
  bits('responseCode', 'Response code', 0, [6, 0], { values: RESPONSE }),
  uint('segmentNumber', 'Segment number (obsolete)', 1, 1),
  flag('filemark', 'FILEMARK', 2, 7),
  flag('eom', 'EOM', 2, 6, { meaning: 'End or beginning of the medium or partition.' }),
  flag('ili', 'ILI', 2, 5, { meaning: 'The block had another length than asked for.' }),
  flag('sdatOverflow', 'SDAT_OVFL', 2, 4, { meaning: 'The sense data did not fit.' }),
  bits('key', 'Sense key', 2, [3, 0], { values: SENSE_KEYS }),
  uint('information', 'Information', 3, 4),
  uint('additionalLength', 'Additional sense length', 7, 1),
  uint('commandSpecific', 'Command-specific information', 8, 4),
  uint('asc', 'Additional sense code', 12, 1),
  uint('ascq', 'Additional sense code qualifier', 13, 1),
  uint('fieldReplaceableUnit', 'Field replaceable unit code', 14, 1),
  raw('senseKeySpecific', 'Sense key specific', 15, 3),
]);

/** The header of descriptor format sense data (SPC-4 4.5.2). */
export const DESCRIPTOR_SENSE = layout('descriptorSense', 'Descriptor format sense data', 8, 'SPC-4 4.5.2', [
  bits('responseCode', 'Response code', 0, [6, 0], { values: RESPONSE }),
  bits('key', 'Sense key', 1, [3, 0], { values: SENSE_KEYS }),
  uint('asc', 'Additional sense code', 2, 1),
  uint('ascq', 'Additional sense code qualifier', 3, 1),
  flag('sdatOverflow', 'SDAT_OVFL', 4, 7),
  uint('additionalLength', 'Additional sense length', 7, 1),
]);

/** Sense key specific data with ILLEGAL REQUEST (SPC-4 4.5.2.4.2). */
export const SKS_FIELD = layout('fieldPointer', 'Field pointer', 3, 'SPC-4 4.5.2.4.2', [
  flag('sksv', 'SKSV', 0, 7),
  flag('inCdb', 'C/D', 0, 6, { values: { 0: 'In the parameter data', 1: 'In the CDB' } }),
  flag('bpv', 'BPV', 0, 3, { meaning: 'The bit pointer counts.' }),
  bits('bit', 'Bit pointer', 0, [2, 0]),
  uint('byte', 'Field pointer', 1, 2),
]);

/** Sense key specific data with COPY ABORTED (SPC-4 4.5.2.4.5). */
export const SKS_SEGMENT = layout('segmentPointer', 'Segment pointer', 3, 'SPC-4 4.5.2.4.5', [
  flag('sksv', 'SKSV', 0, 7),
  flag('inDescriptor', 'SD', 0, 5, { values: { 0: 'In the parameter list', 1: 'In the segment descriptor' } }),
  flag('bpv', 'BPV', 0, 3, { meaning: 'The bit pointer counts.' }),
  bits('bit', 'Bit pointer', 0, [2, 0]),
  uint('byte', 'Field pointer', 1, 2),
]);

/** Sense key specific data with HARDWARE ERROR, MEDIUM ERROR or RECOVERED ERROR. */
export const SKS_RETRIES = layout('retryCount', 'Actual retry count', 3, 'SPC-4 4.5.2.4.3', [
  flag('sksv', 'SKSV', 0, 7),
  uint('retries', 'Actual retry count', 1, 2),
]);

/** Sense key specific data with NO SENSE or NOT READY. */
export const SKS_PROGRESS = layout('progress', 'Progress indication', 3, 'SPC-4 4.5.2.4.4', [
  flag('sksv', 'SKSV', 0, 7),
  uint('progress', 'Progress indication', 1, 2, { meaning: 'Part of 65536 that is done.' }),
]);

/** Sense key specific data with UNIT ATTENTION. */
export const SKS_OVERFLOW = layout('overflow', 'Unit attention condition queue overflow', 3, 'SPC-4 4.5.2.4.6', [
  flag('sksv', 'SKSV', 0, 7),
  flag('overflow', 'OVERFLOW', 0, 0, { meaning: 'Unit attentions were lost.' }),
]);

/** Names of the sense data descriptors (SPC-5, table of descriptor types). */
export const DESCRIPTOR_TYPES: Readonly<Record<number, string>> = {
  0x00: 'Information',
  0x01: 'Command-specific information',
  0x02: 'Sense key specific',
  0x03: 'Field replaceable unit',
  0x04: 'Stream commands',
  0x05: 'Block commands',
  0x06: 'OSD object identification',
  0x07: 'OSD response integrity check value',
  0x08: 'OSD attribute identification',
  0x09: 'ATA status return',
  0x0a: 'Another progress indication',
  0x0b: 'User data segment referral',
  0x0c: 'Forwarded sense data',
  0x0d: 'Direct access block device',
  0x0e: 'Device designation',
  0x0f: 'Microcode activation',
};

const head = () =>
  [
    uint('type', 'Descriptor type', 0, 1, { values: DESCRIPTOR_TYPES }),
    uint('length', 'Additional length', 1, 1),
  ] as const;

/** Layouts of the descriptors of fixed size, by type. */
export const DESCRIPTOR_LAYOUTS = {
  0x00: layout('information', 'Information', 12, 'SPC-4 4.5.2.2', [
    ...head(),
    flag('valid', 'VALID', 2, 7),
    u64('information', 'Information', 4),
  ]),
  0x01: layout('commandSpecific', 'Command-specific information', 12, 'SPC-4 4.5.2.3', [
    ...head(),
    u64('commandSpecific', 'Command-specific information', 4),
  ]),
  0x02: layout('senseKeySpecific', 'Sense key specific', 8, 'SPC-4 4.5.2.4', [
    ...head(),
    raw('senseKeySpecific', 'Sense key specific', 4, 3),
  ]),
  0x03: layout('fieldReplaceableUnit', 'Field replaceable unit', 4, 'SPC-4 4.5.2.5', [
    ...head(),
    uint('fieldReplaceableUnit', 'Field replaceable unit code', 3, 1),
  ]),
  0x04: layout('streamCommands', 'Stream commands', 4, 'SSC-5', [
    ...head(),
    flag('filemark', 'FILEMARK', 3, 7),
    flag('eom', 'EOM', 3, 6),
    flag('ili', 'ILI', 3, 5),
  ]),
  0x05: layout('blockCommands', 'Block commands', 4, 'SBC-4', [...head(), flag('ili', 'ILI', 3, 5)]),
  0x09: layout('ataStatusReturn', 'ATA status return', 14, 'SAT-4', [
    ...head(),
    flag('extend', 'EXTEND', 2, 0),
    uint('error', 'ERROR', 3, 1),
    uint('countHigh', 'COUNT (15:8)', 4, 1),
    uint('count', 'COUNT (7:0)', 5, 1),
    uint('lba3', 'LBA (31:24)', 6, 1),
    uint('lba0', 'LBA (7:0)', 7, 1),
    uint('lba4', 'LBA (39:32)', 8, 1),
    uint('lba1', 'LBA (15:8)', 9, 1),
    uint('lba5', 'LBA (47:40)', 10, 1),
    uint('lba2', 'LBA (23:16)', 11, 1),
    uint('device', 'DEVICE', 12, 1),
    uint('status', 'STATUS', 13, 1),
  ]),
  0x0a: layout('anotherProgress', 'Another progress indication', 8, 'SPC-4 4.5.2.6', [
    ...head(),
    bits('key', 'Sense key', 2, [3, 0], { values: SENSE_KEYS }),
    uint('asc', 'Additional sense code', 3, 1),
    uint('ascq', 'Additional sense code qualifier', 4, 1),
    uint('progress', 'Progress indication', 6, 2),
  ]),
  0x0c: layout('forwardedSense', 'Forwarded sense data', 4, 'SPC-4 4.5.2.7', [
    ...head(),
    flag('truncated', 'FSDT', 2, 7),
    bits('source', 'Sense data source', 2, [3, 0]),
    uint('status', 'Forwarded status', 3, 1),
  ]),
  0x0d: layout(
    'directAccess',
    'Direct access block device',
    32,
    'SPC-5 direct access block device sense data descriptor',
    [
      ...head(),
      flag('valid', 'VALID', 2, 7),
      flag('ili', 'ILI', 2, 5),
      raw('senseKeySpecific', 'Sense key specific', 4, 3),
      uint('fieldReplaceableUnit', 'Field replaceable unit code', 7, 1),
      u64('information', 'Information', 8),
      u64('commandSpecific', 'Command-specific information', 16),
    ],
  ),
} as const;
