import { describe, expect, it } from 'vitest';
import { FlowTable } from '../../../core/trace/import/flow-table.ts';
import { buildPdu, framePdu } from '../../../core/pdu/index.ts';
import { findProblems, Trace } from '../../../core/trace/index.ts';
import { forgetOldest } from '../../../core/trace/analysis/forget.ts';

/** A trace of so many reads that were never answered. */
function openReads(count: number): Trace {
  const trace = new Trace();
  const flows = new FlowTable(trace);
  let seq = 1;
  for (let itt = 1; itt <= count; itt += 1) {
    const fields = { final: true, read: true, attribute: 1, itt, cmdSn: itt, expectedDataTransferLength: 512 };
    const bytes = framePdu(buildPdu('scsiCommand', { ...fields, cdb: new Uint8Array(16) }));
    flows.handle({
      timeNs: itt,
      from: Uint32Array.of(0, 0, 0xffff, 1),
      to: Uint32Array.of(0, 0, 0xffff, 2),
      fromPort: 10,
      toPort: 3260,
      seq,
      ack: 1,
      flags: 0x10,
      bytes,
      at: 0,
      length: bytes.length,
      captured: bytes.length,
      offset: 0,
    });
    seq += bytes.length;
  }
  flows.finish();
  return trace;
}

describe('forgetting the oldest', () => {
  it('takes out so many, those set first', () => {
    const map = new Map([5, 3, 9, 1].map((key) => [key, key]));
    forgetOldest(map, 2);
    expect([...map.keys()]).toEqual([9, 1]);
    forgetOldest(map, 5);
    expect(map.size).toBe(0);
  });

  it('keeps the search for problems fast past what is followed at once', { timeout: 120_000 }, () => {
    const spent = (count: number): number => {
      const trace = openReads(count);
      expect(trace.length).toBe(count);
      const from = process.cpuUsage();
      findProblems(trace);
      return process.cpuUsage(from).user;
    };
    const few = spent(60_000);
    expect(spent(240_000)).toBeLessThan(10 * few + 200_000);
  });
});
