import type { Coverage } from './coverage.ts';
import { isExplained } from './held-back.ts';
import { ruleFilter } from './rule-filters.ts';
import type { Severity } from './rule-row.ts';
import { RULES, type Rule, type RuleId } from './rules.ts';

/** Something a trace shows: the rule, what happened, and the PDUs that prove it. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  /** The first case in a sentence, or the worst one. */
  readonly text: string;
  readonly hint: string;
  readonly clause: string;
  /** Connection it is about; null for the trace as a whole. */
  readonly connection: number | null;
  /** How often it happened there. */
  readonly count: number;
  /** Numbers of PDUs that prove it, from 1; of the first or the worst few cases where there are many. */
  readonly pdus: readonly number[];
  /** Of how many cases they are. */
  readonly proven: number;
  /** Whether these are the worst cases, the worst first, rather than the first ones. */
  readonly worst: boolean;
  /** The filter that lets through every case, where there is one. */
  readonly filter: string | null;
}

/** Most proofs of a finding that are named. */
export const PROOFS = 20;
const WORST = 10;
const FINDINGS = 5000;
const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

interface Case {
  readonly weight: number;
  readonly rows: readonly number[];
}

interface Gathered {
  readonly rule: Rule;
  readonly connection: number | null;
  text: string;
  rows: number[];
  count: number;
  proven: number;
  /** The worst cases, the worst first, of a rule that weighs them. */
  readonly worst: Case[];
}

/** Gathers what rules report: one finding for each rule and connection, with its first proofs; what the capture itself explains is held back. */
export class FindingCollector {
  readonly #found = new Map<string, Gathered>();
  readonly #coverage: Coverage;

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }

  /** Reports a case; `text` is asked for the first one only. */
  report(id: RuleId, connection: number | null, rows: readonly number[], text: () => string): void {
    if (connection !== null && isExplained(this.#coverage, id, connection, rows)) return;
    const key = `${id}/${connection ?? ''}`;
    const known = this.#found.get(key);
    if (known === undefined) {
      if (this.#found.size >= FINDINGS) return;
      const rule = RULES.get(id) as Rule;
      const first = { rule, connection, text: text(), rows: [...rows], count: 1, proven: 1, worst: [] };
      this.#found.set(key, first);
      return;
    }
    known.count += 1;
    for (const row of rows) if (known.rows.length < PROOFS && !known.rows.includes(row)) known.rows.push(row);
    if (rows.every((row) => known.rows.includes(row))) known.proven += 1;
  }

  /** Reports a case of a rule whose worst cases tell the most: they are its proofs, and the worst one its text. */
  weigh(id: RuleId, connection: number, rows: readonly number[], weight: number, text: () => string): void {
    const key = `${id}/${connection}`;
    const before = this.#found.get(key)?.count ?? 0;
    this.report(id, connection, rows, text);
    const known = this.#found.get(key);
    if (known === undefined || known.count === before) return;
    const { worst } = known;
    const at = worst.findIndex((one) => one.weight < weight);
    if (at < 0 && worst.length >= WORST) return;
    worst.splice(at < 0 ? worst.length : at, 0, { weight, rows });
    worst.length = Math.min(worst.length, WORST);
    if (at === 0) known.text = text();
    known.rows = worst.flatMap((one) => one.rows);
    known.proven = worst.length;
  }

  /** The findings, worst first. */
  list(): Finding[] {
    return [...this.#found.values()]
      .map(({ rule, connection, text, rows, count, proven, worst }) => ({
        rule: rule.id,
        severity: rule.severity,
        title: rule.title,
        text,
        hint: rule.hint,
        clause: rule.clause,
        connection,
        count,
        pdus: rows.map((row) => row + 1),
        proven,
        worst: worst.length > 0,
        filter: ruleFilter(rule.id, connection),
      }))
      .sort(
        (a, b) =>
          ORDER[a.severity] - ORDER[b.severity] ||
          (a.connection ?? -1) - (b.connection ?? -1) ||
          (a.pdus[0] ?? 0) - (b.pdus[0] ?? 0),
      );
  }
}

/** A finding as two lines for a terminal. */
export function formatFinding(finding: Finding): string {
  const where = finding.connection === null ? '' : ` #${finding.connection}`;
  const times = finding.count === 1 ? '' : ` (${finding.count} times)`;
  const proofs = finding.pdus.length === 0 ? '' : ` PDUs ${finding.pdus.slice(0, 8).join(', ')}.`;
  return `${finding.severity}${where} ${finding.title}${times}: ${finding.text}${proofs}\n    ${finding.hint} [${finding.rule}, ${finding.clause}]`;
}
