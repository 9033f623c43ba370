import type { Coverage } from './coverage.ts';
import type { RuleId } from './rules.ts';

/** Rules that set one side against the other, and can tell nothing where one side is all there is. */
const NEED_BOTH: ReadonlySet<RuleId> = new Set([
  'unanswered',
  'ping-unanswered',
  'target-ping-unanswered',
  'answer-without-task',
  'tag-reused',
  'login-unfinished',
  'no-logout',
  'stall',
  'window-closed',
  'mtu-black-hole',
  'data-out-unasked',
  'expstatsn-ahead',
]);

/** Rules beside those that take what they do not see for what was not sent. */
const NEED_ALL: ReadonlySet<RuleId> = new Set([
  'no-logout',
  'window-closed',
  'no-luns',
  'no-targets',
  'lun-not-connected',
  'data-out-outside-r2t',
]);

type Where = 'between' | 'after' | 'before';

/** Where bytes that a capture lacks explain what a rule sees: among its proofs, after the first, or before it. */
const EXPLAINED: Partial<Readonly<Record<RuleId, Where>>> = {
  'cmdsn-gap': 'between',
  'cmdsn-outside-window': 'between',
  'statsn-gap': 'between',
  'expstatsn-ahead': 'between',
  'residual-mismatch': 'between',
  'short-data-good': 'between',
  stall: 'between',
  unanswered: 'after',
  'ping-unanswered': 'after',
  'target-ping-unanswered': 'after',
  'tag-reused': 'after',
  'mtu-black-hole': 'after',
  'login-unfinished': 'after',
  'answer-without-task': 'before',
};

/** Whether what the capture lacks explains what a rule sees, so that no end is to be blamed for it. */
export function isExplained(coverage: Coverage, rule: RuleId, connection: number, rows: readonly number[]): boolean {
  if (NEED_BOTH.has(rule) && coverage.onlySide(connection) !== undefined) return true;
  if (NEED_ALL.has(rule) && coverage.isPartial(connection)) return true;
  const where = EXPLAINED[rule];
  const first = rows[0];
  if (where === undefined || first === undefined) return false;
  if (where === 'after') return coverage.lossAfter(connection, first);
  if (where === 'before') return coverage.lossBefore(connection, first);
  return coverage.lossBetween(connection, first, rows[rows.length - 1] ?? first);
}
