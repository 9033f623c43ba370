import { describe, expect, it } from 'vitest';
import {
  compileFilter,
  FILTER_FIELDS,
  matchRows,
  parseFilter,
  SettlingFilter,
  Trace,
  TraceImporter,
} from '../../../core/trace/index.ts';
import { waitsForTasks } from '../../../core/trace/filter/settling.ts';
import { busyScene } from './busy-scene.ts';
import { Scene, sourceOf } from './scene.ts';

/** What a filter lets through at each step of a growing trace; the last step is the end. */
function stepsOf(expression: string, bytes: Uint8Array, step: number, heldLimit?: number): number[][] {
  const trace = new Trace();
  trace.source = sourceOf(bytes);
  const importer = new TraceImporter(trace);
  const filter = new SettlingFilter(parseFilter(expression), trace, heldLimit);
  const steps: number[][] = [];
  for (let at = 0; at < bytes.length; at += step) {
    importer.push(bytes.slice(at, at + step));
    steps.push(filter.take(false));
  }
  importer.finish();
  return [...steps, filter.take(true)];
}

function wholeOf(expression: string, bytes: Uint8Array): number[] {
  return stepsOf(expression, bytes, bytes.length + 1).flat();
}

describe('a filter that answers each row once', () => {
  it.each([
    '!ok',
    'ok',
    'latency > 300us',
    'status == checkCondition && dir == out',
    '!answered',
    'pdus == 2 || lba == 5',
    'text contains "CHECK CONDITION" && !ok',
    'lun == 0',
  ])('%s lets through in the end what a filter of the whole does', (expression) => {
    const bytes = busyScene(300).bytes();
    const trace = new Trace();
    trace.source = sourceOf(bytes);
    const importer = new TraceImporter(trace);
    importer.push(bytes);
    importer.finish();
    const whole = matchRows(compileFilter(parseFilter(expression), trace), trace);
    expect(whole.length).toBeGreaterThan(0);
    for (const step of [200, 1500, bytes.length + 1]) {
      const rows = stepsOf(expression, bytes, step).flat();
      expect(new Set(rows).size).toBe(rows.length);
      expect(rows.sort((a, b) => a - b)).toEqual(whole);
    }
  });

  it('shows a command with its answer, and what never ends at the end', () => {
    const scene = new Scene().login();
    const slow = scene.command([0x28], { read: true });
    const never = scene.command([0x28], { read: true });
    const before = scene.bytes().length;
    scene.respond(slow, 2);
    expect(never).toBe(slow + 1);
    const bytes = scene.bytes();
    const trace = new Trace();
    const importer = new TraceImporter(trace);
    const failing = new SettlingFilter(parseFilter('!ok'), trace);
    const units = new SettlingFilter(parseFilter('lun == 0'), trace);
    importer.push(bytes.slice(0, before));
    expect(failing.take(false)).toEqual([]);
    expect(units.take(false)).toEqual([2, 3]);
    importer.push(bytes.slice(before));
    expect(failing.take(false)).toEqual([2, 4]);
    expect(units.take(false)).toEqual([4]);
    expect(failing.take(true)).toEqual([3]);
    expect(units.take(true)).toEqual([]);
  });

  it('holds back nothing where the filter asks for what is known from the first PDU on', () => {
    const bytes = busyScene(60).bytes();
    const atOnce = FILTER_FIELDS.filter(({ level }) => level === 'task')
      .map(({ name }) => name)
      .filter((name) => !waitsForTasks(parseFilter(name)));
    expect(atOnce).toEqual(expect.arrayContaining(['lun', 'scsi.opcode', 'lba', 'read']));
    for (const late of ['ok', 'failed', 'answered', 'status', 'latency', 'bytes', 'pdus', 'residual', 'sense.key'])
      expect(atOnce).not.toContain(late);
    for (const name of atOnce) {
      const rows = stepsOf(name, bytes, 100).flat();
      expect(rows).toEqual(wholeOf(name, bytes));
    }
  });

  it('judges the longest held as they stand where too many are', () => {
    const scene = new Scene().login();
    for (let n = 0; n < 10; n += 1) scene.command([0x28], { read: true });
    expect(stepsOf('!ok', scene.bytes(), 100_000, 4)).toEqual([
      [2, 3, 4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
  });
});
