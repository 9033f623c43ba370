import { describe, expect, it } from 'vitest';
import {
  bucketStart,
  buildTimeline,
  negotiationOf,
  summarizeLatency,
  totalLatency,
  timeSpan,
} from '../../../core/trace/index.ts';
import { bucketOf } from '../../../core/trace/analysis/latency.ts';
import { loginStatusText } from '../../../core/trace/analysis/pass-login.ts';
import { dataLimits } from '../../../core/trace/analysis/negotiation.ts';
import { cleanScene, Scene } from './scene.ts';

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
      costs: 'A write of 1048576 bytes takes 4 R2Ts instead of one: 3 round trips more.',
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
      pdusInOrder: true,
      sequencesInOrder: true,
      recovers: false,
      maxOutstandingR2T: 1,
      maxConnections: 4,
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

  it('tells commands apart that share an opcode', () => {
    const scene = new Scene().read();
    for (const action of [0, 1, 1]) {
      const itt = scene.command([0x5e, action, 0, 0, 0, 0, 0, 0, 8], { read: true, expectedDataTransferLength: 8 });
      scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 1 }, new Uint8Array(8));
    }
    const kinds = summarizeLatency(scene.trace()).filter(({ lun }) => lun === null);
    expect(kinds.map(({ opcode, serviceAction, count }) => [opcode, serviceAction, count])).toEqual([
      [0x28, null, 1],
      [0x5e, 0, 1],
      [0x5e, 1, 2],
    ]);
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
