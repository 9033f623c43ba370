import { describe, expect, it } from 'vitest';
import {
  compileFilter,
  GrowingFilter,
  matchRows,
  parseFilter,
  Trace,
  TraceImporter,
} from '../../../core/trace/index.ts';
import { busyScene } from './busy-scene.ts';
import { sourceOf } from './scene.ts';

describe('a filter on a growing trace', () => {
  it.each([
    '!ok',
    'status == checkCondition',
    'latency > 300us',
    'dir == in && ok',
    'text contains "GOOD"',
    'ok || lba == 5',
  ])('%s finds at every step what a filter of the whole finds', (expression) => {
    const node = parseFilter(expression);
    const bytes = busyScene(300).bytes();
    const trace = new Trace();
    trace.source = sourceOf(bytes);
    const importer = new TraceImporter(trace);
    const filter = new GrowingFilter(node, trace);
    for (let at = 0; at < bytes.length; at += 1500) {
      importer.push(bytes.slice(at, at + 1500));
      const steps = [...filter.extend()];
      expect(steps.at(-1) ?? trace.length).toBe(trace.length);
      const whole = matchRows(compileFilter(node, trace), trace);
      expect(filter.pdus.toArray()).toEqual(whole);
      const tasks = new Set(whole.map((row) => trace.at(row)).map(([page, i]) => page.task[i]));
      tasks.delete(0xffffffff);
      expect(filter.tasks.toArray()).toEqual([...tasks]);
    }
  });

  it('does not look at the whole again for what has come', () => {
    const bytes = busyScene(40_000).bytes();
    const trace = new Trace();
    trace.source = sourceOf(bytes);
    const importer = new TraceImporter(trace);
    const filter = new GrowingFilter(parseFilter('status == checkCondition'), trace);
    const step = Math.ceil(bytes.length / 50);
    for (let at = 0; at < bytes.length; at += step) {
      importer.push(bytes.slice(at, at + step));
      for (const scanned of filter.extend()) expect(scanned).toBeLessThanOrEqual(trace.length);
    }
    expect(filter.scanned).toBe(trace.length);
    expect(filter.rowsRead).toBeLessThan(trace.length * 1.1);
  });
});
