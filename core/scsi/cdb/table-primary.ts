import { bits, flag, uint } from '../../bytes/index.ts';
import { allocation, command, parameterList } from './spec.ts';

const SPC = 'SPC-5';

const PAGE_CONTROL = { 0: 'Current values', 1: 'Changeable values', 2: 'Default values', 3: 'Saved values' };
const modeSense = (length: 1 | 2, at: number) =>
  [
    flag('dbd', 'DBD', 1, 3, { meaning: 'Leave the block descriptors out.' }),
    bits('pageControl', 'Page control', 2, [7, 6], { values: PAGE_CONTROL }),
    bits('pageCode', 'Page code', 2, [5, 0]),
    uint('subpageCode', 'Subpage code', 3, 1),
    allocation(at, length),
  ] as const;

const modeSelect = () =>
  [
    flag('pf', 'PF', 1, 4, { meaning: 'The pages follow the standard page format.' }),
    flag('rtd', 'RTD', 1, 1, { meaning: 'Go back to the default values.' }),
    flag('sp', 'SP', 1, 0, { meaning: 'Save the pages.' }),
  ] as const;

/** Commands of SPC that every kind of unit may have, the reservation and maintenance commands aside. */
export const PRIMARY_COMMANDS = [
  command('testUnitReady', 'TEST UNIT READY', 0x00, 6, 'none', SPC, []),
  command('requestSense', 'REQUEST SENSE', 0x03, 6, 'in', SPC, [
    flag('desc', 'DESC', 1, 0, { meaning: 'Descriptor format sense data is wanted.' }),
    allocation(4, 1),
  ]),
  command('inquiry', 'INQUIRY', 0x12, 6, 'in', SPC, [
    flag('cmdDt', 'CMDDT (obsolete)', 1, 1),
    flag('evpd', 'EVPD', 1, 0, { meaning: 'A vital product data page is wanted.' }),
    uint('pageCode', 'Page code', 2, 1),
    allocation(3, 2),
  ]),
  command('modeSelect6', 'MODE SELECT(6)', 0x15, 6, 'out', SPC, [...modeSelect(), parameterList(4, 1)]),
  command('modeSelect10', 'MODE SELECT(10)', 0x55, 10, 'out', SPC, [...modeSelect(), parameterList(7, 2)]),
  command('modeSense6', 'MODE SENSE(6)', 0x1a, 6, 'in', SPC, modeSense(1, 4)),
  command('modeSense10', 'MODE SENSE(10)', 0x5a, 10, 'in', SPC, [
    flag('llbaa', 'LLBAA', 1, 4, { meaning: 'Long block descriptors are accepted.' }),
    ...modeSense(2, 7),
  ]),
  command('reserve6', 'RESERVE(6)', 0x16, 6, 'none', 'SPC-2', [
    flag('thirdParty', '3RDPTY', 1, 4),
    bits('thirdPartyId', 'Third-party device ID', 1, [3, 1]),
    flag('extent', 'EXTENT', 1, 0),
    uint('reservationId', 'Reservation identification', 2, 1),
    uint('extentListLength', 'Extent list length', 3, 2),
  ]),
  command('release6', 'RELEASE(6)', 0x17, 6, 'none', 'SPC-2', [
    flag('thirdParty', '3RDPTY', 1, 4),
    bits('thirdPartyId', 'Third-party device ID', 1, [3, 1]),
    flag('extent', 'EXTENT', 1, 0),
    uint('reservationId', 'Reservation identification', 2, 1),
  ]),
  command('reserve10', 'RESERVE(10)', 0x56, 10, 'out', 'SPC-2', [
    flag('thirdParty', '3RDPTY', 1, 4),
    flag('longId', 'LONGID', 1, 1),
    flag('extent', 'EXTENT', 1, 0),
    uint('reservationId', 'Reservation identification', 2, 1),
    uint('thirdPartyId', 'Third-party device ID', 3, 1),
    parameterList(7, 2),
  ]),
  command('release10', 'RELEASE(10)', 0x57, 10, 'out', 'SPC-2', [
    flag('thirdParty', '3RDPTY', 1, 4),
    flag('longId', 'LONGID', 1, 1),
    flag('extent', 'EXTENT', 1, 0),
    uint('reservationId', 'Reservation identification', 2, 1),
    uint('thirdPartyId', 'Third-party device ID', 3, 1),
    parameterList(7, 2),
  ]),
  command('receiveDiagnosticResults', 'RECEIVE DIAGNOSTIC RESULTS', 0x1c, 6, 'in', SPC, [
    flag('pcv', 'PCV', 1, 0, { meaning: 'The page code counts.' }),
    uint('pageCode', 'Page code', 2, 1),
    allocation(3, 2),
  ]),
  command('sendDiagnostic', 'SEND DIAGNOSTIC', 0x1d, 6, 'out', SPC, [
    bits('selfTestCode', 'Self-test code', 1, [7, 5], {
      values: {
        0: 'None',
        1: 'Background short self-test',
        2: 'Background extended self-test',
        4: 'Abort background self-test',
        5: 'Foreground short self-test',
        6: 'Foreground extended self-test',
      },
    }),
    flag('pf', 'PF', 1, 4),
    flag('selfTest', 'SELFTEST', 1, 2),
    flag('devOffL', 'DEVOFFL', 1, 1),
    flag('unitOffL', 'UNITOFFL', 1, 0),
    parameterList(3, 2),
  ]),
  command('preventAllowMediumRemoval', 'PREVENT ALLOW MEDIUM REMOVAL', 0x1e, 6, 'none', SPC, [
    bits('prevent', 'Prevent', 4, [1, 0], { values: { 0: 'Removal allowed', 1: 'Removal prevented' } }),
  ]),
  command('writeBuffer', 'WRITE BUFFER', 0x3b, 10, 'out', SPC, [
    bits('modeSpecific', 'Mode specific', 1, [7, 5]),
    bits('mode', 'Mode', 1, [4, 0]),
    uint('bufferId', 'Buffer ID', 2, 1),
    uint('bufferOffset', 'Buffer offset', 3, 3),
    parameterList(6, 3),
  ]),
  command('readBuffer10', 'READ BUFFER(10)', 0x3c, 10, 'in', SPC, [
    bits('modeSpecific', 'Mode specific', 1, [7, 5]),
    bits('mode', 'Mode', 1, [4, 0]),
    uint('bufferId', 'Buffer ID', 2, 1),
    uint('bufferOffset', 'Buffer offset', 3, 3),
    allocation(6, 3),
  ]),
  command('logSelect', 'LOG SELECT', 0x4c, 10, 'out', SPC, [
    flag('pcr', 'PCR', 1, 1, { meaning: 'Reset the parameters.' }),
    flag('sp', 'SP', 1, 0, { meaning: 'Save the parameters.' }),
    bits('pageControl', 'Page control', 2, [7, 6]),
    bits('pageCode', 'Page code', 2, [5, 0]),
    uint('subpageCode', 'Subpage code', 3, 1),
    parameterList(7, 2),
  ]),
  command('logSense', 'LOG SENSE', 0x4d, 10, 'in', SPC, [
    flag('ppc', 'PPC (obsolete)', 1, 1),
    flag('sp', 'SP', 1, 0, { meaning: 'Save the parameters first.' }),
    bits('pageControl', 'Page control', 2, [7, 6], {
      values: {
        0: 'Threshold values',
        1: 'Cumulative values',
        2: 'Default threshold values',
        3: 'Default cumulative values',
      },
    }),
    bits('pageCode', 'Page code', 2, [5, 0]),
    uint('subpageCode', 'Subpage code', 3, 1),
    uint('parameterPointer', 'Parameter pointer', 5, 2),
    allocation(7, 2),
  ]),
  command('reportLuns', 'REPORT LUNS', 0xa0, 12, 'in', SPC, [
    uint('selectReport', 'Select report', 2, 1, {
      values: {
        0x00: 'All but well-known units',
        0x01: 'Well-known units only',
        0x02: 'All units',
        0x10: 'Administrative units',
      },
    }),
    allocation(6, 4),
  ]),
  command('securityProtocolIn', 'SECURITY PROTOCOL IN', 0xa2, 12, 'in', SPC, [
    uint('securityProtocol', 'Security protocol', 1, 1),
    uint('securityProtocolSpecific', 'Security protocol specific', 2, 2),
    flag('inc512', 'INC_512', 4, 7, { meaning: 'Lengths count 512-byte units.' }),
    allocation(6, 4),
  ]),
  command('securityProtocolOut', 'SECURITY PROTOCOL OUT', 0xb5, 12, 'out', SPC, [
    uint('securityProtocol', 'Security protocol', 1, 1),
    uint('securityProtocolSpecific', 'Security protocol specific', 2, 2),
    flag('inc512', 'INC_512', 4, 7, { meaning: 'Lengths count 512-byte units.' }),
    uint('transferLength', 'Transfer length', 6, 4),
  ]),
  command('readAttribute', 'READ ATTRIBUTE', 0x8c, 16, 'in', SPC, [
    bits('serviceAction', 'Service action', 1, [4, 0]),
    uint('volumeNumber', 'Logical volume number', 5, 1),
    uint('partitionNumber', 'Partition number', 7, 1),
    uint('firstAttribute', 'First attribute identifier', 8, 2),
    allocation(10, 4),
    flag('cache', 'CACHE', 14, 0),
  ]),
  command('writeAttribute', 'WRITE ATTRIBUTE', 0x8d, 16, 'out', SPC, [
    flag('wtc', 'WTC', 1, 0),
    uint('volumeNumber', 'Logical volume number', 5, 1),
    uint('partitionNumber', 'Partition number', 7, 1),
    parameterList(10, 4),
  ]),
] as const;
