import { describe, expect, it } from 'vitest';
import { encodeAhs } from '../../../core/pdu/index.ts';
import type { FieldNode } from '../../../core/bytes/index.ts';
import {
  bucketStart,
  buildTimeline,
  describeRow,
  describeTask,
  exportPcapng,
  formatDuration,
  formatRow,
  negotiationOf,
  pduTree,
  rowToJson,
  summarizeLatency,
  totalLatency,
  taskPayload,
  timeSpan,
  viewTask,
  MARKS,
  type Trace,
} from '../../../core/trace/index.ts';
import { bucketOf } from '../../../core/trace/analysis/latency.ts';
import { loginStatusText } from '../../../core/trace/analysis/pass-login.ts';
import { dataLimits } from '../../../core/trace/analysis/negotiation.ts';
import { readPairs, TextGather, TEXT_LIMIT } from '../../../core/trace/text-pairs.ts';
import { readCdbExtent } from '../../../core/trace/cdb-extent.ts';
import { buildCdb } from '../../../core/scsi/index.ts';
import { cleanScene, readTrace, Scene, senseBytes } from './scene.ts';

const lines = (trace: Trace): string[] => Array.from({ length: trace.length }, (_, row) => describeRow(trace, row));

describe('one line a PDU', () => {
  it('says what commands and their answers do', () => {
    const scene = new Scene().login().read().write();
    scene.respond(
      scene.command([0x12, 1, 0x83, 0, 255], { read: true, expectedDataTransferLength: 255 }),
      2,
      senseBytes(5, 0x24, 0),
      { underflow: true, residualCount: 255 },
    );
    scene.respond(scene.command([0]), 0, [], { response: 1 });
    const over = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 1], { read: true, expectedDataTransferLength: 256 });
    scene.pdu('dataIn', { itt: over, ttt: 1 }, new Uint8Array(256));
    scene.respond(over, 0, [], { overflow: true, residualCount: 256 });
    expect(lines(scene.trace()).slice(2)).toEqual([
      'SCSI Command READ(10), LBA 0, 1 block, LUN 0',
      'SCSI Data-In 512 bytes at 0, DataSN 0, last, GOOD',
      'SCSI Command WRITE(10), LBA 9, 2 blocks, LUN 0',
      'Ready To Transfer 1024 bytes at 0 wanted, R2TSN 0',
      'SCSI Data-Out 1024 bytes at 0, DataSN 0, last',
      'SCSI Response GOOD',
      'SCSI Command INQUIRY, page 0x83, LUN 0',
      'SCSI Response CHECK CONDITION: Illegal request, Invalid field in CDB (24/00), underflow of 255',
      'SCSI Command TEST UNIT READY, LUN 0',
      'SCSI Response target failure (response 0x01)',
      'SCSI Command READ(10), LBA 0, 1 block, LUN 0',
      'SCSI Data-In 256 bytes at 0, DataSN 0',
      'SCSI Response GOOD, overflow of 256',
    ]);
  });

  it('says what control PDUs want', () => {
    const scene = new Scene({ keepChapResponses: true });
    const stage = { csg: 0, nsg: 1, itt: 1 } as const;
    scene.pdu(
      'loginRequest',
      { ...stage, immediate: true, continue: true },
      scene.text({ CHAP_R: '0x1234', 'X-long': 'y'.repeat(100) }),
    );
    scene.pdu('loginResponse', { ...stage, statusClass: 2, statusDetail: 1 });
    scene.pdu('textRequest', { itt: 2, ttt: 0xffffffff }, scene.text({ SendTargets: 'All' }));
    scene
      .pdu('taskManagementRequest', { itt: 3, function: 5, immediate: true })
      .pdu('taskManagementResponse', { itt: 3, response: 5 });
    scene.pdu('taskManagementResponse', { itt: 999, response: 99 });
    scene.pdu('logoutRequest', { itt: 4, reason: 1, immediate: true }).pdu('logoutResponse', { itt: 4, response: 1 });
    scene.pdu('snackRequest', { itt: 2, type: 1, begRun: 3, runLength: 4 });
    scene.pdu('asyncMessage', { itt: 0xffffffff, event: 2 });
    scene.pdu(
      'reject',
      { itt: 0xffffffff, reason: 9 },
      Uint8Array.from([4, ...new Array<number>(15).fill(0), 0, 0, 0, 2, ...new Array<number>(28).fill(0)]),
    );
    scene.pdu('reject', { itt: 0xffffffff, reason: 9 });
    scene.pdu('nopOut', { itt: 9, ttt: 0xffffffff }).pdu('nopIn', { itt: 9, ttt: 0xffffffff });
    scene
      .pdu('nopIn', { itt: 0xffffffff, ttt: 8 })
      .pdu('nopOut', { itt: 0xffffffff, ttt: 8 })
      .pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff });
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`X-${i}`, '1']));
    scene.pdu('textResponse', { itt: 2, ttt: 0xffffffff }, scene.text(many));
    expect(lines(scene.trace())).toEqual([
      `Login Request Security negotiation, text goes on CHAP_R=(6 characters, not shown) X-long=${'y'.repeat(80)}…`,
      'Login Response Security negotiation, status 0x0201',
      'Text Request SendTargets=All',
      'Task Management Request LOGICAL UNIT RESET, LUN 0',
      'Task Management Response Function not supported',
      'Task Management Response code 0x63',
      'Logout Request Close the connection',
      'Logout Response Connection ID not found',
      'SNACK Request Status, from 3, 4 missing',
      'Asynchronous Message Target will drop this connection',
      'Reject Invalid PDU field, of Text Request with tag 0x00000002',
      'Reject Invalid PDU field',
      'NOP-Out ping',
      'NOP-In answer to a ping',
      'NOP-In ping',
      'NOP-Out answer to a ping',
      'NOP-In no answer wanted',
      `Text Response ${Object.keys(many)
        .slice(0, 12)
        .map((key) => `${key}=1`)
        .join(' ')} … 8 more`,
    ]);
  });

  it('marks damage, and names tasks without a beginning', () => {
    const scene = new Scene().login();
    scene.pdu('dataIn', { itt: 70, ttt: 1 }, new Uint8Array(8), undefined, true);
    const trace = scene.trace();
    const page = trace.pdus.table.writable(0);
    page.marks[2] = page.marks[2]! | MARKS.headerDigestBad | MARKS.gapBefore | MARKS.cut | MARKS.malformed;
    expect(describeRow(trace, 2)).toBe(
      'SCSI Data-In 8 bytes at 0, DataSN 0 [header digest wrong, data digest wrong, bytes missing before, not wholly captured]',
    );
    expect(rowToJson(trace, 2).malformed).toBe(
      'header digest wrong; data digest wrong; not wholly captured; bytes are missing before it; malformed',
    );
    expect(describeTask(trace, 1)).toBe('SCSI Data-In of a task that began before the trace');
    expect(describeTask(trace, 0)).toBe('Login Request');
    page.opcode[2] = 0x3a;
    expect(rowToJson(trace, 2).malformed).toContain('unknown opcode');
    expect(describeRow(trace, 2)).toContain('Opcode 0x3a');
  });

  it('prints a packet list', () => {
    const trace = cleanScene().trace();
    expect(formatRow(trace, 2)).toBe(
      '      3     0.000200 #0 -> 00000002  SCSI Command READ(10), LBA 0, 1 block, LUN 0',
    );
    expect(formatRow(trace, 3)).toBe(
      '      4     0.000300 #0 <- 00000002  SCSI Data-In 512 bytes at 0, DataSN 0, last, GOOD  [100.0 us]',
    );
    expect([5, 5e3, 5e6, 5e9].map(formatDuration)).toEqual(['5 ns', '5.0 us', '5.00 ms', '5.000 s']);
  });
});

function find(node: FieldNode, name: string): FieldNode | undefined {
  if (node.name === name) return node;
  for (const child of node.children ?? []) {
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every node lies within its PDU, and within the data that is there. */
function checkRanges(node: FieldNode, end: number): void {
  expect(node.offset).toBeGreaterThanOrEqual(0);
  if (node.malformed === undefined) expect(node.offset + node.length).toBeLessThanOrEqual(end);
  for (const child of node.children ?? []) checkRanges(child, end);
}

describe('field trees', () => {
  it('goes down into CDBs, text keys, sense and payloads, with byte ranges', () => {
    const scene = new Scene().login();
    const luns = Uint8Array.of(0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0x2c, 0, 0, 0, 0, 0, 0);
    const itt = scene.command([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 24], { read: true, expectedDataTransferLength: 24 });
    scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 1 }, luns);
    scene.respond(scene.command([0]), 2, senseBytes(6, 0x29, 0));
    scene.pdu('reject', { itt: 0xffffffff, reason: 4 }, new Uint8Array(48).fill(0));
    const trace = scene.trace();
    for (let row = 0; row < trace.length; row += 1) {
      const tree = pduTree(trace, row);
      checkRanges(tree, tree.length);
    }
    expect(find(pduTree(trace, 0), 'TargetName')).toMatchObject({
      text: 'iqn.2026-01.test:disk',
      clause: 'RFC 7143 13.4',
    });
    expect(find(pduTree(trace, 2), 'cdb')).toMatchObject({ offset: 32, label: 'REPORT LUNS' });
    expect(find(pduTree(trace, 2), 'lun')).toMatchObject({ text: 'LUN 0' });
    const payload = find(pduTree(trace, 3), 'data')!;
    expect(payload).toMatchObject({ offset: 48, length: 24 });
    expect(
      JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
    ).toContain('300');
    expect(
      JSON.stringify(pduTree(trace, 5), (_key, value: unknown) => (typeof value === 'bigint' ? '' : value)),
    ).toContain('Power on');
    expect(find(pduTree(trace, 6), 'nopOut')).toMatchObject({ label: 'The PDU refused', offset: 48 });
    expect(find(pduTree(trace, 3), 'dataSn')!.clause).toBe('RFC 7143 11.7.5');
  });

  it('reads a payload over the PDUs it comes in', () => {
    const scene = new Scene().login();
    const luns = Uint8Array.from({ length: 40 }, (_, i) =>
      i === 3 ? 32 : i === 17 ? 1 : i === 25 ? 2 : i === 33 ? 3 : 0,
    );
    const itt = scene.command([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 40], { read: true, expectedDataTransferLength: 40 });
    scene.pdu('dataIn', { itt, ttt: 1 }, luns.slice(0, 20));
    scene.pdu('dataIn', { itt, ttt: 1, final: true, hasStatus: true, bufferOffset: 20, dataSn: 1 }, luns.slice(20));
    const trace = scene.trace();
    const tree = pduTree(trace, 3);
    checkRanges(tree, tree.length);
    const text = JSON.stringify(tree, (_key, value: unknown) => (typeof value === 'bigint' ? '' : value));
    expect(text).toContain('goes on in a later PDU');
    expect(text).not.toContain('malformed');
    expect(find(pduTree(trace, 4), 'data')!.children).toBeUndefined();
  });

  it('does not blame a PDU for what was not recorded of it', () => {
    const scene = new Scene({ mode: 'headers' }).login();
    const itt = scene.command([0x12, 0, 0, 0, 96], { read: true, expectedDataTransferLength: 96 });
    scene.pdu('dataIn', { ...{ final: true, hasStatus: true, ttt: 1 }, itt }, new Uint8Array(96).fill(0x20));
    const text = JSON.stringify(pduTree(scene.trace(), 3), (_key, value: unknown) =>
      typeof value === 'bigint' ? '' : value,
    );
    expect(text).toContain('INQUIRY');
    expect(text).not.toContain('malformed');
  });

  it('shows the whole of a CDB that goes on in an additional header', () => {
    const scene = new Scene().login();
    const tail = new Uint8Array(16).fill(0xaa);
    const cdb = Uint8Array.of(0x7f, 0, 0, 0, 0, 0, 0, 24, 0, 9, 0, 0, 0, 0, 0, 0);
    scene.pdu(
      'scsiCommand',
      { itt: 9, attribute: 1, cdb },
      undefined,
      encodeAhs([{ type: 'extendedCdb', cdbTail: tail }]),
    );
    scene.pdu(
      'scsiCommand',
      { itt: 10, attribute: 1, cdb },
      undefined,
      encodeAhs([{ type: 'bidirectionalReadLength', length: 7 }]),
    );
    scene.pdu('scsiCommand', { itt: 11, attribute: 1, cdb }, undefined, Uint8Array.of(0xff, 0xff, 1, 0));
    const trace = scene.trace();
    const ahs = find(pduTree(trace, 2), 'ahs')!;
    expect(ahs).toMatchObject({ offset: 48, text: 'extendedCdb' });
    expect(ahs.children![0]).toMatchObject({ label: 'Whole CDB' });
    expect(rowToJson(trace, 2).cdb).toBe(`7f000000000000180009000000000000${'aa'.repeat(16)}`);
    expect(find(pduTree(trace, 3), 'ahs')).toMatchObject({ text: 'bidirectionalReadLength' });
    expect(find(pduTree(trace, 4), 'ahs')!.malformed).toContain('does not fit');
    expect(rowToJson(trace, 4).cdb).toBe('7f000000000000180009000000000000');
  });

  it('hides secrets, names what is not a PDU, and shows data that was not kept', () => {
    const scene = new Scene({ mode: 'headers', keepChapResponses: true });
    scene.pdu(
      'loginRequest',
      { itt: 1, immediate: true },
      Uint8Array.from([...scene.text({ CHAP_R: '0x99' }), ...new TextEncoder().encode('broken\0')]),
    );
    scene.login().read(4096);
    const trace = scene.trace();
    expect(find(pduTree(trace, 0), 'CHAP_R')).toMatchObject({ text: '(4 characters, not shown)' });
    expect(find(pduTree(trace, 0), 'CHAP_R')!.value).toBeUndefined();
    expect(find(pduTree(trace, 0), 'broken')!.malformed).toBe('A key without "=".');
    expect(find(pduTree(trace, 4), 'data')!.text).toBe('4096 bytes, 64 of them here');
  });

  it('puts the data of a task together', () => {
    const scene = new Scene().login();
    const itt = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 2], { read: true, expectedDataTransferLength: 1024 });
    scene
      .pdu('dataIn', { itt, ttt: 1 }, new Uint8Array(512).fill(1))
      .pdu(
        'dataIn',
        { itt, ttt: 1, final: true, hasStatus: true, bufferOffset: 512, dataSn: 1 },
        new Uint8Array(512).fill(2),
      );
    const out = scene.command(
      [0x2a, 0, 0, 0, 0, 0, 0, 0, 2],
      { write: true, expectedDataTransferLength: 1024 },
      new Uint8Array(512).fill(3),
    );
    scene.pdu('dataOut', { itt: out, ttt: 1, bufferOffset: 512 }, new Uint8Array(512).fill(4)).respond(out);
    const trace = scene.trace();
    expect(taskPayload(trace, 1, 'in')).toEqual(Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 1 : 2)));
    expect(taskPayload(trace, 2, 'out')).toEqual(Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 3 : 4)));
    expect(taskPayload(trace, 1, 'in', 600).length).toBe(600);
    expect(taskPayload(trace, 1, 'in', 100).length).toBe(100);
  });
});

describe('negotiation', () => {
  const offered = {
    HeaderDigest: 'CRC32C,None',
    MaxConnections: '8',
    InitialR2T: 'No',
    ImmediateData: 'Yes',
    MaxBurstLength: '1048576',
    FirstBurstLength: '65536',
    DefaultTime2Wait: '2',
    MaxRecvDataSegmentLength: '262144',
    ErrorRecoveryLevel: '2',
    IFMarker: 'No',
    'X-vendor': 'x',
    MaxOutstandingR2T: 'banana',
  };
  const answered = {
    HeaderDigest: 'None',
    MaxConnections: '4',
    InitialR2T: 'Yes',
    ImmediateData: 'No',
    MaxBurstLength: '262144',
    FirstBurstLength: '262144',
    DefaultTime2Wait: '5',
    MaxRecvDataSegmentLength: '8192',
    ErrorRecoveryLevel: 'Reject',
  };
  const trace = new Scene().login(offered, answered).read().trace();
  const rows = new Map(negotiationOf(trace, 0).map((row) => [row.key, row]));

  it.each([
    ['HeaderDigest', 'None', 'target'],
    ['MaxConnections', '4', 'target'],
    ['InitialR2T', 'Yes', 'target'],
    ['ImmediateData', 'No', 'target'],
    ['MaxBurstLength', '262144', 'target'],
    ['FirstBurstLength', '65536', 'initiator'],
    ['DefaultTime2Wait', '5', 'target'],
    ['MaxRecvDataSegmentLength (initiator)', '262144', 'initiator'],
    ['MaxRecvDataSegmentLength (target)', '8192', 'target'],
    ['ErrorRecoveryLevel', '0', 'default'],
    ['TargetPortalGroupTag', '1', 'target'],
    ['X-vendor', 'x', 'initiator'],
    ['MaxOutstandingR2T', '1', 'default'],
  ])('%s came to %s, limited by %s', (key, result, limitedBy) => {
    expect(rows.get(key)).toMatchObject({ result, limitedBy });
  });

  it('says what a value costs and what is wrong with one', () => {
    expect(rows.get('ImmediateData')!.costs).toBeTruthy();
    expect(rows.get('MaxBurstLength')).toMatchObject({
      offered: '1048576',
      answered: '262144',
      defaultValue: '262144',
      costs: null,
    });
    expect(rows.get('MaxOutstandingR2T')!.fault).toContain('not a number');
  });

  it('gives the limits of a session, and none where no login was seen', () => {
    expect(dataLimits(trace, 0)).toEqual({
      initialR2T: true,
      immediateData: false,
      firstBurstLength: 65_536,
      maxBurstLength: 262_144,
      initiatorSegment: 262_144,
      targetSegment: 8192,
      inOrder: true,
    });
    expect(dataLimits(new Scene().read().trace(), 0)).toBeUndefined();
    expect(negotiationOf(trace, 5)).toEqual([]);
    const boolean = new Scene().login(
      { InitialR2T: 'Yes', DataPDUInOrder: 'No', DataSequenceInOrder: 'No' },
      { InitialR2T: 'No', DataPDUInOrder: 'No', DataSequenceInOrder: 'Yes' },
    );
    expect(dataLimits(boolean.trace(), 0)).toMatchObject({ initialR2T: true, inOrder: false });
    expect(dataLimits(new Scene().login({ MaxRecvDataSegmentLength: '512' }, {}).trace(), 0)).toMatchObject({
      initiatorSegment: 512,
      targetSegment: 8192,
    });
  });

  it('knows what login statuses mean', () => {
    expect(loginStatusText(0x0203)).toBe('the target does not exist here');
    expect(loginStatusText(0x0999)).toBe('a reason the RFC does not name');
  });
});

describe('latency and timeline', () => {
  const scene = new Scene().login();
  const read = (ms: number, lun: number): void => {
    const itt = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 1], {
      read: true,
      expectedDataTransferLength: 512,
      lun: BigInt(lun) << 48n,
    });
    scene.wait(ms - 0.1).pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 1 }, new Uint8Array(512));
  };
  for (let n = 0; n < 90; n += 1) read(1, 0);
  for (let n = 0; n < 10; n += 1) read(20, 1);
  scene.command([0]);
  scene.recorder.recordLag(scene.timeMs, 3);
  const trace = scene.trace();

  it('adds up latencies by command and LUN', () => {
    const [all, first, second] = summarizeLatency(trace);
    expect(all).toMatchObject({ opcode: 0x28, lun: null, count: 100, bytes: 51_200 });
    expect(all!.p50Ns / 1e6).toBeCloseTo(1, 0);
    expect(all!.p99Ns / 1e6).toBeGreaterThan(18);
    expect(all!.maxNs / 1e6).toBeCloseTo(20, 1);
    expect(all!.meanNs / 1e6).toBeCloseTo(2.9, 1);
    expect([first!.lun, first!.count, second!.lun, second!.count]).toEqual([0, 90, 1, 10]);
    expect(all!.histogram.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(all!.histogram[bucketOf(1e6)]! + all!.histogram[bucketOf(1e6) - 1]!).toBeGreaterThanOrEqual(90);
  });

  it('adds up all commands together, and none', () => {
    const scene = new Scene().read();
    const slow = scene.command([0x2a, 0, 0, 0, 0, 0, 0, 0, 1], { write: true, expectedDataTransferLength: 512 });
    scene.wait(9).respond(slow, 0);
    const found = summarizeLatency(scene.trace());
    const total = totalLatency(found);
    const kinds = found.filter(({ lun }) => lun === null);
    expect(kinds).toHaveLength(2);
    expect(total).toMatchObject({ count: 2, maxNs: Math.max(...kinds.map(({ maxNs }) => maxNs)), bytes: 512 });
    expect(total?.minNs).toBe(100_000);
    expect(total?.meanNs).toBeCloseTo((100_000 + (total?.maxNs ?? 0)) / 2);
    expect(total?.histogram.reduce((a, b) => a + b, 0)).toBe(2);
    expect(totalLatency([])).toBeUndefined();
  });

  it('puts every latency into the bucket that holds it', () => {
    for (const ns of [0, 5, 1024, 5000, 1e6, 3.3e7, 1e10, 1e15, NaN]) {
      const bucket = bucketOf(ns);
      if (ns >= 1024 && ns < 1e11) expect(bucketStart(bucket)).toBeLessThanOrEqual(ns * 1.0000001);
      if (ns < 1e11) expect(bucketStart(bucket + 1)).toBeGreaterThanOrEqual(ns * 0.9999999);
    }
  });

  it('draws throughput, commands, queue and lag over time', () => {
    const span = timeSpan(trace);
    const line = buildTimeline(trace, 10, span);
    expect(line.bytesIn.reduce((sum, bytes) => sum + bytes, 0)).toBe(51_200);
    expect(line.commands.reduce((sum, count) => sum + count, 0)).toBe(101);
    expect(Math.max(...line.outstanding)).toBe(1);
    expect(Math.max(...line.lagNs)).toBe(3e6);
    const part = buildTimeline(trace, 4, { startNs: span.startNs, endNs: span.startNs + 20e6 });
    expect(part.commands.reduce((sum, count) => sum + count, 0)).toBeLessThan(25);
    expect(timeSpan(new Scene().trace())).toEqual({ startNs: 0, endNs: 0 });
    expect(buildTimeline(cleanScene().trace(), 3).bytesOut.reduce((sum, bytes) => sum + bytes, 0)).toBe(1024);
  });
});

describe('pairing', () => {
  it('pairs pings of both sides, text over several PDUs, and what is rejected', () => {
    const scene = new Scene().login();
    scene.pdu('nopIn', { itt: 0xffffffff, ttt: 4 }).pdu('nopOut', { immediate: true, itt: 0xffffffff, ttt: 4 });
    scene.pdu('nopOut', { immediate: true, itt: 0xffffffff, ttt: 99 });
    scene
      .pdu('textRequest', { itt: 30, ttt: 0xffffffff, final: false })
      .pdu('textResponse', { itt: 30, ttt: 1, final: false });
    scene.pdu('textRequest', { itt: 30, ttt: 1 }).pdu('textResponse', { itt: 30, ttt: 0xffffffff });
    const refused = scene.command([0]);
    const quoted = new Uint8Array(48);
    quoted.set([1, 0x80]);
    quoted[19] = refused;
    scene.pdu('reject', { itt: 0xffffffff, reason: 5 }, quoted);
    quoted[19] = 200;
    scene.pdu('reject', { itt: 0xffffffff, reason: 5 }, quoted);
    const trace = scene.trace();
    const tasks = Array.from({ length: trace.tasks.table.length }, (_, task) => viewTask(trace, task));
    expect(tasks.map(({ opcode, pdus, endNs }) => [opcode, pdus, endNs !== undefined])).toEqual([
      [3, 2, true],
      [0x20, 2, true],
      [4, 4, true],
      [1, 2, true],
    ]);
    expect(rowToJson(trace, 4).task).toBeNull();
    expect(trace.connections[0]!.outstanding).toBe(0);
  });

  it('reads descriptor sense, and leaves unknown sense alone', () => {
    const scene = new Scene().login();
    scene.respond(scene.command([0]), 2, [0, 8, 0x72, 3, 0x11, 4, 0, 0, 0, 0]);
    scene.respond(scene.command([0]), 2, [0, 8, 0x11, 3, 0x11, 4, 0, 0, 0, 0]);
    scene.respond(scene.command([0]), 2, [0, 4, 0x70, 0, 2, 0]);
    scene.respond(scene.command([0]), 2, [0, 1]);
    const trace = scene.trace();
    expect([1, 2, 3, 4].map((task) => viewTask(trace, task).sense)).toEqual([
      { key: 3, asc: 0x11, ascq: 4 },
      undefined,
      { key: 2, asc: 0, ascq: 0 },
      undefined,
    ]);
  });

  it('reads addresses as the SCSI tables do', () => {
    const into = { lbaHigh: 0, lbaLow: 0, blocks: 0 };
    const check = (cdb: Uint8Array, lba: number, blocks: number): void => {
      expect(readCdbExtent(cdb, 0, into)).toBe(true);
      expect([into.lbaHigh * 2 ** 32 + into.lbaLow, into.blocks]).toEqual([lba, blocks]);
    };
    check(buildCdb('read10', { lba: 0x12345678, blocks: 9 }), 0x12345678, 9);
    check(buildCdb('write16', { lba: 0x123456789an, blocks: 70_000 }), 0x123456789a, 70_000);
    check(buildCdb('read12', { lba: 7, blocks: 70_000 }), 7, 70_000);
    check(Uint8Array.of(8, 0x1f, 0xff, 0xff, 0, 0), 0x1fffff, 256);
    check(Uint8Array.of(0x0a, 0, 0, 5, 3, 0), 5, 3);
    check(Uint8Array.of(0x89, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0), 2 ** 32 + 2, 4);
    expect(readCdbExtent(Uint8Array.of(0x12), 0, into)).toBe(false);
  });

  it('reads text whatever is wrong with it, up to a limit', () => {
    expect(readPairs(new TextEncoder().encode('a=1\0\0b\0c=d=e\0'))).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
      { key: 'c', value: 'd=e' },
    ]);
    const gather = new TextGather();
    for (let n = 0; n < 40; n += 1) gather.add(new Uint8Array(1 << 16).fill(0x41), false);
    expect(gather.add(new Uint8Array(0), true)[0]!.key.length).toBe(TEXT_LIMIT);
  });

  it('learns from INQUIRY what a unit is, and reads its commands accordingly', () => {
    const scene = new Scene().login();
    const ask = (evpd: number, lun: bigint, ...answer: number[]): void => {
      const fields = { read: true, expectedDataTransferLength: answer.length, lun };
      const itt = scene.command([0x12, evpd, 0, 0, 36], fields);
      scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, Uint8Array.from(answer));
    };
    const read = (lun: bigint): void => {
      scene.respond(scene.command([0x08, 1, 0, 0, 4], { read: true, expectedDataTransferLength: 2048, lun }));
    };
    const tape = 1n << 48n;
    read(tape);
    ask(0, tape, 0x01, 0x80, 6, 2, 31);
    ask(1, tape, 0x00, 0x80, 0, 0);
    read(tape);
    read(0n);
    ask(0, tape, 0x7f);
    read(tape);
    ask(0, tape, 0x00, 0, 6, 2, 31);
    read(tape);
    const exported = Buffer.concat([...exportPcapng(scene.trace())]);
    for (const trace of [scene.trace(), readTrace(exported).trace]) {
      const reads = Array.from({ length: trace.tasks.table.length }, (_, task) => viewTask(trace, task)).filter(
        ({ cdb }) => cdb[0] === 0x08,
      );
      expect(reads.map(({ lba }) => lba)).toEqual([65536n, undefined, 65536n, undefined, 65536n]);
    }
    const before = new Scene().login();
    const itt = before.command([0x12, 0, 0, 0, 36], { read: true, expectedDataTransferLength: 5, lun: tape });
    before.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, Uint8Array.of(1, 0x80, 6, 2, 31));
    before.command([0x08, 1, 0, 0, 4], { read: true, expectedDataTransferLength: 2048, lun: tape });
    const trace = before.trace();
    const row = trace.length - 1;
    expect(describeRow(trace, row)).toContain('READ(6) (tape)');
    expect(find(pduTree(trace, row), 'fixed')).toBeDefined();
  });
});
