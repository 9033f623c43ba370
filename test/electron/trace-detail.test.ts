import { expect, it } from 'vitest';
import { exportPcapng } from '../../core/trace/index.ts';
import { pduDetail } from '../../electron/main/trace/detail.ts';
import { readTrace, Scene } from '../core/trace/scene.ts';

const DATA_PDUS = 100;

it('leads from any PDU of a long task to its command, its end and its neighbours', () => {
  const scene = new Scene().login();
  const itt = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, DATA_PDUS], {
    read: true,
    expectedDataTransferLength: DATA_PDUS * 512,
  });
  for (let sn = 0; sn < DATA_PDUS; sn += 1) {
    const last = sn === DATA_PDUS - 1;
    const fields = { itt, ttt: 0xffffffff, dataSn: sn, bufferOffset: sn * 512, final: last, hasStatus: last };
    scene.pdu('dataIn', fields, new Uint8Array(512));
  }
  const trace = scene.trace();
  const command = trace.length - DATA_PDUS - 1;
  for (const row of [command, command + 1, command + 50, trace.length - 2, trace.length - 1]) {
    const { related, relatedLeftOut } = pduDetail(trace, row);
    const rows = related.map((one) => one.row);
    expect(rows).toHaveLength(40);
    expect(relatedLeftOut).toBe(DATA_PDUS + 1 - 40);
    expect([rows[0], rows.at(-1)]).toEqual([command, trace.length - 1]);
    expect(rows).toContain(row);
    for (const next of [row - 1, row + 1]) if (next >= command && next < trace.length) expect(rows).toContain(next);
    expect([...new Set(rows)].sort((a, b) => a - b)).toEqual(rows);
  }
});

it('leads to the sectors of the target that the command went to, of several in a trace', () => {
  const scene = new Scene().login({ TargetName: 'iqn.2026-01.test:first' }).read();
  const join = (port: number, targetHost: string): Scene => {
    const ends = { initiatorHost: '10.0.0.1', initiatorPort: port, targetHost, targetPort: 3261 };
    const other = new Scene();
    Object.defineProperty(other, 'recorder', { value: scene.recorder });
    Object.defineProperty(other, 'connection', { value: scene.recorder.openConnection(scene.timeMs, ends) });
    other.timeMs = scene.timeMs;
    return other;
  };
  join(50_001, '10.0.0.3').login({ TargetName: 'iqn.2026-01.test:second' }).read(512, 77);
  // Its login is not in the trace; one to the same portal is.
  join(50_002, '10.0.0.3').read(512, 88);
  join(50_003, '10.0.0.4').read(512, 99);
  const trace = scene.trace();
  const places = Array.from({ length: trace.length }, (_, row) => pduDetail(trace, row).sectors);
  const placeOf = (lba: string) => places.find((one) => one?.lba === lba);
  const first = { host: '10.0.0.2', port: 3260, target: 'iqn.2026-01.test:first' };
  const second = { host: '10.0.0.3', port: 3261, target: 'iqn.2026-01.test:second' };
  expect(placeOf('0')).toMatchObject(first);
  expect(placeOf('77')).toMatchObject(second);
  expect(placeOf('88')).toMatchObject(second);
  expect(placeOf('99')).toMatchObject({ host: '10.0.0.4', target: '' });
});

it('shows what was noted in the export that was opened', () => {
  const notes = new Map([[2, 'ask the vendor']]);
  const bytes = Buffer.concat([...exportPcapng(new Scene().login().read().trace(), { notes })]);
  const { trace } = readTrace(Uint8Array.from(bytes));
  expect([1, 2, 3].map((row) => pduDetail(trace, row).notes)).toEqual([[], ['ask the vendor'], []]);
});
