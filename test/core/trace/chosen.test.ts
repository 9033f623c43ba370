import { expect, it } from 'vitest';
import {
  buildTimeline,
  GrowingFilter,
  parseFilter,
  summarizeLatency,
  type RowChoice,
  type Trace,
} from '../../../core/trace/index.ts';
import { Scene } from './scene.ts';

const NONE: RowChoice = { length: 0, at: () => 0 };

function filtered(trace: Trace, expression: string): GrowingFilter {
  const filter = new GrowingFilter(parseFilter(expression), trace);
  Array.from(filter.extend());
  return filter;
}

const timeOf = (trace: Trace, row: number): number => {
  const [page, i] = trace.at(row);
  return page.time[i] as number;
};

/** Ten reads of LUN 0 and five slow ones of LUN 1 by turns, then three of LUN 0 and two of LUN 1 at once. */
function busyTrace(): Trace {
  const scene = new Scene();
  const begin = (lun: number): number =>
    scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 1], {
      read: true,
      expectedDataTransferLength: 512,
      lun: BigInt(lun) << 48n,
    });
  const end = (itt: number): void => {
    scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 1 }, new Uint8Array(512));
  };
  for (let turn = 0; turn < 15; turn += 1) {
    const itt = begin(turn % 3 === 0 ? 1 : 0);
    if (turn % 3 === 0) scene.wait(20);
    end(itt);
  }
  const open = [0, 0, 0, 1, 1].map(begin);
  for (const itt of open) end(itt);
  return scene.trace();
}

it('adds up the latencies of chosen tasks alone', () => {
  const trace = busyTrace();
  const { tasks } = filtered(trace, 'latency > 10ms');
  const [all, only, ...others] = summarizeLatency(trace, tasks);
  expect(all).toMatchObject({ opcode: 0x28, lun: null, count: 5, bytes: 5 * 512 });
  expect(all?.minNs).toBeCloseTo(20.1e6, -2);
  expect(only).toMatchObject({ lun: 1, count: 5 });
  expect(others).toEqual([]);
  expect(summarizeLatency(trace)[0]?.count).toBe(20);
  expect(summarizeLatency(trace, NONE)).toEqual([]);
});

it('draws what is chosen over its own time, with no more open tasks than are chosen', () => {
  const trace = busyTrace();
  const chosen = filtered(trace, 'lun == 1 && n > 20');
  expect(chosen.pdus.toArray()).toEqual([24, 25, 33, 34, 38, 39]);
  const line = buildTimeline(trace, 8, undefined, chosen);
  expect(line.startNs).toBe(timeOf(trace, 24));
  expect(line.startNs + 8 * line.stepNs).toBeCloseTo(timeOf(trace, 39));
  expect(line.commands.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(line.bytesIn.reduce((sum, bytes) => sum + bytes, 0)).toBe(3 * 512);
  expect([line.outstanding[0], Math.max(...line.outstanding), line.outstanding[7]]).toEqual([1, 2, 2]);
  expect(Math.max(...buildTimeline(trace, 8).outstanding)).toBe(5);
});

it('counts tasks that began before a stretch as open in it', () => {
  const trace = busyTrace();
  const chosen = filtered(trace, 'lun == 1');
  const late = { startNs: timeOf(trace, 34) + 1, endNs: timeOf(trace, 39) };
  expect(Array.from(buildTimeline(trace, 2, late, chosen).outstanding)).toEqual([2, 2]);
  const between = { startNs: timeOf(trace, 39) + 1, endNs: timeOf(trace, 39) + 10 };
  expect(Array.from(buildTimeline(trace, 2, between, chosen).outstanding)).toEqual([0, 0]);
});

it('draws the same for all that is chosen as for the whole, over several connections', () => {
  const scene = new Scene();
  const other = new Scene();
  const ends = { initiatorHost: '10.0.0.1', initiatorPort: 50_001, targetHost: '10.0.0.2', targetPort: 3260 };
  Object.defineProperty(other, 'recorder', { value: scene.recorder });
  Object.defineProperty(other, 'connection', { value: scene.recorder.openConnection(scene.timeMs, ends) });
  const opened = [scene, scene, other, other, other].map((one) => [one, one.command([0])] as const);
  for (const one of [scene, other]) one.wait(5);
  for (const [one, itt] of opened) one.respond(itt, 0);
  const trace = scene.trace();
  const whole = buildTimeline(trace, 7);
  expect(Math.max(...whole.outstanding)).toBe(5);
  expect(buildTimeline(trace, 7, undefined, filtered(trace, 'n > 0'))).toEqual(whole);
});

it('draws nothing where nothing is chosen', () => {
  const { startNs, commands, outstanding } = buildTimeline(busyTrace(), 4, undefined, { pdus: NONE, tasks: NONE });
  expect([startNs, ...commands, ...outstanding]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
});
