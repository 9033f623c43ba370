import { describe, expect, it } from 'vitest';
import type { FilterState, FindingsState, TraceState } from '../../electron/contract/trace.ts';
import { stageTraces } from './traces-stage.ts';

const { ask, until, openCapture } = stageTraces();

function runFilter(trace: string, expression: string): Promise<FilterState> {
  return until<FilterState>('trace.filter', { trace, view: 'v', expression }, ({ done }) => done);
}

describe('an open capture', () => {
  it('is read in a thread and paged by rows', async () => {
    const { trace, state } = await openCapture('tgt-chap-mutual.pcapng');
    expect(state).toMatchObject({ title: 'tgt-chap-mutual.pcapng', source: 'capture', error: null });
    const { total, rows } = await ask('trace.pdus', { trace, view: '', from: 0, count: 4 });
    expect(total).toBe(state.pdus);
    expect(rows.map(({ row }) => row)).toEqual([0, 1, 2, 3]);
    expect(rows[0]).toMatchObject({ out: true, kind: 'login', name: 'Login Request' });
    const tasks = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
    expect(tasks.rows).toHaveLength(state.tasks);
    const inquiry = tasks.rows.find(({ name }) => name === 'INQUIRY');
    expect(inquiry).toMatchObject({ ok: true, status: 'GOOD', lun: '1' });
  });

  it('says of requests that are no commands what they were about and how they ended', async () => {
    const rowsOf = async (capture: string): Promise<string[]> => {
      const { trace } = await openCapture(capture);
      const { rows } = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
      return rows.map(({ text, status }) => `${text}: ${status ?? ''}`);
    };
    expect(await rowsOf('tgt-raw-tmf.pcapng')).toContain(
      'Task Management Request ABORT TASK, LUN 1: Task does not exist',
    );
    expect(await rowsOf('tgt-loginfail-notfound.pcapng')).toContain('Login Request: Not found (0x0203)');
  });

  it('never shows what CHAP answered, in no field, byte or copy', async () => {
    const { trace } = await openCapture('tgt-chap-mutual.pcapng');
    const logins = await ask('trace.logins', { trace });
    const responses = logins.flatMap(({ steps }) =>
      steps.flatMap(({ pairs }) => pairs.filter(({ key }) => key === 'CHAP_R')),
    );
    expect(responses.length).toBeGreaterThan(0);
    for (const { value, hidden } of responses) {
      expect(value).toMatch(/^\d+ characters, not shown$/);
      expect(hidden).toBe(true);
    }
    const [answer] = logins.flatMap(({ keys }) => keys.filter(({ key }) => key.startsWith('CHAP_R')));
    expect(answer).toMatchObject({
      fault: null,
      result: expect.stringMatching(/^\(\d{2,} characters, not shown\)$/u) as string,
    });
    const row = logins[0]?.steps.find(({ pairs }) => pairs.some(({ key }) => key === 'CHAP_R'))?.row ?? -1;
    const detail = await ask('trace.detail', { trace, row });
    const text = Buffer.from(detail.bytes, 'hex').toString('latin1');
    expect(text).toMatch(/CHAP_R=\*{16,}\0/);
  });

  it('runs filters, says how many hold, and pages what they let through', async () => {
    const { trace } = await openCapture('tgt-checkcond-readonly.pcapng');
    const failed = await runFilter(trace, 'failed');
    expect(failed).toMatchObject({ done: true, error: null, streams: false });
    expect(failed.pdus).toBeGreaterThan(0);
    const { rows, total } = await ask('trace.tasks', { trace, view: 'v', from: 0, count: 50 });
    expect(total).toBe(failed.tasks);
    expect(rows.every(({ ok, kind }) => ok === false && kind === 'err')).toBe(true);
    const whole = await ask('trace.pdus', { trace, view: '', from: 0, count: 50 });
    expect(rows.map(({ statSn }) => statSn)).toEqual(
      rows.map(({ lastPdu }) => whole.rows.find(({ row }) => row === lastPdu)?.statSn),
    );
    const { steps } = await ask('trace.ladder', { trace, view: '', from: 0, count: 50 });
    expect(steps.filter(({ kind }) => kind === 'err').map(({ row }) => row)).toEqual(
      rows.map(({ lastPdu }) => lastPdu),
    );
    const at = rows[0]?.firstPdu ?? -1;
    expect((await ask('trace.locate', { trace, view: 'v', row: at })).task).toBe(0);
    const bad = await runFilter(trace, 'latencey > 3ms');
    expect(bad.error).toMatchObject({ code: 'BAD_ARGUMENT', details: { from: 0, to: 8, suggestion: 'latency' } });
  });

  it('steps through the PDUs of a task and leads from a read to its sectors', async () => {
    const { trace } = await openCapture('istgt-rw.pcapng');
    const { rows } = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
    const write = rows.find(({ name, pdus }) => name.startsWith('WRITE') && pdus > 1);
    if (write === undefined) throw new Error('The capture has no write.');
    const walked = [write.firstPdu];
    for (let at: number | null = write.firstPdu; at !== null;) {
      at = (await ask('trace.step', { trace, row: at, by: 1 })).row;
      if (at !== null) walked.push(at);
    }
    expect(walked).toHaveLength(write.pdus);
    expect(walked.at(-1)).toBe(write.lastPdu);
    const detail = await ask('trace.detail', { trace, row: write.lastPdu });
    expect(detail.related.map(({ row }) => row)).toEqual(walked);
    expect(detail.sectors).toMatchObject({ lun: '0000000000000000', lba: write.lba, blocks: write.blocks });
  });

  it('tells the PDUs of a stretch of lines, and of whole tasks', async () => {
    const { trace, state } = await openCapture('istgt-rw.pcapng');
    const { rows } = await ask('trace.lines', { trace, view: '', list: 'tasks', from: 0, to: state.tasks + 50 });
    const tasks = await ask('trace.tasks', { trace, view: '', from: 0, count: 1000 });
    expect(rows).toEqual(tasks.rows.map(({ firstPdu }) => firstPdu));
    const write = tasks.rows.find(({ name, pdus }) => name.startsWith('WRITE') && pdus > 1);
    const whole = await ask('trace.wholeTasks', { trace, rows: [write?.firstPdu ?? -1] });
    expect(whole.rows).toHaveLength(write?.pdus ?? 0);
    const last = whole.rows.at(-1) ?? -1;
    expect((await ask('trace.wholeTasks', { trace, rows: [last] })).rows).toEqual([last]);
    const all = await ask('trace.wholeTasks', { trace, rows });
    expect(all.rows).toHaveLength(tasks.rows.reduce((sum, { pdus }) => sum + pdus, 0));
    const pdus = await ask('trace.lines', { trace, view: '', list: 'pdus', from: 3, to: 5 });
    expect(pdus.rows).toEqual([3, 4, 5]);
  });

  it('is searched for findings a slice at a time, and tells them at the end', async () => {
    const { trace } = await openCapture('tgt-raw-tmf.pcapng');
    const { findings, done, total } = await until<FindingsState>(
      'trace.findings',
      { trace },
      (one) => one.findings !== null,
    );
    expect(done).toBe(total);
    expect(findings?.map(({ rule }) => rule)).toContain('tmf-failed');
  });

  it('draws latency, time, ladder and negotiation', async () => {
    const { trace, state } = await openCapture('istgt-rw.pcapng');
    const { starts, groups, total } = await ask('trace.latencies', { trace, view: '' });
    const counted = groups.filter(({ lun }) => lun === null).reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBeGreaterThan(0);
    expect(total?.count).toBe(counted);
    expect(total?.histogram.reduce((a, b) => a + b, 0)).toBe(counted);
    for (const { histogram, count } of groups) expect(histogram.reduce((a, b) => a + b, 0)).toBe(count);
    expect(starts).toHaveLength((groups[0]?.histogram.length ?? 0) + 1);
    const time = await ask('trace.timeline', { trace, view: '', steps: 100 });
    expect(time.commands.reduce((a, b) => a + b, 0)).toBe(counted);
    const ladder = await ask('trace.ladder', { trace, view: '', from: 0, count: 1000 });
    expect(ladder.steps.reduce((sum, { rows }) => sum + rows, 0)).toBe(state.pdus);
    expect(ladder.next).toBe(state.pdus);
    const [login] = await ask('trace.logins', { trace });
    expect(login).toMatchObject({ ok: true, outcome: 'Logged in' });
    expect(login?.keys.map(({ key }) => key)).toContain('MaxBurstLength');
  });

  it('keeps marks and comments', async () => {
    const { trace } = await openCapture('tgt-discovery.pcapng');
    await ask('trace.annotate', { trace, mark: { row: 2, marked: true, comment: 'here' } });
    const state = await until<TraceState>('trace.state', { trace }, ({ marks }) => marks.length > 0);
    expect(state.marks).toEqual([{ row: 2, marked: true, comment: 'here' }]);
  });
});
