import type { Trace } from '../trace.ts';
import { FindingCollector, type Finding } from './collector.ts';
import { Coverage } from './coverage.ts';
import { ConnectionPass } from './pass-connections.ts';
import { DataPass } from './pass-data.ts';
import { EventPass } from './pass-events.ts';
import { InventoryPass } from './pass-inventory.ts';
import { reportOneSided } from './one-sided.ts';
import { checkLogins } from './pass-login.ts';
import { SequencePass } from './pass-sequence.ts';
import { SessionLimits } from './session-limits.ts';
import { TaskPass } from './pass-tasks.ts';
import { timeSpan } from './timeline.ts';

/** How far a search has come, in pages of the index. */
export interface SearchStep {
  readonly done: number;
  readonly total: number;
}

/** Looks for everything the rules know in a trace as it stands, a page at a time; the worst comes first. */
export function* searchProblems(trace: Trace): Generator<SearchStep, Finding[], undefined> {
  const coverage = new Coverage(trace);
  const collector = new FindingCollector(coverage);
  const limits = new SessionLimits(trace);
  const sequence = new SequencePass(trace, collector, coverage, limits);
  const data = new DataPass(trace, collector, coverage, limits);
  const events = new EventPass(trace, collector);
  const connections = new ConnectionPass(trace, collector);
  const inventory = new InventoryPass(trace, collector);
  const { table } = trace.pdus;
  const pages = table.pageCount;
  const total = 2 * pages + trace.tasks.table.pageCount;
  for (let number = 0; number < pages; number += 1) {
    coverage.visitPage(number);
    yield { done: number + 1, total };
  }
  coverage.finish();
  for (let number = 0; number < pages; number += 1) {
    const first = number << table.shift;
    const count = table.rowsIn(number);
    const page = table.page(number);
    for (let i = 0; i < count; i += 1) {
      limits.visit(page, i, first + i);
      sequence.visit(page, i, first + i);
      data.visit(page, i, first + i);
      events.visit(page, i, first + i);
      connections.visit(page, i, first + i);
      inventory.visit(page, i, first + i);
    }
    yield { done: pages + number + 1, total };
  }
  const { endNs } = timeSpan(trace);
  for (const page of new TaskPass(trace, collector, limits, endNs).run())
    yield { done: Math.min(total, 2 * pages + page), total };
  reportOneSided(trace, coverage, collector);
  checkLogins(trace, collector, endNs);
  sequence.finish();
  connections.finish();
  inventory.finish();
  return collector.list();
}

/** All that `searchProblems` finds, at once. */
export function findProblems(trace: Trace): Finding[] {
  const search = searchProblems(trace);
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}
