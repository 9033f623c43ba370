import { expect, it } from 'vitest';
import { pduDetail } from '../../electron/main/trace/detail.ts';
import { Scene } from '../core/trace/scene.ts';

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
