import { describe, expect, it } from 'vitest';
import { compileFilter, matchRows, needsFile, parseFilter, rowToJson } from '../../../core/trace/index.ts';
import { overFour, rowsOf } from './filter-scenes.ts';
import { Scene } from './scene.ts';

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
    expect(rowsOf('iscsi.tsih != 0 || iscsi.reject.reason == 1', own)).toEqual([2]);
    expect(reads).toBe(2);
  });
});

it('takes times to the nanosecond as they are written', () => {
  for (let ns = 1; ns < 200_000; ns += 377)
    for (const text of [(ns / 1e9).toFixed(9), `${(ns / 1e3).toFixed(3)}us`])
      expect(parseFilter(`iscsi.time == ${text}`), text).toMatchObject({ value: { low: ns, high: ns } });
});

it('gives data whose command is missing no unit: that field of theirs is reserved', () => {
  const scene = new Scene().login();
  scene.pdu('dataIn', { final: true, itt: 77, ttt: 0xffffffff }, new Uint8Array(512));
  scene.pdu('readyToTransfer', { lun: 3n << 48n, itt: 78, ttt: 5, desiredDataTransferLength: 512 });
  const trace = scene.trace();
  expect([2, 3].map((row) => rowToJson(trace, row).lun)).toEqual([null, 3]);
  const rows = (text: string): number[] => matchRows(compileFilter(parseFilter(text), trace), trace);
  expect([rows('lun == 0'), rows('lun == 3')]).toEqual([[], [3]]);
});
