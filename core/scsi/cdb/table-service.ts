import { bits, flag, raw, u64, uint } from '../../bytes/index.ts';
import { allocation, command, parameterList } from './spec.ts';

const SPC = 'SPC-5';

const RESERVATION_SCOPE = { 0: 'Logical unit', 2: 'Element (obsolete)' };
const RESERVATION_TYPE = {
  1: 'Write exclusive',
  3: 'Exclusive access',
  5: 'Write exclusive, registrants only',
  6: 'Exclusive access, registrants only',
  7: 'Write exclusive, all registrants',
  8: 'Exclusive access, all registrants',
};

const prIn = <const I extends string>(id: I, name: string, sa: number) =>
  command(id, `PERSISTENT RESERVE IN, ${name}`, 0x5e, 10, 'in', SPC, [allocation(7, 2)], { sa });

const prOut = <const I extends string>(id: I, name: string, sa: number) =>
  command(
    id,
    `PERSISTENT RESERVE OUT, ${name}`,
    0x5f,
    10,
    'out',
    SPC,
    [
      bits('scope', 'Scope', 2, [7, 4], { values: RESERVATION_SCOPE }),
      bits('type', 'Type', 2, [3, 0], { values: RESERVATION_TYPE }),
      parameterList(5, 4),
    ],
    { sa },
  );

const maintenanceIn = <const I extends string>(id: I, name: string, sa: number) =>
  command(id, name, 0xa3, 12, 'in', SPC, [allocation(6, 4)], { sa });

const maintenanceOut = <const I extends string>(id: I, name: string, sa: number) =>
  command(id, name, 0xa4, 12, 'out', SPC, [parameterList(6, 4)], { sa });

const receiveCopy = <const I extends string>(id: I, name: string, sa: number) =>
  command(id, name, 0x84, 16, 'in', SPC, [uint('listIdentifier', 'List identifier', 2, 1), allocation(10, 4)], { sa });

const receiveCopyLid4 = <const I extends string>(id: I, name: string, sa: number) =>
  command(id, name, 0x84, 16, 'in', SPC, [uint('listIdentifier', 'List identifier', 2, 4), allocation(10, 4)], { sa });

/** Reservation, copy and maintenance commands of SPC, which share opcodes and differ by service action. */
export const SERVICE_COMMANDS = [
  prIn('prInReadKeys', 'READ KEYS', 0x00),
  prIn('prInReadReservation', 'READ RESERVATION', 0x01),
  prIn('prInReportCapabilities', 'REPORT CAPABILITIES', 0x02),
  prIn('prInReadFullStatus', 'READ FULL STATUS', 0x03),
  prOut('prOutRegister', 'REGISTER', 0x00),
  prOut('prOutReserve', 'RESERVE', 0x01),
  prOut('prOutRelease', 'RELEASE', 0x02),
  prOut('prOutClear', 'CLEAR', 0x03),
  prOut('prOutPreempt', 'PREEMPT', 0x04),
  prOut('prOutPreemptAndAbort', 'PREEMPT AND ABORT', 0x05),
  prOut('prOutRegisterAndIgnoreExistingKey', 'REGISTER AND IGNORE EXISTING KEY', 0x06),
  prOut('prOutRegisterAndMove', 'REGISTER AND MOVE', 0x07),
  prOut('prOutReplaceLostReservation', 'REPLACE LOST RESERVATION', 0x08),
  command('extendedCopyLid1', 'EXTENDED COPY(LID1)', 0x83, 16, 'out', SPC, [parameterList(10, 4)], { sa: 0x00 }),
  command('extendedCopyLid4', 'EXTENDED COPY(LID4)', 0x83, 16, 'out', SPC, [parameterList(10, 4)], { sa: 0x01 }),
  command(
    'populateToken',
    'POPULATE TOKEN',
    0x83,
    16,
    'out',
    'SBC-4',
    [uint('listIdentifier', 'List identifier', 6, 4), parameterList(10, 4)],
    { sa: 0x10, family: 'block' },
  ),
  command(
    'writeUsingToken',
    'WRITE USING TOKEN',
    0x83,
    16,
    'out',
    'SBC-4',
    [uint('listIdentifier', 'List identifier', 6, 4), parameterList(10, 4)],
    { sa: 0x11, family: 'block' },
  ),
  command(
    'copyOperationAbort',
    'COPY OPERATION ABORT',
    0x83,
    16,
    'none',
    SPC,
    [uint('listIdentifier', 'List identifier', 2, 4)],
    { sa: 0x1c },
  ),
  receiveCopy('receiveCopyStatusLid1', 'RECEIVE COPY STATUS(LID1)', 0x00),
  receiveCopy('receiveCopyDataLid1', 'RECEIVE COPY DATA(LID1)', 0x01),
  command(
    'receiveCopyOperatingParameters',
    'RECEIVE COPY OPERATING PARAMETERS',
    0x84,
    16,
    'in',
    SPC,
    [allocation(10, 4)],
    { sa: 0x03 },
  ),
  receiveCopy('receiveCopyFailureDetailsLid1', 'RECEIVE COPY FAILURE DETAILS(LID1)', 0x04),
  receiveCopyLid4('receiveCopyStatusLid4', 'RECEIVE COPY STATUS(LID4)', 0x05),
  receiveCopyLid4('receiveCopyDataLid4', 'RECEIVE COPY DATA(LID4)', 0x06),
  receiveCopyLid4('receiveRodTokenInformation', 'RECEIVE ROD TOKEN INFORMATION', 0x07),
  command('reportAllRodTokens', 'REPORT ALL ROD TOKENS', 0x84, 16, 'in', SPC, [allocation(10, 4)], { sa: 0x08 }),
  command(
    'reportIdentifyingInformation',
    'REPORT IDENTIFYING INFORMATION',
    0xa3,
    12,
    'in',
    SPC,
    [allocation(6, 4), bits('identifyingInformationType', 'Identifying information type', 10, [7, 1])],
    { sa: 0x05 },
  ),
  command(
    'reportTargetPortGroups',
    'REPORT TARGET PORT GROUPS',
    0xa3,
    12,
    'in',
    SPC,
    [
      bits('parameterDataFormat', 'Parameter data format', 1, [7, 5], {
        values: { 0: 'Length only header', 1: 'Extended header' },
      }),
      allocation(6, 4),
    ],
    { sa: 0x0a },
  ),
  maintenanceIn('reportAliases', 'REPORT ALIASES', 0x0b),
  command(
    'reportSupportedOperationCodes',
    'REPORT SUPPORTED OPERATION CODES',
    0xa3,
    12,
    'in',
    SPC,
    [
      flag('rctd', 'RCTD', 2, 7, { meaning: 'Command timeouts descriptors are wanted.' }),
      bits('reportingOptions', 'Reporting options', 2, [2, 0], {
        values: {
          0: 'All commands',
          1: 'One operation code',
          2: 'One operation code and service action',
          3: 'One, with or without service action',
        },
      }),
      uint('requestedOperationCode', 'Requested operation code', 3, 1),
      uint('requestedServiceAction', 'Requested service action', 4, 2),
      allocation(6, 4),
    ],
    { sa: 0x0c },
  ),
  command(
    'reportSupportedTaskManagementFunctions',
    'REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS',
    0xa3,
    12,
    'in',
    SPC,
    [flag('repd', 'REPD', 2, 7, { meaning: 'The extended form is wanted.' }), allocation(6, 4)],
    { sa: 0x0d },
  ),
  command(
    'reportPriority',
    'REPORT PRIORITY',
    0xa3,
    12,
    'in',
    SPC,
    [bits('priorityReported', 'Priority reported', 2, [7, 6]), allocation(6, 4)],
    { sa: 0x0e },
  ),
  maintenanceIn('reportTimestamp', 'REPORT TIMESTAMP', 0x0f),
  command(
    'managementProtocolIn',
    'MANAGEMENT PROTOCOL IN',
    0xa3,
    12,
    'in',
    SPC,
    [
      uint('managementProtocol', 'Management protocol', 2, 1),
      uint('managementProtocolSpecific1', 'Management protocol specific 1', 3, 3),
      allocation(6, 4),
      uint('managementProtocolSpecific2', 'Management protocol specific 2', 10, 1),
    ],
    { sa: 0x10 },
  ),
  command(
    'setIdentifyingInformation',
    'SET IDENTIFYING INFORMATION',
    0xa4,
    12,
    'out',
    SPC,
    [parameterList(6, 4), bits('identifyingInformationType', 'Identifying information type', 10, [7, 1])],
    { sa: 0x06 },
  ),
  maintenanceOut('setTargetPortGroups', 'SET TARGET PORT GROUPS', 0x0a),
  maintenanceOut('changeAliases', 'CHANGE ALIASES', 0x0b),
  command(
    'setPriority',
    'SET PRIORITY',
    0xa4,
    12,
    'out',
    SPC,
    [bits('priorityToSet', 'I_T_L nexus to set', 2, [7, 6]), parameterList(6, 4)],
    { sa: 0x0e },
  ),
  maintenanceOut('setTimestamp', 'SET TIMESTAMP', 0x0f),
  command(
    'managementProtocolOut',
    'MANAGEMENT PROTOCOL OUT',
    0xa4,
    12,
    'out',
    SPC,
    [
      uint('managementProtocol', 'Management protocol', 2, 1),
      uint('managementProtocolSpecific1', 'Management protocol specific 1', 3, 3),
      parameterList(6, 4),
      uint('managementProtocolSpecific2', 'Management protocol specific 2', 10, 1),
    ],
    { sa: 0x10 },
  ),
  command(
    'ataPassThrough12',
    'ATA PASS-THROUGH(12)',
    0xa1,
    12,
    'varies',
    'SAT-4',
    [
      bits('protocol', 'Protocol', 1, [4, 1]),
      bits('transferFlags', 'OFF_LINE, CK_COND, T_TYPE, T_DIR, BYT_BLOK, T_LENGTH', 2, [7, 0]),
      raw('registers', 'ATA registers', 3, 7),
    ],
    { family: 'block' },
  ),
  command(
    'ataPassThrough16',
    'ATA PASS-THROUGH(16)',
    0x85,
    16,
    'varies',
    'SAT-4',
    [
      bits('multipleCount', 'Multiple count', 1, [7, 5]),
      bits('protocol', 'Protocol', 1, [4, 1]),
      flag('extend', 'EXTEND', 1, 0),
      bits('transferFlags', 'OFF_LINE, CK_COND, T_TYPE, T_DIR, BYT_BLOK, T_LENGTH', 2, [7, 0]),
      raw('registers', 'ATA registers', 3, 12),
    ],
    { family: 'block' },
  ),
  command('accessControlIn', 'ACCESS CONTROL IN', 0x86, 16, 'in', 'SPC-4', [
    bits('serviceAction', 'Service action', 1, [4, 0]),
    u64('managementKey', 'Management identifier key', 2),
    allocation(10, 4),
  ]),
  command('accessControlOut', 'ACCESS CONTROL OUT', 0x87, 16, 'out', 'SPC-4', [
    bits('serviceAction', 'Service action', 1, [4, 0]),
    parameterList(10, 4),
  ]),
] as const;
