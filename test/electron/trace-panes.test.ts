import { expect, it } from 'vitest';
import type { FilterState } from '../../electron/contract/trace.ts';
import { latenciesOf, timelineOf } from '../../electron/main/trace/panes.ts';
import { pduRow, taskRow } from '../../electron/main/trace/rows.ts';
import { Views } from '../../electron/main/trace/views.ts';
import { Scene } from '../core/trace/scene.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function scene(): Scene {
  const made = new Scene().login();
  for (let turn = 0; turn < 6; turn += 1) made.read().wait(3).write();
  return made;
}

it('adds up what passes a filter, and the whole without one', async () => {
  const trace = scene().trace();
  const views = new Views(trace);
  const told: FilterState[] = [];
  views.open('reads', 'read && n > 12', (state) => told.push(state));
  await expect.poll(() => told.at(-1)?.done).toBe(true);
  const passing = told.at(-1);
  const chosen = views.chosenBy('reads');
  const some = latenciesOf(trace, chosen);
  expect(some.total?.count).toBe(passing?.tasks);
  expect(some.groups.map(({ name }) => name)).toEqual(['READ(10)', 'READ(10)']);
  const all = latenciesOf(trace, views.chosenBy(''));
  expect(all.total?.count).toBe(12);
  expect(some.total?.count).toBeLessThan(6);
  const part = timelineOf(trace, 50, chosen);
  expect(sum(part.commands)).toBe(passing?.tasks);
  expect([sum(part.bytesOut), sum(part.bytesIn)]).toEqual([0, 512 * (passing?.tasks ?? 0)]);
  expect(part.startNs).toBe(pduRow(trace, views.pduAt('reads', 0)).timeNs);
  const whole = timelineOf(trace, 50, views.chosenBy(''));
  expect(whole.startNs).toBeLessThan(part.startNs);
  expect(sum(whole.commands)).toBe(12);
});

it('tells how long each line came after the one before it in the trace, whatever passes the filter', () => {
  const trace = scene().trace();
  const pdus = Array.from({ length: trace.length }, (_, row) => pduRow(trace, row));
  const tasks = Array.from({ length: trace.tasks.table.length }, (_, task) => taskRow(trace, task));
  for (const rows of [pdus, tasks])
    for (const [at, { timeNs, deltaNs }] of rows.entries()) {
      if (at === 0) expect(deltaNs).toBeNull();
      else expect(deltaNs).toBe(timeNs - (rows[at - 1]?.timeNs ?? 0));
    }
  expect(Math.max(...pdus.map(({ deltaNs }) => deltaNs ?? 0))).toBeCloseTo(3.1e6, -2);
});

it('says of a task whose answer was lost that it was not recorded, and of others that they have none', () => {
  const made = new Scene({ chunkBytes: 256 }).login();
  made.command([0]);
  made.recorder.flush();
  made.sink.full = true;
  made.read();
  made.sink.full = false;
  made.read().command([0]);
  const trace = made.trace();
  const tasks = Array.from({ length: trace.tasks.table.length }, (_, task) => taskRow(trace, task));
  expect(tasks.map(({ status, ok }) => [status, ok]).slice(1)).toEqual([
    ['Answer not recorded', null],
    ['GOOD', true],
    [null, null],
  ]);
});
