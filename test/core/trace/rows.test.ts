import { describe, expect, it } from 'vitest';
import { csvHeader, exportPcapng, rowToCsv, rowToJson, type Trace } from '../../../core/trace/index.ts';
import { csvCell } from '../../../core/trace/export/csv.ts';
import { cleanScene, readTrace, Scene } from './scene.ts';
import { SECRETS, secretScene } from './secret-scene.ts';

describe('JSON and CSV', () => {
  const trace = secretScene().trace();

  it('hides CHAP responses unless asked', () => {
    const keys = (secrets: boolean): string | undefined =>
      rowToJson(trace, 2, { secrets }).keys?.find(({ key }) => key === 'CHAP_R')?.value;
    expect(keys(false)).toBe('******************');
    expect(keys(true)).toBe(SECRETS.response);
  });

  it('gives every column of the list, null where an opcode has none', () => {
    const read = cleanScene().trace();
    expect(rowToJson(read, 3)).toEqual({
      n: 4,
      time: '1790000001.000400000',
      dir: 'in',
      opcode: 0x25,
      name: 'SCSI Data-In',
      itt: 2,
      ttt: 0xffffffff,
      lun: 0,
      cmdSn: null,
      statSn: 2,
      expStatSn: null,
      expCmdSn: 2,
      maxCmdSn: 33,
      dataSn: 0,
      dataLength: 512,
      ahsLength: 0,
      cdb: null,
      flags: 0x81,
      immediate: false,
      bufferOffset: 0,
      r2tSn: null,
      desiredLength: null,
      expectedLength: null,
      residual: 0,
      connection: 0,
      keys: null,
      task: 1,
      latencyUs: 100,
      status: 0,
      malformed: null,
    });
    expect(rowToJson(read, 2)).toMatchObject({
      cdb: '28000000000000000100000000000000',
      expectedLength: 512,
      dir: 'out',
      latencyUs: null,
    });
  });

  it('counts seconds from the first PDU of a recording, and from the first packet of a capture', () => {
    const scene = new Scene().wait(5000).login();
    const seconds = (of: Trace): number[] => [0, 1].map((row) => Number(rowToCsv(of, row).split(',')[2]));
    const [first, second] = seconds(scene.trace());
    expect(first).toBe(0);
    expect(second).toBeLessThan(1);
    expect(seconds(readTrace(Uint8Array.from(Buffer.concat([...exportPcapng(scene.trace())]))).trace)[1]).toBeLessThan(
      10,
    );
  });

  it('writes cells that no spreadsheet takes for a formula', () => {
    expect(['=1+1', '+1', '-1', '@x', '\tx', 'plain', 'a"b', 'a,b', 'a\nb'].map(csvCell)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      "'\tx",
      'plain',
      '"a""b"',
      '"a,b"',
      '"a\nb"',
    ]);
    expect(csvCell(null)).toBe('');
    expect(csvCell(-5)).toBe('-5');
    const header = csvHeader().split(',');
    expect(rowToCsv(trace, 1).split(',').length).toBeGreaterThanOrEqual(header.length);
    expect(header.at(-1)).toBe('info');
  });
});
