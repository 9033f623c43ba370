import {
  bits,
  decodePartial,
  flag,
  layout,
  uint,
  type Field,
  type Layout,
  type LayoutInput,
} from '../../bytes/index.ts';
import type { CommandFamily } from '../cdb/spec.ts';
import { familyOf } from '../cdb/catalog.ts';
import { encodeStruct, hexByte } from '../payload.ts';
import { PROTOCOLS } from '../vpd/designators.ts';

/** A mode page: its code, what kinds of unit have it, and every field. */
export interface ModePageSpec<F extends readonly Field[] = readonly Field[]> {
  readonly pageCode: number;
  readonly subpageCode: number;
  readonly family: CommandFamily;
  readonly layout: Layout<F>;
}

/** The two bytes a page starts with (SPC-5 7.5.7). */
export const PAGE_0_HEADER = layout('modePage', 'Mode page', 2, 'SPC-5 7.5.7', [
  flag('ps', 'PS', 0, 7, { meaning: 'The page can be saved.' }),
  flag('spf', 'SPF', 0, 6, { meaning: 'The page has a subpage code.' }),
  bits('pageCode', 'Page code', 0, [5, 0]),
  uint('pageLength', 'Page length', 1, 1),
]);

/** The four bytes a subpage starts with (SPC-5 7.5.7). */
export const SUBPAGE_HEADER = layout('modeSubpage', 'Mode subpage', 4, 'SPC-5 7.5.7', [
  flag('ps', 'PS', 0, 7, { meaning: 'The page can be saved.' }),
  flag('spf', 'SPF', 0, 6, { meaning: 'The page has a subpage code.' }),
  bits('pageCode', 'Page code', 0, [5, 0]),
  uint('subpageCode', 'Subpage code', 1, 1),
  uint('pageLength', 'Page length', 2, 2),
]);

function page<const F extends readonly Field[]>(
  pageCode: number,
  name: string,
  label: string,
  size: number,
  fields: F,
  family: CommandFamily = 'any',
) {
  const all = [...PAGE_0_HEADER.fields, ...fields] as const;
  return { pageCode, subpageCode: 0, family, layout: layout(name, label, size, `${label} mode page`, all) };
}

function subpage<const F extends readonly Field[]>(
  pageCode: number,
  subpageCode: number,
  name: string,
  label: string,
  size: number,
  fields: F,
) {
  const all = [...SUBPAGE_HEADER.fields, ...fields] as const;
  return {
    pageCode,
    subpageCode,
    family: 'any' as CommandFamily,
    layout: layout(name, label, size, `${label} mode page`, all),
  };
}

const recovery = () =>
  [
    flag('eer', 'EER', 2, 3, { meaning: 'Early recovery.' }),
    flag('per', 'PER', 2, 2, { meaning: 'Recovered errors are reported.' }),
    flag('dte', 'DTE', 2, 1, { meaning: 'A transfer ends at the first recovered error.' }),
    flag('dcr', 'DCR', 2, 0, { meaning: 'No error correction codes.' }),
  ] as const;

/** The mode pages the tables describe, by name. */
export const MODE_PAGES = {
  readWriteErrorRecovery: page(0x01, 'readWriteErrorRecovery', 'Read-write error recovery', 12, [
    flag('awre', 'AWRE', 2, 7, { meaning: 'Blocks that fail on write are reallocated.' }),
    flag('arre', 'ARRE', 2, 6, { meaning: 'Blocks that fail on read are reallocated.' }),
    flag('tb', 'TB', 2, 5),
    flag('rc', 'RC', 2, 4),
    ...recovery(),
    uint('readRetries', 'Read retry count', 3, 1),
    flag('lbpere', 'LBPERE', 7, 7, { meaning: 'Provisioning errors are reported.' }),
    uint('writeRetries', 'Write retry count', 8, 1),
    uint('recoveryTimeLimit', 'Recovery time limit', 10, 2),
  ]),
  disconnectReconnect: page(0x02, 'disconnectReconnect', 'Disconnect-reconnect', 16, [
    uint('bufferFullRatio', 'Buffer full ratio', 2, 1),
    uint('bufferEmptyRatio', 'Buffer empty ratio', 3, 1),
    uint('busInactivityLimit', 'Bus inactivity limit', 4, 2),
    uint('disconnectTimeLimit', 'Disconnect time limit', 6, 2),
    uint('connectTimeLimit', 'Connect time limit', 8, 2),
    uint('maximumBurst', 'Maximum burst size', 10, 2, { meaning: 'In units of 512 bytes.' }),
    flag('emdp', 'EMDP', 12, 7, { meaning: 'Data may come out of order.' }),
    bits('fairArbitration', 'Fair arbitration', 12, [6, 4]),
    flag('dimm', 'DIMM', 12, 3),
    bits('dtdc', 'DTDC', 12, [2, 0]),
    uint('firstBurst', 'First burst size', 14, 2, { meaning: 'In units of 512 bytes.' }),
  ]),
  formatDevice: page(
    0x03,
    'formatDevice',
    'Format device',
    24,
    [
      uint('tracksPerZone', 'Tracks per zone', 2, 2),
      uint('alternateSectorsPerZone', 'Alternate sectors per zone', 4, 2),
      uint('alternateTracksPerZone', 'Alternate tracks per zone', 6, 2),
      uint('alternateTracksPerUnit', 'Alternate tracks per logical unit', 8, 2),
      uint('sectorsPerTrack', 'Sectors per track', 10, 2),
      uint('bytesPerSector', 'Data bytes per physical sector', 12, 2),
      uint('interleave', 'Interleave', 14, 2),
      uint('trackSkew', 'Track skew factor', 16, 2),
      uint('cylinderSkew', 'Cylinder skew factor', 18, 2),
      flag('softSectors', 'SSEC', 20, 7),
      flag('hardSectors', 'HSEC', 20, 6),
      flag('removable', 'RMB', 20, 5),
      flag('surface', 'SURF', 20, 4),
    ],
    'block',
  ),
  rigidDiskGeometry: page(
    0x04,
    'rigidDiskGeometry',
    'Rigid disk geometry',
    24,
    [
      uint('cylinders', 'Number of cylinders', 2, 3),
      uint('heads', 'Number of heads', 5, 1),
      uint('writePrecompensation', 'Starting cylinder, write precompensation', 6, 3),
      uint('reducedWriteCurrent', 'Starting cylinder, reduced write current', 9, 3),
      uint('stepRate', 'Device step rate', 12, 2),
      uint('landingZone', 'Landing zone cylinder', 14, 3),
      bits('rpl', 'RPL', 17, [1, 0]),
      uint('rotationalOffset', 'Rotational offset', 18, 1),
      uint('rotationRate', 'Medium rotation rate', 20, 2),
    ],
    'block',
  ),
  flexibleDisk: page(
    0x05,
    'flexibleDisk',
    'Flexible disk',
    32,
    [
      uint('transferRate', 'Transfer rate', 2, 2),
      uint('heads', 'Number of heads', 4, 1),
      uint('sectorsPerTrack', 'Sectors per track', 5, 1),
      uint('bytesPerSector', 'Data bytes per sector', 6, 2),
      uint('cylinders', 'Number of cylinders', 8, 2),
      uint('rotationRate', 'Medium rotation rate', 28, 2),
    ],
    'block',
  ),
  writeParameters: page(
    0x05,
    'writeParameters',
    'Write parameters',
    52,
    [
      flag('bufe', 'BUFE', 2, 6),
      flag('lsV', 'LS_V', 2, 5),
      flag('testWrite', 'Test write', 2, 4),
      bits('writeType', 'Write type', 2, [3, 0]),
      bits('multiSession', 'Multi-session', 3, [7, 6]),
      flag('fp', 'FP', 3, 5),
      flag('copy', 'Copy', 3, 4),
      bits('trackMode', 'Track mode', 3, [3, 0]),
      bits('dataBlockType', 'Data block type', 4, [3, 0]),
      uint('linkSize', 'Link size', 5, 1),
      uint('sessionFormat', 'Session format', 8, 1),
      uint('packetSize', 'Packet size', 10, 4),
    ],
    'optical',
  ),
  verifyErrorRecovery: page(0x07, 'verifyErrorRecovery', 'Verify error recovery', 12, [
    ...recovery(),
    uint('verifyRetries', 'Verify retry count', 3, 1),
    uint('recoveryTimeLimit', 'Verify recovery time limit', 10, 2),
  ]),
  caching: page(0x08, 'caching', 'Caching', 20, [
    flag('ic', 'IC', 2, 7),
    flag('abpf', 'ABPF', 2, 6),
    flag('cap', 'CAP', 2, 5),
    flag('disc', 'DISC', 2, 4),
    flag('size', 'SIZE', 2, 3),
    flag('wce', 'WCE', 2, 2, { meaning: 'Write cache enabled: a write is done before it is on the medium.' }),
    flag('mf', 'MF', 2, 1),
    flag('rcd', 'RCD', 2, 0, { meaning: 'Read cache disabled.' }),
    bits('readRetention', 'Demand read retention priority', 3, [7, 4]),
    bits('writeRetention', 'Write retention priority', 3, [3, 0]),
    uint('disablePrefetch', 'Disable prefetch transfer length', 4, 2),
    uint('minimumPrefetch', 'Minimum prefetch', 6, 2),
    uint('maximumPrefetch', 'Maximum prefetch', 8, 2),
    uint('prefetchCeiling', 'Maximum prefetch ceiling', 10, 2),
    flag('fsw', 'FSW', 12, 7),
    flag('lbcss', 'LBCSS', 12, 6),
    flag('dra', 'DRA', 12, 5, { meaning: 'Read-ahead disabled.' }),
    bits('syncProgress', 'SYNC_PROG', 12, [2, 1]),
    flag('nvDis', 'NV_DIS', 12, 0, { meaning: 'Non-volatile cache disabled.' }),
    uint('cacheSegments', 'Number of cache segments', 13, 1),
    uint('cacheSegmentSize', 'Cache segment size', 14, 2),
  ]),
  control: page(0x0a, 'control', 'Control', 12, [
    bits('tst', 'TST', 2, [7, 5], { values: { 0: 'One task set', 1: 'A task set per I_T nexus' } }),
    flag('tmfOnly', 'TMF_ONLY', 2, 4),
    flag('dpicz', 'DPICZ', 2, 3),
    flag('dSense', 'D_SENSE', 2, 2, { meaning: 'Sense data in descriptor format.' }),
    flag('gltsd', 'GLTSD', 2, 1),
    flag('rlec', 'RLEC', 2, 0),
    bits('queueAlgorithm', 'Queue algorithm modifier', 3, [7, 4], {
      values: { 0: 'Restricted reordering', 1: 'Unrestricted reordering' },
    }),
    flag('nuar', 'NUAR', 3, 3),
    bits('qErr', 'QERR', 3, [2, 1]),
    flag('vs', 'VS', 4, 7),
    flag('rac', 'RAC', 4, 6),
    bits('uaIntlckCtrl', 'UA_INTLCK_CTRL', 4, [5, 4]),
    flag('swp', 'SWP', 4, 3, { meaning: 'Software write protect.' }),
    flag('ato', 'ATO', 5, 7),
    flag('tas', 'TAS', 5, 6, { meaning: 'Commands another initiator aborts end in TASK ABORTED.' }),
    flag('atmpe', 'ATMPE', 5, 5),
    flag('rwwp', 'RWWP', 5, 4),
    bits('autoload', 'Autoload mode', 5, [2, 0]),
    uint('busyTimeout', 'Busy timeout period', 8, 2),
    uint('selfTestTime', 'Extended self-test completion time', 10, 2, { meaning: 'In seconds.' }),
  ]),
  controlExtension: subpage(0x0a, 0x01, 'controlExtension', 'Control extension', 32, [
    flag('dlc', 'DLC', 4, 3),
    flag('tcmos', 'TCMOS', 4, 2),
    flag('scsip', 'SCSIP', 4, 1),
    flag('ialuae', 'IALUAE', 4, 0, { meaning: 'Implicit asymmetric access changes are enabled.' }),
    bits('initialPriority', 'Initial command priority', 5, [3, 0]),
    uint('maximumSenseLength', 'Maximum sense data length', 6, 1),
  ]),
  cdAudioControl: page(
    0x0e,
    'cdAudioControl',
    'CD audio control',
    16,
    [
      flag('immed', 'IMMED', 2, 2),
      flag('sotc', 'SOTC', 2, 1),
      bits('port0Channel', 'Output port 0 channel', 8, [3, 0]),
      uint('port0Volume', 'Output port 0 volume', 9, 1),
      bits('port1Channel', 'Output port 1 channel', 10, [3, 0]),
      uint('port1Volume', 'Output port 1 volume', 11, 1),
    ],
    'optical',
  ),
  dataCompression: page(
    0x0f,
    'dataCompression',
    'Data compression',
    16,
    [
      flag('dce', 'DCE', 2, 7, { meaning: 'Compression is enabled.' }),
      flag('dcc', 'DCC', 2, 6, { meaning: 'The drive can compress.' }),
      flag('dde', 'DDE', 3, 7),
      bits('red', 'RED', 3, [6, 5]),
      uint('compression', 'Compression algorithm', 4, 4),
      uint('decompression', 'Decompression algorithm', 8, 4),
    ],
    'tape',
  ),
  protocolSpecificUnit: page(0x18, 'protocolSpecificUnit', 'Protocol specific logical unit', 8, [
    bits('protocol', 'Protocol identifier', 2, [3, 0], { values: PROTOCOLS }),
  ]),
  protocolSpecificPort: page(0x19, 'protocolSpecificPort', 'Protocol specific port', 8, [
    bits('protocol', 'Protocol identifier', 2, [3, 0], { values: PROTOCOLS }),
  ]),
  powerCondition: page(0x1a, 'powerCondition', 'Power condition', 40, [
    bits('backgroundPrecedence', 'PM_BG_PRECEDENCE', 2, [7, 6]),
    flag('standbyY', 'STANDBY_Y', 2, 0),
    flag('idleC', 'IDLE_C', 3, 3),
    flag('idleB', 'IDLE_B', 3, 2),
    flag('idleA', 'IDLE_A', 3, 1),
    flag('standbyZ', 'STANDBY_Z', 3, 0),
    uint('idleATimer', 'Idle_a condition timer', 4, 4, { meaning: 'In tenths of a second.' }),
    uint('standbyZTimer', 'Standby_z condition timer', 8, 4, { meaning: 'In tenths of a second.' }),
    uint('idleBTimer', 'Idle_b condition timer', 12, 4, { meaning: 'In tenths of a second.' }),
    uint('idleCTimer', 'Idle_c condition timer', 16, 4, { meaning: 'In tenths of a second.' }),
    uint('standbyYTimer', 'Standby_y condition timer', 20, 4, { meaning: 'In tenths of a second.' }),
    bits('checkIdle', 'CCF IDLE', 39, [7, 6]),
    bits('checkStandby', 'CCF STANDBY', 39, [5, 4]),
    bits('checkStopped', 'CCF STOPPED', 39, [3, 2]),
  ]),
  informationalExceptions: page(0x1c, 'informationalExceptions', 'Informational exceptions control', 12, [
    flag('perf', 'PERF', 2, 7),
    flag('ebf', 'EBF', 2, 5),
    flag('ewasc', 'EWASC', 2, 4),
    flag('dexcpt', 'DEXCPT', 2, 3, { meaning: 'Informational exceptions are disabled.' }),
    flag('test', 'TEST', 2, 2),
    flag('ebackerr', 'EBACKERR', 2, 1),
    flag('logErr', 'LOGERR', 2, 0),
    bits('mrie', 'MRIE', 3, [3, 0], { meaning: 'How informational exceptions are reported.' }),
    uint('intervalTimer', 'Interval timer', 4, 4, { meaning: 'In tenths of a second.' }),
    uint('reportCount', 'Report count', 8, 4),
  ]),
  elementAddresses: page(
    0x1d,
    'elementAddresses',
    'Element address assignment',
    20,
    [
      uint('firstTransport', 'First medium transport element address', 2, 2),
      uint('transports', 'Number of medium transport elements', 4, 2),
      uint('firstStorage', 'First storage element address', 6, 2),
      uint('storages', 'Number of storage elements', 8, 2),
      uint('firstImportExport', 'First import/export element address', 10, 2),
      uint('importExports', 'Number of import/export elements', 12, 2),
      uint('firstDrive', 'First data transfer element address', 14, 2),
      uint('drives', 'Number of data transfer elements', 16, 2),
    ],
    'changer',
  ),
  mmCapabilities: page(
    0x2a,
    'mmCapabilities',
    'MM capabilities and mechanical status',
    22,
    [
      flag('dvdRamRead', 'DVD-RAM read', 2, 5),
      flag('dvdRRead', 'DVD-R read', 2, 4),
      flag('dvdRomRead', 'DVD-ROM read', 2, 3),
      flag('method2', 'Method 2', 2, 2),
      flag('cdRwRead', 'CD-RW read', 2, 1),
      flag('cdRRead', 'CD-R read', 2, 0),
      flag('dvdRamWrite', 'DVD-RAM write', 3, 5),
      flag('dvdRWrite', 'DVD-R write', 3, 4),
      flag('testWrite', 'Test write', 3, 2),
      flag('cdRwWrite', 'CD-RW write', 3, 1),
      flag('cdRWrite', 'CD-R write', 3, 0),
      flag('buf', 'BUF', 4, 7),
      flag('multiSession', 'Multi-session', 4, 6),
      flag('mode2Form2', 'Mode 2 form 2', 4, 5),
      flag('mode2Form1', 'Mode 2 form 1', 4, 4),
      flag('audioPlay', 'Audio play', 4, 0),
      bits('loadingMechanism', 'Loading mechanism type', 6, [7, 5], {
        values: { 0: 'Caddy', 1: 'Tray', 2: 'Pop-up', 4: 'Changer with discs', 5: 'Changer with magazine' },
      }),
      flag('eject', 'Eject', 6, 3),
      flag('preventJumper', 'Prevent jumper', 6, 2),
      flag('lockState', 'Lock state', 6, 1, { meaning: 'The medium is locked in.' }),
      flag('lock', 'Lock', 6, 0),
      uint('maximumReadSpeed', 'Maximum read speed (kB/s, obsolete)', 8, 2),
      uint('volumeLevels', 'Number of volume levels', 10, 2),
      uint('bufferSize', 'Buffer size (KB)', 12, 2),
      uint('currentReadSpeed', 'Current read speed (kB/s, obsolete)', 14, 2),
    ],
    'optical',
  ),
} as const;

/** Names of the mode pages the tables describe. */
export type ModePageId = keyof typeof MODE_PAGES;

const LIST: readonly (ModePageSpec & { readonly id: string })[] = Object.entries(MODE_PAGES).map(([id, spec]) => ({
  ...spec,
  id,
}));

const OTHER_NAMES: Readonly<Record<number, string>> = {
  0x00: 'Vendor specific page',
  0x06: 'Optical memory',
  0x09: 'Peripheral device (obsolete)',
  0x0b: 'Medium types supported',
  0x0c: 'Notch and partition',
  0x0d: 'Power condition (obsolete), or CD device parameters',
  0x10: 'Device configuration',
  0x11: 'Medium partition',
  0x14: 'Enclosure services management',
  0x1b: 'LUN mapping',
  0x1e: 'Transport geometry parameters',
  0x1f: 'Device capabilities',
  0x3f: 'All pages',
};

/** The page a code means on a unit of this device type. */
export function findModePage(
  pageCode: number,
  subpageCode: number,
  deviceType = 0,
): (ModePageSpec & { readonly id: string }) | undefined {
  const family = familyOf(deviceType);
  const fitting = LIST.filter((spec) => spec.pageCode === pageCode && spec.subpageCode === subpageCode);
  return fitting.find((spec) => spec.family === family) ?? fitting.find((spec) => spec.family === 'any');
}

/** The name of a mode page. */
export function modePageName(pageCode: number, subpageCode: number, deviceType = 0): string {
  const known =
    findModePage(pageCode, subpageCode, deviceType)?.layout.label ??
    (subpageCode === 0 ? OTHER_NAMES[pageCode] : undefined);
  if (known !== undefined) return known;
  const code = subpageCode === 0 ? hexByte(pageCode) : `${hexByte(pageCode)}/${hexByte(subpageCode)}`;
  return `${pageCode >= 0x20 && pageCode < 0x3f ? 'Vendor specific page' : 'Page'} ${code}`;
}

/** Fields of a page a builder takes: its code and length are filled in. */
export type ModePageInput<I extends ModePageId> = Omit<
  LayoutInput<(typeof MODE_PAGES)[I]['layout']>,
  'spf' | 'pageCode' | 'subpageCode' | 'pageLength'
>;

/** Builds one mode page of the tables (SPC-5 7.5). */
export function encodeModePage<I extends ModePageId>(id: I, input: ModePageInput<I>): Uint8Array {
  const spec: ModePageSpec = MODE_PAGES[id];
  const { size } = spec.layout;
  const head =
    spec.subpageCode === 0
      ? { spf: false, pageLength: size - 2 }
      : { spf: true, subpageCode: spec.subpageCode, pageLength: size - 4 };
  const fields: LayoutInput<Layout> = { ...input, pageCode: spec.pageCode, ...head };
  return encodeStruct(spec.layout, fields);
}

/** Reads the fields of a mode page, header included, as far as the bytes go. */
export function decodeModePage(
  spec: ModePageSpec,
  bytes: Uint8Array,
): Readonly<Record<string, number | bigint | boolean | string | Uint8Array>> {
  return decodePartial(spec.layout, bytes) as Readonly<Record<string, number | bigint | boolean | string | Uint8Array>>;
}
