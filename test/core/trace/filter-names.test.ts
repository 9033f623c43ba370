import { describe, expect, it } from 'vitest';
import {
  compileFilter,
  completeFilter,
  exportPcapng,
  FilterError,
  matchRows,
  needsFile,
  parseFilter,
  type Trace,
} from '../../../core/trace/index.ts';
import { ConnectionTest } from '../../../core/trace/filter/ends.ts';
import { readTrace, Scene } from './scene.ts';

const ISID = Uint8Array.from([0x80, 0x12, 0x34, 0x57, 0x00, 0x02]);
const FOUR = { initiatorHost: '10.0.0.1', initiatorPort: 50_000, targetHost: '10.0.1.9', targetPort: 3260 };
const SIX = { initiatorHost: 'fd00::1', initiatorPort: 50_001, targetHost: 'fd00:0:1::9', targetPort: 3261 };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Rows: 1-2 login, 3-4 logout. */
function overFour(): Scene {
  const scene = new Scene({}, FOUR);
  const login = { transit: true, csg: 1, nsg: 3, isid: ISID, itt: 1 } as const;
  scene.pdu('loginRequest', { immediate: true, ...login, cid: 7 }, scene.text({ SessionType: 'Normal' }));
  scene.pdu('loginResponse', { ...login, tsih: 0x4a01 }, scene.text({ TargetPortalGroupTag: '1' }));
  scene.pdu('logoutRequest', { immediate: true, itt: 2, reason: 1, cid: 7 });
  return scene.pdu('logoutResponse', { itt: 2, response: 2, time2Wait: 5, time2Retain: 20 });
}

/**
 * Rows: 5 a read with FUA and 6 its data with status, 7 a write with data and 8 a target failure, 9 a Reject, 10-11 a
 * ping, 12 an event, 13 a SNACK, 14-15 a task management function, 16 an INQUIRY and 17 an answer with overflows.
 */
function overSix(): Scene {
  const scene = new Scene({}, SIX);
  const read = scene.command([0x28, 0x28, 0, 0, 0, 1, 3, 0, 1], { read: true, attribute: 2 });
  scene.pdu('dataIn', { final: true, hasStatus: true, acknowledge: true, itt: read, ttt: 1 }, new Uint8Array(512));
  const write = scene.command([0x2a, 0x10, 0, 0, 0, 1, 0, 0, 1], { write: true, final: false }, text('written'));
  scene.pdu('scsiResponse', { itt: write, response: 1, expDataSn: 3 });
  scene.pdu('reject', { reason: 4, itt: 0xffffffff }, new Uint8Array(48));
  scene.pdu('nopOut', { immediate: true, itt: 90, ttt: 0xffffffff }, text('Hello'));
  scene.pdu('nopIn', { itt: 90, ttt: 0xffffffff }, text('Hello'));
  scene.pdu('asyncMessage', { itt: 0xffffffff, event: 2, vendorCode: 9, parameter1: 1, parameter2: 2, parameter3: 3 });
  scene.pdu('snackRequest', { type: 1, itt: 0xffffffff, ttt: 0xffffffff, begRun: 12, runLength: 4 });
  scene.pdu('taskManagementRequest', { function: 1, itt: 91, referencedTaskTag: 55, refCmdSn: 66, expDataSn: 77 });
  scene.pdu('taskManagementResponse', { itt: 91, response: 5 });
  const inquiry = scene.command([0x12, 1, 0x83, 0x01, 0x00, 0x04], { read: true });
  return scene.pdu('scsiResponse', { itt: inquiry, overflow: true, bidiUnderflow: true, bidiResidualCount: 8 });
}

/** Both, as one capture holds them. */
function captured(): Trace {
  const parts = [overFour(), overSix()].flatMap((scene) => [...exportPcapng(scene.trace(), { crc: () => 0 })]);
  return readTrace(Uint8Array.from(parts.flatMap((part) => [...part]))).trace;
}

const trace = captured();

function rows(expression: string, of = trace): number[] {
  return matchRows(compileFilter(parseFilter(expression), of), of).map((row) => row + 1);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const four = range(1, 4);
const six = range(5, 17);

describe("terms by Wireshark's names", () => {
  it.each<[string, number[]]>([
    ['iscsi.isid', [1, 2]],
    ['iscsi.isid == 80:12:34:57:00:02', [1, 2]],
    ['iscsi.isid == 80-12-34-57-00-02', [1, 2]],
    ['iscsi.isid == 801234570002', [1, 2]],
    ['isid in {00:00:00:00:00:00, "801234570002"}', [1, 2]],
    ['iscsi.isid != 80:12:34:57:00:02', []],
    ['iscsi.isid != 00:02:3d:00:00:01', [1, 2]],
    ['iscsi.isid == 00023d000001', []],
    ['!(iscsi.isid == 80:12:34:57:00:02) && n <= 3', [3]],
    ['iscsi.isid contains 34:57', [1, 2]],
    ['iscsi.isid contains 3457', [1, 2]],
    ['iscsi.isid contains "4W"', [1, 2]],
    ['iscsi.isid matches "4W"', [1, 2]],
    ['iscsi.isid.t == 2 && iscsi.isid.a == 0 && iscsi.isid.b == 0x1234 && iscsi.isid.c == 0x57', [1, 2]],
    ['iscsi.isid.d == 2', [1, 2]],
    ['iscsi.isid.d < 2', []],
    ['iscsi.tsih', [1, 2]],
    ['iscsi.tsih == 0x4a01', [2]],
    ['iscsi.tsih != 0', [2]],
    ['iscsi.cid == 7', [1, 3]],
    ['iscsi.cid', [1, 3]],
    ['cid != 7', []],
    ['iscsi.versionmax == 0', [1, 2]],
    ['iscsi.versionmin == 0', [1]],
    ['iscsi.versionactive == 0', [2]],
    ['iscsi.time2wait == 5 && iscsi.time2retain == 20', [4]],
    ['iscsi.logout.response == recoveryNotSupported', [3, 4]],
    ['iscsi.scsicommand.R', [5, 16]],
    ['iscsi.scsicommand.W == TRUE', [7]],
    ['iscsi.scsicommand.F == 0', [7]],
    ['iscsi.scsicommand.attr == ordered', [5]],
    ['iscsi.scsidata.A', [6]],
    ['iscsi.scsidata.F', [6]],
    ['iscsi.scsiresponse.O', [17]],
    ['iscsi.scsiresponse.o', []],
    ['iscsi.scsiresponse.u', [17]],
    ['iscsi.scsiresponse.U', []],
    ['iscsi.scsiresponse.bidireadresidualcount == 8', [17]],
    ['iscsi.scsiresponse.response == targetFailure', [7, 8]],
    ['iscsi.scsiresponse.response == 0', [16, 17]],
    ['iscsi.expdatasn in {3, 77}', [8, 14]],
    ['iscsi.reject.reason == protocolError', [9]],
    ['iscsi.asyncevent == 2 && iscsi.eventvendorcode == 9 && iscsi.parameter1 == 1', [12]],
    ['iscsi.parameter2 == 2 && iscsi.parameter3 == 3', [12]],
    ['iscsi.snack.begrun == 12 && iscsi.snack.runlength == 4', [13]],
    ['iscsi.taskmanfun.referencedtasktag == 55 && iscsi.refcmdsn == 66', [14]],
    ['iscsi.taskmanfun.response == functionNotSupported', [14, 15]],
    ['iscsi.pingdata', [10, 11]],
    ['iscsi.pingdata contains "ell"', [10, 11]],
    ['iscsi.pingdata == 48:65:6c:6c:6f', [10, 11]],
    ['iscsi.immediatedata matches "^written$"', [7]],
    ['!iscsi.pingdata && n in {9..11}', [9]],
    ['request == 7', [7, 8]],
    ['response == 8', [7, 8]],
    ['scsi', [5, 6, 7, 8, 16, 17]],
    ['scsi_sbc.fua', [5, 6]],
    ['scsi_sbc.fua == 0', [7, 8]],
    ['scsi_sbc.dpo', [7, 8]],
    ['scsi_sbc.rdprotect == 1', [5, 6]],
    ['scsi_sbc.group == 3', [5, 6]],
    ['scsi.inquiry.evpd.pagecode == 0x83', [16, 17]],
    ['scsi.cdb.alloclen16 == 256', [16, 17]],
    ['scsi.cdb.control == 4', [16, 17]],
    ['modePage || scsi.persresv.type', []],
    ['pduLength == 560', [6]],
    ['pduLength < 80 && tcp.port == 3260', four],
    ['iscsi && tcp && ip', four],
    ['iscsi.keyvalue', [1, 2]],
    ['frame contains "SessionType"', [1]],
    ['frame contains 34:57', [1, 2]],
    ['tcp contains 34:57 && !(iscsi matches "SessionType")', [2]],
  ])('%s', (expression, expected) => {
    expect(rows(expression)).toEqual(expected);
  });
});

describe('addresses and ports', () => {
  it.each<[string, number[]]>([
    ['ip.addr == 10.0.0.1', four],
    ['ip.src == 10.0.0.1', [1, 3]],
    ['ip.dst == 10.0.0.1', [2, 4]],
    ['ip.src != 10.0.0.1', [2, 4]],
    ['ip.addr != 10.0.0.1', []],
    ['ip.addr != 10.9.9.9', four],
    ['!(ip.addr == 10.0.0.1)', six],
    ['ip.addr == 10.0.0.0/24', four],
    ['ip.addr == 10.0.1.77/24', four],
    ['ip.src == 10.0.1.0/24', [2, 4]],
    ['ip.addr != 10.0.1.0/24', []],
    ['ip.addr == 10.0.2.0/23', []],
    ['ip.addr == 0.0.0.0/0', four],
    ['ip.src in {10.0.1.0/28, 10.0.0.2}', [2, 4]],
    ['ip.src in {10.0.0.0..10.0.0.9}', [1, 3]],
    ['ip.src == 10.0.0.0 .. 10.0.0.9', [1, 3]],
    ['ip.src < 10.0.1.0', [1, 3]],
    ['ip.src <= 10.0.0.1', [1, 3]],
    ['ip.src > 10.0.0.1', [2, 4]],
    ['ip.dst >= 10.0.1.9', [1, 3]],
    ['ip.addr', four],
    ['ip.src contains "0.1.9"', [2, 4]],
    ['ipv6', six],
    ['ipv6.addr', six],
    ['ipv6.src == fd00::1', [5, 7, 10, 13, 14, 16]],
    ['ipv6.dst == fd00:0:0:0:0:0:0:1', [6, 8, 9, 11, 12, 15, 17]],
    ['ipv6.dst == FD00:0:1::/48 && n < 8', [5, 7]],
    ['ipv6.addr == fd00::/32', six],
    ['ipv6.addr != ::1', six],
    ['host == fd00::1 || host == 10.0.1.9', range(1, 17)],
    ['host != fd00::1', four],
    ['tcp.srcport == 50000', [1, 3]],
    ['tcp.dstport == 50000', [2, 4]],
    ['tcp.srcport in {3260, 3261} && n < 7', [2, 4, 6]],
    ['tcp.srcport > 50000', [5, 7, 10, 13, 14, 16]],
    ['tcp.port == 3261', six],
    ['tcp.port != 3261', four],
    ['!(tcp.port == 3261)', four],
    ['tcp.port in {3000..3260}', four],
    ['tcp.srcport == 3260 && iscsi.opcode == loginResponse', [2]],
    ['connection == 1', six],
  ])('%s', (expression, expected) => {
    expect(rows(expression)).toEqual(expected);
  });

  it('finds the same in a recording', () => {
    for (const expression of [
      'ip.src == 10.0.0.1',
      'tcp.dstport == 50000',
      'iscsi.isid.b == 0x1234',
      'iscsi.tsih != 0',
    ])
      expect(rows(expression, overFour().trace())).toEqual(rows(expression));
  });

  it('answers for connections that came after it was made', () => {
    const leaf = parseFilter('tcp.dstport == 3261') as ConstructorParameters<typeof ConnectionTest>[1];
    const connections = trace.connections.slice(0, 1);
    const test = new ConnectionTest({ connections } as unknown as Trace, leaf, false);
    const mask = new Uint8Array(trace.length);
    connections.push(...trace.connections.slice(1));
    test.fill(trace.pdus.pageOf(0), trace.length, mask);
    expect([...mask].flatMap((one, row) => (one === 1 ? [row + 1] : []))).toEqual([5, 7, 10, 13, 14, 16]);
    expect([0, 4, 5].map((row) => test.test(trace.pdus.pageOf(0), row))).toEqual([false, true, false]);
  });

  it('works an answer out once for each direction of a connection', () => {
    const leaf = parseFilter('ip.src == 10.0.0.1') as ConstructorParameters<typeof ConnectionTest>[1];
    let looked = 0;
    const watched = new Proxy(trace.connections, {
      get: (list, key) => {
        if (/^\d+$/u.test(String(key))) looked += 1;
        return Reflect.get(list, key) as unknown;
      },
    });
    const test = new ConnectionTest({ connections: watched } as unknown as Trace, leaf, false);
    const mask = new Uint8Array(trace.length);
    test.fill(trace.pdus.pageOf(0), trace.length, mask);
    test.fill(trace.pdus.pageOf(0), trace.length, mask);
    expect([...mask].flatMap((one, row) => (one === 1 ? [row + 1] : []))).toEqual([1, 3]);
    expect(looked).toBe(4);
  });
});

/** Rows: 1 a command with three additional headers and 2 its sense data, 3-4 a reservation, 5 a command without. */
function extras(): Trace {
  const scene = new Scene();
  const ahs = [
    ...[0, 5, 1, 0, 0x11, 0x12, 0x13, 0x14],
    ...[0, 5, 2, 0, 0, 0, 0x10, 0],
    ...[0, 3, 9, 0xaa, 0xbb, 0xcc, 0, 0],
  ];
  const cdb = Uint8Array.of(0x7f, 0, 0, 0, 0, 0, 0, 4, 0, 9, 0, 0, 0, 0, 0, 0);
  scene.pdu('scsiCommand', { itt: 50, read: true, write: true, cdb }, undefined, Uint8Array.from(ahs));
  const sense = [0, 18, 0xf0, 0, 3, 0, 0, 0x12, 0x34, 10, 0, 0, 0, 0, 0x11, 0, 7, 0, 0, 0];
  scene.respond(50, 2, sense);
  scene.respond(scene.command([0x5f, 1, 5, 0, 0, 0, 0, 1, 0x18], { write: true }), 0);
  scene.command([0x5e, 1, 0, 0, 0, 0, 0, 0, 8], { read: true });
  return scene.trace();
}

describe('additional headers, sense data, and fields of CDBs told apart by service action', () => {
  const own = extras();

  it.each<[string, number[]]>([
    ['iscsi.ahs.type', [1]],
    ['iscsi.ahs.type == 9', [1]],
    ['iscsi.ahs.type != 9', []],
    ['iscsi.ahs.type != 8', [1]],
    ['iscsi.ahs.length in {3}', [1]],
    ['iscsi.ahs.bidir.length == 4k', [1]],
    ['iscsi.ahs.extended_cdb == 11:12:13:14', [1]],
    ['iscsi.ahs.extended_cdb contains 12:13', [1]],
    ['iscsi.ahs.unknown_blob == aabbcc', [1]],
    ['iscsi.ahs.unknown_blob != aa:bb:cc', []],
    ['scsi.sns.errtype == 0x70', [2]],
    ['scsi.sns.info == 0x1234', [2]],
    ['scsi.sns.fru == 7', [2]],
    ['iscsi.scsiresponse.senselength == 18', [2]],
    ['scsi.persresvout.svcaction == 1 && scsi.persresv.type == 5', [3, 4]],
    ['scsi.persresv.type', [3, 4]],
    ['scsi.cdb.paramlen16 == 0x118', [3, 4]],
    ['scsi.cdb.alloclen16 == 8', [5]],
  ])('%s', (expression, expected) => {
    expect(rows(expression, own)).toEqual(expected);
  });

  it('reads no PDU that has none', () => {
    const { source } = own;
    let reads = 0;
    own.source = {
      read: (offset, into) => {
        reads += 1;
        return source?.read(offset, into) ?? 0;
      },
    };
    expect(rows('iscsi.ahs.type == 2 || scsi.sns.fru == 1', own)).toEqual([1]);
    expect(reads).toBe(2);
    own.source = source;
  });

  it('stops at an additional header that does not fit', () => {
    const scene = new Scene();
    scene.pdu(
      'scsiCommand',
      { itt: 1, cdb: new Uint8Array(16) },
      undefined,
      Uint8Array.of(0, 5, 2, 0, 0, 0, 0, 1, 0, 9, 1, 0),
    );
    const broken = scene.trace();
    expect(rows('iscsi.ahs.type == 2', broken)).toEqual([1]);
    expect(rows('iscsi.ahs.type == 1 || iscsi.ahs.extended_cdb', broken)).toEqual([]);
  });
});

describe('what reads the file', () => {
  it.each<[string, boolean]>([
    ['iscsi.isid', true],
    ['iscsi.isid.t == 2', true],
    ['iscsi.tsih == 1', true],
    ['iscsi.reject.reason == 1', true],
    ['iscsi.cid == 1', false],
    ['iscsi.versionmin == 0', false],
    ['iscsi.parameter3 == 0', false],
    ['ip.addr == 10.0.0.0/8 && tcp.srcport == 3260', false],
    ['scsi_sbc.fua && pduLength > 100', false],
  ])('%s: %s', (expression, expected) => {
    expect(needsFile(parseFilter(expression))).toBe(expected);
  });

  it('reads only PDUs that can have what is asked for', () => {
    const own = overFour().trace();
    const { source } = own;
    let reads = 0;
    own.source = {
      read: (offset, into) => {
        reads += 1;
        return source?.read(offset, into) ?? 0;
      },
    };
    expect(rows('iscsi.tsih != 0 || iscsi.reject.reason == 1', own)).toEqual([2]);
    expect(reads).toBe(2);
  });
});

describe('what is wrong with such a term', () => {
  it.each<[string, string, string, string | undefined]>([
    ['ip.scr == 10.0.0.1', 'There is no field "ip.scr".', 'ip.scr', 'ip.src'],
    ['iscsi.isd == 1', 'There is no field "iscsi.isd".', 'iscsi.isd', 'iscsi.isid'],
    ['tcp.srcprt == 1', 'There is no field "tcp.srcprt".', 'tcp.srcprt', 'tcp.srcport'],
    [
      'ip.addr == 10.0.0',
      'ip.addr takes addresses such as 10.0.0.1, and networks such as 10.0.0.0/24.',
      '10.0.0',
      undefined,
    ],
    [
      'ip.addr == 10.0.0.1/33',
      'ip.addr takes addresses such as 10.0.0.1, and networks such as 10.0.0.0/24.',
      '10.0.0.1/33',
      undefined,
    ],
    [
      'ip.addr == 10.0.0.256',
      'ip.addr takes addresses such as 10.0.0.1, and networks such as 10.0.0.0/24.',
      '10.0.0.256',
      undefined,
    ],
    [
      'ipv6.src in {fd00::/8, disk}',
      'ipv6.src takes addresses such as fd00::1, and networks such as fd00::/8.',
      'disk',
      undefined,
    ],
    ['ip.dst == fd00::1', '"fd00::1" is an IPv6 address, and ip.dst holds IPv4 addresses.', 'ip.dst', 'ipv6.dst'],
    [
      'ipv6.addr == 10.0.0.1',
      '"10.0.0.1" is an IPv4 address, and ipv6.addr holds IPv6 addresses.',
      'ipv6.addr',
      'ip.addr',
    ],
    ['ip.src < 10.0.0.0/24', 'A range goes with == and != only.', '10.0.0.0/24', undefined],
    ['ip.src == 10.0.0.9..10.0.0.1', 'The range ends before it begins.', '10.0.0.9', undefined],
    ['iscsi.isid == 80123', 'iscsi.isid takes bytes in hex, such as 80:12:34.', '80123', undefined],
    ['iscsi.isid < 80:12', 'isid is bytes: it takes ==, !=, in, contains and matches.', '<', undefined],
    ['tcp.srcport == http', 'tcp.srcport has no value named "http".', 'http', undefined],
  ])('%s', (expression, message, part, suggestion) => {
    let caught: FilterError | undefined;
    try {
      parseFilter(expression);
    } catch (error) {
      caught = error as FilterError;
    }
    expect(caught).toBeInstanceOf(FilterError);
    expect(caught?.message).toBe(message);
    expect(expression.slice(caught?.from, caught?.to)).toBe(part);
    expect(caught?.suggestion).toBe(suggestion);
    if (suggestion !== undefined)
      expect(() =>
        parseFilter(expression.slice(0, caught?.from) + suggestion + expression.slice(caught?.to)),
      ).not.toThrow(/no field|holds IPv/u);
  });
});

describe('completion of such names', () => {
  const texts = (typed: string): string[] => completeFilter(typed, typed.length).proposals.map((one) => one.text);

  it('proposes them with what they take', () => {
    expect(texts('ip.')).toEqual(['ip.addr', 'ip.src', 'ip.dst']);
    expect(texts('iscsi.isi')).toEqual([
      'iscsi.isid',
      ...['t', 'a', 'b', 'c', 'd'].map((part) => `iscsi.isid.${part}`),
    ]);
    expect(texts('tcp.s')).toEqual(['tcp.srcport']);
    expect(['frame.n', 'frame.l', 'iscsi.req', 'scsi.response_', 'frame.time_d'].flatMap(texts)).toEqual([]);
    expect(texts('ip.src ')).toEqual(['==', '!=', '<', '<=', '>', '>=', 'in {']);
    expect(texts('iscsi.isid ')).toEqual(['==', '!=', 'in {', 'contains', 'matches']);
    expect(texts('iscsi.scsicommand.attr == o')).toEqual(['ordered']);
    expect(texts('ip.src == 10.0.0.0/24 ')).toEqual(['&&', '||']);
  });

  it('says which of them read the file', () => {
    const help = (typed: string): string[] => completeFilter(typed, typed.length).proposals.map((one) => one.help);
    expect(help('iscsi.tsih ')).toContain('reads the file');
    expect(help('ip.src ')).not.toContain('reads the file');
    expect(help('host ')).not.toContain('reads the file');
    expect(help('data ')).toContain('reads the file');
  });
});
