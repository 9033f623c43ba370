import { ascii, bits, flag, layout, raw, u64, uint } from '../../bytes/index.ts';
import { DEVICE_TYPE_NAMES, PERIPHERAL_QUALIFIERS } from '../device-types.ts';

/** Names of the vital product data pages, device type specific ones as block devices use them. */
export const VPD_PAGE_NAMES: Readonly<Record<number, string>> = {
  0x00: 'Supported VPD pages',
  0x80: 'Unit serial number',
  0x81: 'Implemented operating definition (obsolete)',
  0x82: 'ASCII implemented operating definition (obsolete)',
  0x83: 'Device identification',
  0x84: 'Software interface identification',
  0x85: 'Management network addresses',
  0x86: 'Extended INQUIRY data',
  0x87: 'Mode page policy',
  0x88: 'SCSI ports',
  0x89: 'ATA information',
  0x8a: 'Power condition',
  0x8b: 'Device constituents',
  0x8c: 'CFA profile information',
  0x8d: 'Power consumption',
  0x8f: 'Third-party copy',
  0x90: 'Protocol specific logical unit information',
  0x91: 'Protocol specific port information',
  0x92: 'SCSI feature sets',
  0xb0: 'Block limits',
  0xb1: 'Block device characteristics',
  0xb2: 'Logical block provisioning',
  0xb3: 'Referrals',
  0xb4: 'Supported block lengths and protection types',
  0xb5: 'Block device characteristics extension',
  0xb6: 'Zoned block device characteristics',
  0xb7: 'Block limits extension',
};

/** The header every VPD page starts with. */
const head = () =>
  [
    bits('qualifier', 'Peripheral qualifier', 0, [7, 5], { values: PERIPHERAL_QUALIFIERS }),
    bits('deviceType', 'Peripheral device type', 0, [4, 0], { values: DEVICE_TYPE_NAMES }),
    uint('pageCode', 'Page code', 1, 1, { values: VPD_PAGE_NAMES }),
    uint('pageLength', 'Page length', 2, 2),
  ] as const;

/** The header alone. */
export const VPD_HEADER = layout('vpd', 'VPD page', 4, 'SPC-5 vital product data', head());

/** Extended INQUIRY data, 86h (SPC-5 extended INQUIRY data VPD page). */
export const EXTENDED_INQUIRY = layout(
  'extendedInquiry',
  'Extended INQUIRY data',
  64,
  'SPC-5 extended INQUIRY data VPD page',
  [
    ...head(),
    bits('activateMicrocode', 'ACTIVATE_MICROCODE', 4, [7, 6]),
    bits('supportedProtection', 'SPT', 4, [5, 3], { meaning: 'Protection types the unit supports.' }),
    flag('guardCheck', 'GRD_CHK', 4, 2),
    flag('applicationCheck', 'APP_CHK', 4, 1),
    flag('referenceCheck', 'REF_CHK', 4, 0),
    flag('uaskSupported', 'UASK_SUP', 5, 5),
    flag('groupSupported', 'GROUP_SUP', 5, 4),
    flag('prioritySupported', 'PRIOR_SUP', 5, 3),
    flag('headOfQueue', 'HEADSUP', 5, 2),
    flag('ordered', 'ORDSUP', 5, 1),
    flag('simple', 'SIMPSUP', 5, 0),
    flag('writeUncorrectable', 'WU_SUP', 6, 3),
    flag('correctionDisable', 'CRD_SUP', 6, 2),
    flag('nonVolatileCache', 'NV_SUP', 6, 1),
    flag('volatileCache', 'V_SUP', 6, 0),
    flag('noProtectionCheck', 'NO_PI_CHK', 7, 5),
    flag('protectionIntervals', 'P_I_I_SUP', 7, 4),
    flag('luiClear', 'LUICLR', 7, 0),
    bits('luCollectionType', 'LU collection type', 8, [7, 5]),
    flag('referrals', 'R_SUP', 8, 4),
    flag('revertToDefaults', 'RTD_SUP', 8, 3),
    flag('historySnapshotRelease', 'HSSRELEF', 8, 1),
    flag('capabilityBasedSecurity', 'CBCS', 8, 0),
    bits('multiNexusDownload', 'Multi I_T nexus microcode download', 9, [3, 0]),
    uint('selfTestMinutes', 'Extended self-test completion minutes', 10, 2),
    flag('powerOnActivation', 'POA_SUP', 12, 7),
    flag('hardResetActivation', 'HRA_SUP', 12, 6),
    flag('vendorActivation', 'VSA_SUP', 12, 5),
    uint('maximumSenseLength', 'Maximum supported sense data length', 13, 1),
  ],
);

/** Block limits, B0h (SBC-4 VPD pages). */
export const BLOCK_LIMITS = layout('blockLimits', 'Block limits', 64, 'SBC-4 block limits VPD page', [
  ...head(),
  flag('wsnz', 'WSNZ', 4, 0, { meaning: 'WRITE SAME does not take a length of zero.' }),
  uint('maximumCompareAndWrite', 'Maximum COMPARE AND WRITE length', 5, 1),
  uint('optimalGranularity', 'Optimal transfer length granularity', 6, 2),
  uint('maximumTransfer', 'Maximum transfer length', 8, 4, {
    meaning: 'Blocks in one command; 0 means no limit is stated.',
  }),
  uint('optimalTransfer', 'Optimal transfer length', 12, 4),
  uint('maximumPrefetch', 'Maximum prefetch length', 16, 4),
  uint('maximumUnmapBlocks', 'Maximum UNMAP LBA count', 20, 4),
  uint('maximumUnmapDescriptors', 'Maximum UNMAP block descriptor count', 24, 4),
  uint('optimalUnmapGranularity', 'Optimal UNMAP granularity', 28, 4),
  flag('unmapAlignmentValid', 'UGAVALID', 32, 7),
  bits('unmapAlignment', 'UNMAP granularity alignment', 32, [30, 0], { size: 4 }),
  u64('maximumWriteSame', 'Maximum WRITE SAME length', 36),
  uint('maximumAtomic', 'Maximum atomic transfer length', 44, 4),
  uint('atomicAlignment', 'Atomic alignment', 48, 4),
  uint('atomicGranularity', 'Atomic transfer length granularity', 52, 4),
  uint('maximumAtomicWithBoundary', 'Maximum atomic transfer length with atomic boundary', 56, 4),
  uint('maximumAtomicBoundary', 'Maximum atomic boundary size', 60, 4),
]);

/** Block device characteristics, B1h (SBC-4 VPD pages). */
export const BLOCK_CHARACTERISTICS = layout(
  'blockCharacteristics',
  'Block device characteristics',
  64,
  'SBC-4 block device characteristics VPD page',
  [
    ...head(),
    uint('rotationRate', 'Medium rotation rate', 4, 2, {
      values: { 0: 'Not reported', 1: 'Not rotating (solid state)' },
    }),
    uint('productType', 'Product type', 6, 1),
    bits('wabereq', 'WABEREQ', 7, [7, 6]),
    bits('wacereq', 'WACEREQ', 7, [5, 4]),
    bits('formFactor', 'Nominal form factor', 7, [3, 0], {
      values: {
        0: 'Not reported',
        1: '5.25 inch',
        2: '3.5 inch',
        3: '2.5 inch',
        4: '1.8 inch',
        5: 'Less than 1.8 inch',
      },
    }),
    bits('zoned', 'ZONED', 8, [5, 4], { values: { 0: 'Not reported', 1: 'Host aware', 2: 'Device managed' } }),
    flag('rbwz', 'RBWZ', 8, 3),
    flag('bocs', 'BOCS', 8, 2),
    flag('fuab', 'FUAB', 8, 1),
    flag('vbuls', 'VBULS', 8, 0),
    uint('depopulationTime', 'Depopulation time', 12, 4),
  ],
);

/** Logical block provisioning, B2h (SBC-4 VPD pages), without the provisioning group descriptor. */
export const PROVISIONING = layout(
  'provisioning',
  'Logical block provisioning',
  8,
  'SBC-4 logical block provisioning VPD page',
  [
    ...head(),
    uint('thresholdExponent', 'Threshold exponent', 4, 1),
    flag('unmap', 'LBPU', 5, 7, { meaning: 'UNMAP is supported.' }),
    flag('writeSame16', 'LBPWS', 5, 6, { meaning: 'WRITE SAME(16) unmaps.' }),
    flag('writeSame10', 'LBPWS10', 5, 5, { meaning: 'WRITE SAME(10) unmaps.' }),
    bits('readsZero', 'LBPRZ', 5, [4, 2], {
      meaning: 'What unmapped blocks read as: 1 zeros, 2 the initialization pattern.',
    }),
    flag('anchor', 'ANC_SUP', 5, 1),
    flag('groupPresent', 'DP', 5, 0, { meaning: 'A provisioning group descriptor follows.' }),
    bits('minimumPercentage', 'Minimum percentage', 6, [7, 3]),
    bits('provisioningType', 'Provisioning type', 6, [2, 0], {
      values: { 0: 'Not reported, or full', 1: 'Resource provisioned', 2: 'Thin provisioned' },
    }),
    uint('thresholdPercentage', 'Threshold percentage', 7, 1),
  ],
);

/** Referrals, B3h. */
export const REFERRALS = layout('referrals', 'Referrals', 16, 'SBC-4 referrals VPD page', [
  ...head(),
  uint('segmentSize', 'User data segment size', 8, 4),
  uint('segmentMultiplier', 'User data segment multiplier', 12, 4),
]);

/** Block device characteristics extension, B5h. */
export const BLOCK_CHARACTERISTICS_EXTENSION = layout(
  'blockCharacteristicsExtension',
  'Block device characteristics extension',
  16,
  'SBC-4 block device characteristics extension VPD page',
  [
    ...head(),
    uint('utilizationType', 'Utilization type', 5, 1),
    uint('utilizationUnits', 'Utilization units', 6, 1),
    uint('utilizationInterval', 'Utilization interval', 7, 1),
    uint('utilizationB', 'Utilization B', 8, 4),
    uint('utilizationA', 'Utilization A', 12, 4),
  ],
);

/** Zoned block device characteristics, B6h. */
export const ZONED_CHARACTERISTICS = layout(
  'zonedCharacteristics',
  'Zoned block device characteristics',
  64,
  'ZBC zoned block device characteristics VPD page',
  [
    ...head(),
    bits('zoneExtension', 'Zoned block device extension', 4, [7, 4]),
    flag('urswrz', 'URSWRZ', 4, 0, { meaning: 'Sequential zones can be read past the write pointer.' }),
    uint('optimalOpenSequential', 'Optimal number of open sequential write preferred zones', 8, 4),
    uint('optimalNonSequential', 'Optimal number of non-sequentially written zones', 12, 4),
    uint('maximumOpen', 'Maximum number of open sequential write required zones', 16, 4),
  ],
);

/** ATA information, 89h, up to the IDENTIFY data. */
export const ATA_INFORMATION = layout('ataInformation', 'ATA information', 60, 'SAT-4 ATA information VPD page', [
  ...head(),
  ascii('satVendor', 'SAT vendor identification', 8, 8),
  ascii('satProduct', 'SAT product identification', 16, 16),
  ascii('satRevision', 'SAT product revision level', 32, 4),
  raw('signature', 'ATA device signature', 36, 20),
  uint('commandCode', 'Command code', 56, 1, { values: { 0xec: 'IDENTIFY DEVICE', 0xa1: 'IDENTIFY PACKET DEVICE' } }),
]);

/** Sequential access device capabilities, B0h of a tape unit. */
export const SEQUENTIAL_CAPABILITIES = layout(
  'sequentialCapabilities',
  'Sequential access device capabilities',
  6,
  'SSC-5',
  [...head(), flag('tsmc', 'TSMC', 4, 1), flag('worm', 'WORM', 4, 0, { meaning: 'Write once media are supported.' })],
);

/** One entry of the mode page policy page, 87h. */
export const MODE_PAGE_POLICY = layout(
  'modePagePolicy',
  'Mode page policy descriptor',
  4,
  'SPC-5 mode page policy VPD page',
  [
    bits('pageCode', 'Policy page code', 0, [5, 0]),
    uint('subpageCode', 'Policy subpage code', 1, 1),
    flag('mlus', 'MLUS', 2, 7, { meaning: 'Several logical units share the page.' }),
    bits('policy', 'Mode page policy', 2, [1, 0], {
      values: { 0: 'Shared', 1: 'Per target port', 3: 'Per I_T nexus' },
    }),
  ],
);

/** One entry of the management network addresses page, 85h. */
export const MANAGEMENT_ADDRESS = layout(
  'managementAddress',
  'Network services descriptor',
  4,
  'SPC-5 management network addresses VPD page',
  [
    bits('association', 'Association', 0, [6, 5]),
    bits('serviceType', 'Service type', 0, [4, 0], {
      values: {
        0: 'Unspecified',
        1: 'Storage configuration',
        2: 'Diagnostics',
        3: 'Status',
        4: 'Logging',
        5: 'Code download',
        6: 'Copy',
        7: 'Administrative configuration',
      },
    }),
    uint('length', 'Network address length', 2, 2),
  ],
);

/** The head of a port in the SCSI ports page, 88h, up to its initiator port TransportID. */
export const SCSI_PORT = layout('scsiPort', 'SCSI port designation descriptor', 8, 'SPC-5 SCSI ports VPD page', [
  uint('relativePort', 'Relative port identifier', 2, 2),
  uint('transportIdLength', 'Initiator port TransportID length', 6, 2),
]);

/** What lies between the TransportID and the target port descriptors of a port. */
export const SCSI_PORT_TARGET = layout(
  'targetPortDescriptors',
  'Target port descriptors',
  4,
  'SPC-5 SCSI ports VPD page',
  [uint('descriptorsLength', 'Target port descriptors length', 2, 2)],
);

/** Layouts of the pages that are one fixed structure, by page code, as block devices use them. */
export const FIXED_PAGES = {
  extendedInquiry: EXTENDED_INQUIRY,
  blockLimits: BLOCK_LIMITS,
  blockCharacteristics: BLOCK_CHARACTERISTICS,
  referrals: REFERRALS,
  blockCharacteristicsExtension: BLOCK_CHARACTERISTICS_EXTENSION,
  zonedCharacteristics: ZONED_CHARACTERISTICS,
  ataInformation: ATA_INFORMATION,
  sequentialCapabilities: SEQUENTIAL_CAPABILITIES,
} as const;
