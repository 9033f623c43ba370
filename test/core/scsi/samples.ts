import {
  buildCdb,
  decodeCapacity10,
  decodeCapacity16,
  decodeCommandSupport,
  decodeConfiguration,
  decodeElementStatus,
  decodeInquiry,
  decodeLbaStatus,
  decodeLogPage,
  decodeLunList,
  decodeModeParameters,
  decodePortGroups,
  decodePosition,
  decodePrOut,
  decodePrOutMove,
  decodeRawToc,
  decodeReservation,
  decodeReservationCapabilities,
  decodeReservationKeys,
  decodeReservationStatus,
  decodeSense,
  decodeSetPortGroups,
  decodeSupportedCommands,
  decodeTapeBlockLimits,
  decodeTaskFunctions,
  decodeTimestamp,
  decodeToc,
  decodeTransportId,
  decodeUnmapList,
  decodeVpd,
} from '../../../core/scsi/index.ts';
import { hex } from './arbitrary.ts';

/** A payload, how it is read, and the command that moves it. */
export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly cdb: Uint8Array;
  readonly direction: 'in' | 'out';
  readonly deviceType: number;
}

const ID = '05000014 69716e2e78000000 0000000000000000 00000000';
const zeros = (count: number): string => '00'.repeat(count);

function sample(
  name: string,
  text: string,
  decode: Sample['decode'],
  cdb: Uint8Array,
  direction: 'in' | 'out' = 'in',
  deviceType = 0,
): Sample {
  return { name, bytes: hex(text), decode, cdb, direction, deviceType };
}

const inquiry = buildCdb('inquiry', { allocationLength: 255 });
const vpd = buildCdb('inquiry', { evpd: true, pageCode: 0x83, allocationLength: 255 });
const sense = buildCdb('requestSense', { allocationLength: 252 });
const log = buildCdb('logSense', { allocationLength: 255 });
const parameterListLength = 24;
const allocationLength = 255;

/** One whole sample of every payload the folder reads. */
export const SAMPLES: readonly Sample[] = [
  sample(
    'inquiry',
    `00 80 07 32 5b 19 50 02 ${zeros(8)} ${zeros(16)} 30303031 ${zeros(22)} 0460 0600 ffff ${zeros(32)}`,
    decodeInquiry,
    inquiry,
  ),
  sample('vpd 00', '00 00 0003 00 83 b0', decodeVpd, vpd),
  sample('vpd 80', '00 80 0008 20204c5330303031', decodeVpd, vpd),
  sample(
    'vpd 83',
    '00 83 0023 02 01 000b 4c554e4120202020616263 01 03 0008 5001400501020304 51 94 0004 00000001',
    decodeVpd,
    vpd,
  ),
  sample('vpd 85', '00 85 000c 21 00 0008 687474703a2f2f00', decodeVpd, vpd),
  sample('vpd 86', `00 86 003c ${zeros(60)}`, decodeVpd, vpd),
  sample('vpd 87', '00 87 0008 08 00 80 00 3f ff 03 00', decodeVpd, vpd),
  sample(
    'vpd 88',
    `00 88 003c 0000 0001 0000 0000 0000 000c 53980008 69716e2e78000000 0000 0002 0000 0018 ${ID} 0000 0000`,
    decodeVpd,
    vpd,
  ),
  sample('vpd b0', `00 b0 003c ${zeros(60)}`, decodeVpd, vpd),
  sample('vpd b2', '00 b2 0010 03 e7 22 09 01030008 5001400501020304', decodeVpd, vpd),
  sample('vpd c0', '00 c0 0004 deadbeef', decodeVpd, vpd),
  sample('vpd b0 of a tape', '01 b0 0002 01 00', decodeVpd, vpd, 'in', 1),
  sample('fixed sense', 'f0 00 03 00001234 0a 00000005 1100 09 800007', decodeSense, sense),
  sample('fixed sense with more behind', 'f0 00 05 00001234 0e 00000005 2400 09 cb0007 01020304', decodeSense, sense),
  sample(
    'descriptor sense',
    '72 05 24 00 000000 2c 000a8000 0000000000000001 020600 00cb000200 0302 0004 0c0a0002 7205240000000000 8002ffff 090200ff',
    decodeSense,
    sense,
  ),
  sample('capacity 10', '000fffff 00000200', decodeCapacity10, buildCdb('readCapacity10', {})),
  sample(
    'capacity 16',
    `0000000200000000 00000200 05 03 c001 ${zeros(16)}`,
    decodeCapacity16,
    buildCdb('readCapacity16', { allocationLength: 32 }),
  ),
  sample(
    'luns',
    '00000018 00000000 0001000000000000 412c000000000000 c101000000000000',
    decodeLunList,
    buildCdb('reportLuns', { allocationLength }),
  ),
  sample(
    'mode 6',
    `33 00 90 08 00100000 00 000200 88 12 04 ${zeros(17)} 4a 01 0004 01020304 2f 06 010203040506 81 02 c008`,
    (bytes) => decodeModeParameters(bytes, 6),
    buildCdb('modeSense6', { allocationLength }),
  ),
  sample(
    'mode 10',
    `0026 00 00 01 00 0010 0000000200000000 00000000 00001000 0a 0a ${zeros(10)} 99 02 0500`,
    (bytes) => decodeModeParameters(bytes, 10),
    buildCdb('modeSense10', { allocationLength }),
  ),
  sample(
    'mode select 6',
    '00 00 00 00 0a 0a 02 00000000000000 0000',
    (bytes) => decodeModeParameters(bytes, 6),
    buildCdb('modeSelect6', { parameterListLength }),
    'out',
  ),
  sample(
    'mode select 10',
    '0000 00 00 00 00 0000 0a 0a 02 00000000000000 0000',
    (bytes) => decodeModeParameters(bytes, 10),
    buildCdb('modeSelect10', { parameterListLength }),
    'out',
  ),
  sample(
    'pr keys',
    '00000007 00000010 0123456789abcdef 0000000000000001',
    decodeReservationKeys,
    buildCdb('prInReadKeys', { allocationLength }),
  ),
  sample(
    'pr reservation',
    '00000002 00000010 00000000000000aa 00000000 00 05 0000',
    decodeReservation,
    buildCdb('prInReadReservation', { allocationLength }),
  ),
  sample(
    'pr capabilities',
    '0008 9d 81 ea 01 0000',
    decodeReservationCapabilities,
    buildCdb('prInReportCapabilities', { allocationLength }),
  ),
  sample(
    'pr full status',
    `00000003 00000060 00000000000000aa 00000000 03 08 00000000 0001 00000018 ${ID} 00000000000000ab 00000000 00 00 00000000 0001 00000018 ${ID}`,
    decodeReservationStatus,
    buildCdb('prInReadFullStatus', { allocationLength }),
  ),
  sample(
    'pr out',
    '0000000000000001 0000000000000002 00000000 05 000000',
    decodePrOut,
    buildCdb('prOutReserve', { parameterListLength }),
    'out',
  ),
  sample(
    'pr out with TransportIDs',
    `${zeros(20)} 08 000000 00000030 ${ID} ${ID}`,
    decodePrOut,
    buildCdb('prOutRegister', { parameterListLength }),
    'out',
  ),
  sample(
    'pr out move',
    `0000000000000001 0000000000000002 00 03 0002 00000018 ${ID}`,
    decodePrOutMove,
    buildCdb('prOutRegisterAndMove', { parameterListLength }),
    'out',
  ),
  sample('transport id', ID, decodeTransportId, buildCdb('testUnitReady', {})),
  sample(
    'port groups',
    '00000014 10 1e 0000 80 07 0001 00 02 00 02 00000001 00000002',
    decodePortGroups,
    buildCdb('reportTargetPortGroups', { allocationLength }),
  ),
  sample(
    'port groups, short header',
    '0000000c 82 07 0001 00 02 00 01 00000001',
    decodePortGroups,
    buildCdb('reportTargetPortGroups', { allocationLength }),
  ),
  sample(
    'set port groups',
    '00000000 02000003 00000004',
    decodeSetPortGroups,
    buildCdb('setTargetPortGroups', { parameterListLength }),
    'out',
  ),
  sample(
    'supported commands',
    '0000001c 28 00 0000 00 00 000a 9e 00 0010 00 03 0010 000a 00 00 00000005 0000003c',
    decodeSupportedCommands,
    buildCdb('reportSupportedOperationCodes', { allocationLength }),
  ),
  sample(
    'one command',
    '00 83 000a 28 fe ffffffff 1f ffff 07 000a 00 00 00000000 0000001e',
    decodeCommandSupport,
    buildCdb('reportSupportedOperationCodes', { reportingOptions: 1, requestedOperationCode: 0x28, allocationLength }),
  ),
  sample(
    'task functions',
    '80 00 00 0c 01 000000 0000000a 00000005',
    decodeTaskFunctions,
    buildCdb('reportSupportedTaskManagementFunctions', { repd: true, allocationLength }),
  ),
  sample(
    'timestamp',
    '000a 02 00 010203040506 0000',
    decodeTimestamp,
    buildCdb('reportTimestamp', { allocationLength }),
  ),
  sample(
    'unmap',
    '0026 0020 00000000 0000000000000005 00000008 00000000 0000000000000010 00000001 00000000',
    decodeUnmapList,
    buildCdb('unmap', { parameterListLength }),
    'out',
  ),
  sample(
    'lba status',
    '00000024 00000000 0000000000000005 00000008 01 00 0000 000000000000000d 00000003 02 00 0000',
    decodeLbaStatus,
    buildCdb('getLbaStatus', { lba: 0, allocationLength }),
  ),
  sample('log 00', '00 00 0003 00 02 2f', decodeLogPage, log),
  sample('log 00/ff', '40 ff 0004 00 00 0d 01', decodeLogPage, log),
  sample('log 02', '02 00 0014 0003 03 04 00000005 0006 03 02 0009 8000 03 02 beef', decodeLogPage, log),
  sample('log 10', '10 00 0014 0001 03 10 24 03 0009 0000000000000005 03 11 00 00', decodeLogPage, log),
  sample(
    'toc',
    '0012 01 01 00 14 01 00 00000000 00 14 aa 00 00001000',
    decodeToc,
    buildCdb('readTocPmaAtip', { allocationLength }),
    'in',
    5,
  ),
  sample(
    'raw toc',
    '000d 01 01 01 14 00 a0 00 00 00 00 01 00 00',
    decodeRawToc,
    buildCdb('readTocPmaAtip', { format: 2, allocationLength }),
    'in',
    5,
  ),
  sample(
    'atip',
    '0006 00 00 01020304',
    () => undefined,
    buildCdb('readTocPmaAtip', { format: 4, allocationLength }),
    'in',
    5,
  ),
  sample(
    'configuration',
    '00000014 0000 0010 0000 03 04 0010 01 00 ff00 01 04 deadbeef',
    decodeConfiguration,
    buildCdb('getConfiguration', { allocationLength }),
    'in',
    5,
  ),
  sample(
    'position',
    'b1 02 0000 00000005 00000006 00 000007 00000008',
    (bytes) => decodePosition(bytes, 'short'),
    buildCdb('readPosition', { allocationLength: 0 }),
    'in',
    1,
  ),
  sample(
    'long position',
    `40 000000 00000001 ${zeros(24)}`,
    (bytes) => decodePosition(bytes, 'long'),
    buildCdb('readPosition', { serviceAction: 6, allocationLength: 0 }),
    'in',
    1,
  ),
  sample('tape limits', '03 100000 0004', decodeTapeBlockLimits, buildCdb('readBlockLimits', {}), 'in', 1),
  sample(
    'elements',
    `0001 0003 00 00005c 02 80 0034 00 000034 0001 09 00 00 00 000000 80 0005 ${'41'.repeat(32)} ${zeros(8)} 04 00 000c 00 000018 0002 08 00 0000 000000 00 0000 0003 09 00 0000 000000 00 0000`,
    decodeElementStatus,
    buildCdb('readElementStatus', { allocationLength }),
    'in',
    8,
  ),
];
