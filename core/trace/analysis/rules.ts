import type { RuleRow, Severity } from './rule-row.ts';
import { DATA_RULES } from './rules-data.ts';
import { EVENT_RULES } from './rules-events.ts';

/** What a rule looks for. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly clause: string;
  /** What to try or to look at next. */
  readonly hint: string;
}

const ROWS = [...DATA_RULES, ...EVENT_RULES] as const;

/** The id of a rule. */
export type RuleId = (typeof ROWS)[number][0];

/** Every rule by id. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  (ROWS as readonly RuleRow[]).map(([id, severity, title, clause, hint]) => [
    id,
    { id, severity, title, clause, hint },
  ]),
);
