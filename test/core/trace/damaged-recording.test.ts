import { describe, expect, it } from 'vitest';
import { exportPcapng, rowToJson, type Trace } from '../../../core/trace/index.ts';
import { readTrace, Scene } from './scene.ts';

/** Where the records of PDUs begin in a recording of one file. */
function pduRecords(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const places: number[] = [];
  for (let at = 64; at + 24 <= bytes.length; at += view.getUint32(at, true)) if (bytes[at + 6] === 1) places.push(at);
  return places;
}

/** A recording of six PDUs, changed by somebody. */
function damaged(change: (view: DataView, records: number[]) => void): Trace {
  const bytes = new Scene().login().read().read().bytes();
  change(new DataView(bytes.buffer), pduRecords(bytes));
  return readTrace(bytes).trace;
}

const notes = (trace: Trace): string => trace.notes.map(({ text }) => text).join('\n');
const useAll = (trace: Trace): void => {
  for (let row = 0; row < trace.length; row += 1) rowToJson(trace, row);
  for (const block of exportPcapng(trace)) expect(block.length).toBeGreaterThan(0);
};

describe('a damaged recording', () => {
  it.each([NaN, Infinity, -1e18, 1e300])('takes the time of the record before for %s', (timeNs) => {
    const trace = damaged((view, records) => view.setFloat64(records[2]! + 8, timeNs, true));
    useAll(trace);
    expect(trace.length).toBe(6);
    const [page] = trace.at(0);
    expect(page.time[2]).toBe(page.time[1]);
    expect(page.time[3]).toBeGreaterThan(page.time[2]!);
    expect(notes(trace)).toContain('times that cannot be');
  });

  it('leaves out data past what the header has', () => {
    const trace = damaged((view, records) => view.setUint16(records[3]! + 24 + 6, 4));
    useAll(trace);
    expect(trace.readPdu(3).data.length).toBe(4);
    expect(notes(trace)).toContain('more data than the headers');
  });

  it.each([1e300, NaN, -5, 0.5])('believes no count of %s PDUs', (count) => {
    const trace = damaged((view) => view.setFloat64(32, count, true));
    expect(trace.droppedPdus).toBe(0);
    expect(notes(trace)).toContain('a count of PDUs that cannot be');
  });

  it('believes no beginning before 1970', () => {
    const trace = damaged((view) => view.setBigInt64(24, -1n, true));
    useAll(trace);
    expect(trace.baseNs).toBe(0n);
    expect(notes(trace)).toContain('begins at a time that cannot be');
  });
});
