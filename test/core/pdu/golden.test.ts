import { describe, expect, it } from 'vitest';
import { buildPdu, decodeBhs, framePdu, OPCODES, PDU_LAYOUTS, type PduKind } from '../../../core/pdu/index.ts';
import { fromHex } from '../../support/bytes.ts';

/** Headers written by hand from the figures of RFC 7143 section 11, four bytes a group. */
const GOLDEN: readonly (readonly [PduKind, Record<string, unknown>, string])[] = [
  [
    'nopOut',
    {
      immediate: true,
      final: true,
      lun: 0x0001000000000000n,
      itt: 0x11223344,
      ttt: 0xffffffff,
      cmdSn: 7,
      expStatSn: 9,
    },
    '40800000 00000000 00010000 00000000 11223344 ffffffff 00000007 00000009 00000000 00000000 00000000 00000000',
  ],
  [
    'scsiCommand',
    {
      final: true,
      read: true,
      attribute: 1,
      lun: 0x0001000000000000n,
      itt: 2,
      expectedDataTransferLength: 4096,
      cmdSn: 3,
      expStatSn: 4,
      cdb: fromHex('28000000 08000000 08000000 00000000'),
    },
    '01c10000 00000000 00010000 00000000 00000002 00001000 00000003 00000004 28000000 08000000 08000000 00000000',
  ],
  [
    'taskManagementRequest',
    {
      immediate: true,
      final: true,
      function: 1,
      lun: 0n,
      itt: 5,
      referencedTaskTag: 6,
      cmdSn: 7,
      expStatSn: 8,
      refCmdSn: 9,
      expDataSn: 10,
    },
    '42810000 00000000 00000000 00000000 00000005 00000006 00000007 00000008 00000009 0000000a 00000000 00000000',
  ],
  [
    'loginRequest',
    {
      immediate: true,
      transit: true,
      csg: 0,
      nsg: 1,
      isid: fromHex('800123456789'),
      tsih: 0xabcd,
      itt: 1,
      cid: 2,
      cmdSn: 3,
      expStatSn: 4,
    },
    '43810000 00000000 80012345 6789abcd 00000001 00020000 00000003 00000004 00000000 00000000 00000000 00000000',
  ],
  [
    'textRequest',
    { final: false, continue: true, lun: 0n, itt: 1, ttt: 0xffffffff, cmdSn: 2, expStatSn: 3 },
    '04400000 00000000 00000000 00000000 00000001 ffffffff 00000002 00000003 00000000 00000000 00000000 00000000',
  ],
  [
    'dataOut',
    { final: true, lun: 0x4001000000000000n, itt: 1, ttt: 2, expStatSn: 3, dataSn: 4, bufferOffset: 5 },
    '05800000 00000000 40010000 00000000 00000001 00000002 00000000 00000003 00000000 00000004 00000005 00000000',
  ],
  [
    'logoutRequest',
    { immediate: true, final: true, reason: 1, itt: 1, cid: 0x0203, cmdSn: 4, expStatSn: 5 },
    '46810000 00000000 00000000 00000000 00000001 02030000 00000004 00000005 00000000 00000000 00000000 00000000',
  ],
  [
    'snackRequest',
    { final: true, type: 3, lun: 0n, itt: 1, ttt: 2, expStatSn: 3, begRun: 4, runLength: 5 },
    '10830000 00000000 00000000 00000000 00000001 00000002 00000000 00000003 00000000 00000000 00000004 00000005',
  ],
  [
    'nopIn',
    { final: true, lun: 0n, itt: 0xffffffff, ttt: 1, statSn: 2, expCmdSn: 3, maxCmdSn: 4 },
    '20800000 00000000 00000000 00000000 ffffffff 00000001 00000002 00000003 00000004 00000000 00000000 00000000',
  ],
  [
    'scsiResponse',
    {
      final: true,
      bidiOverflow: true,
      overflow: true,
      response: 0,
      status: 2,
      itt: 1,
      snackTag: 2,
      statSn: 3,
      expCmdSn: 4,
      maxCmdSn: 5,
      expDataSn: 6,
      bidiResidualCount: 7,
      residualCount: 8,
    },
    '21940002 00000000 00000000 00000000 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008',
  ],
  [
    'taskManagementResponse',
    { final: true, response: 5, itt: 1, statSn: 2, expCmdSn: 3, maxCmdSn: 4 },
    '22800500 00000000 00000000 00000000 00000001 00000000 00000002 00000003 00000004 00000000 00000000 00000000',
  ],
  [
    'loginResponse',
    {
      transit: true,
      csg: 1,
      nsg: 3,
      versionMax: 0,
      versionActive: 0,
      isid: fromHex('800123456789'),
      tsih: 1,
      itt: 2,
      statSn: 3,
      expCmdSn: 4,
      maxCmdSn: 5,
      statusClass: 2,
      statusDetail: 1,
    },
    '23870000 00000000 80012345 67890001 00000002 00000000 00000003 00000004 00000005 02010000 00000000 00000000',
  ],
  [
    'textResponse',
    { final: true, lun: 0n, itt: 1, ttt: 0xffffffff, statSn: 2, expCmdSn: 3, maxCmdSn: 4 },
    '24800000 00000000 00000000 00000000 00000001 ffffffff 00000002 00000003 00000004 00000000 00000000 00000000',
  ],
  [
    'dataIn',
    {
      final: true,
      acknowledge: true,
      underflow: true,
      hasStatus: true,
      status: 0,
      lun: 0n,
      itt: 1,
      ttt: 2,
      statSn: 3,
      expCmdSn: 4,
      maxCmdSn: 5,
      dataSn: 6,
      bufferOffset: 7,
      residualCount: 8,
    },
    '25c30000 00000000 00000000 00000000 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008',
  ],
  [
    'logoutResponse',
    { final: true, response: 2, itt: 1, statSn: 2, expCmdSn: 3, maxCmdSn: 4, time2Wait: 5, time2Retain: 6 },
    '26800200 00000000 00000000 00000000 00000001 00000000 00000002 00000003 00000004 00000000 00050006 00000000',
  ],
  [
    'readyToTransfer',
    {
      final: true,
      lun: 0n,
      itt: 1,
      ttt: 2,
      statSn: 3,
      expCmdSn: 4,
      maxCmdSn: 5,
      r2tSn: 6,
      bufferOffset: 7,
      desiredDataTransferLength: 8,
    },
    '31800000 00000000 00000000 00000000 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008',
  ],
  [
    'asyncMessage',
    {
      final: true,
      lun: 0n,
      itt: 0xffffffff,
      statSn: 1,
      expCmdSn: 2,
      maxCmdSn: 3,
      event: 2,
      vendorCode: 0,
      parameter1: 4,
      parameter2: 5,
      parameter3: 6,
    },
    '32800000 00000000 00000000 00000000 ffffffff 00000000 00000001 00000002 00000003 02000004 00050006 00000000',
  ],
  [
    'reject',
    { final: true, reason: 4, itt: 0xffffffff, statSn: 1, expCmdSn: 2, maxCmdSn: 3, dataSn: 4 },
    '3f800400 00000000 00000000 00000000 ffffffff 00000000 00000001 00000002 00000003 00000004 00000000 00000000',
  ],
];

describe.each(GOLDEN)('%s', (kind, fields, hex) => {
  it('encodes to the bytes of the RFC', () => {
    expect(framePdu(buildPdu(kind, fields))).toEqual(fromHex(hex));
  });

  it('decodes from the bytes of the RFC', () => {
    expect(decodeBhs(kind, fromHex(hex))).toMatchObject(fields);
  });
});

it('covers every kind', () => {
  expect(new Set(GOLDEN.map(([kind]) => kind))).toEqual(new Set(Object.keys(OPCODES)));
  expect(Object.keys(PDU_LAYOUTS).sort()).toEqual(Object.keys(OPCODES).sort());
});
