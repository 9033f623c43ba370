import type { Coverage } from './coverage.ts';
import { isExplained } from './held-back.ts';
import type { Severity } from './rule-row.ts';
import { RULES, type Rule, type RuleId } from './rules.ts';

/** Something a trace shows: the rule, what happened, and the PDUs that prove it. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  /** The first case in a sentence. */
  readonly text: string;
  readonly hint: string;
  readonly clause: string;
  /** Connection it is about; null for the trace as a whole. */
  readonly connection: number | null;
  /** How often it happened there. */
  readonly count: number;
  /** Numbers of PDUs that prove it, from 1; the first few where there are many. */
  readonly pdus: readonly number[];
}

const PROOFS = 20;
const FINDINGS = 5000;
const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

interface Gathered {
  readonly rule: Rule;
  readonly connection: number | null;
  readonly text: string;
  readonly rows: number[];
  count: number;
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
      this.#found.set(key, { rule: RULES.get(id) as Rule, connection, text: text(), rows: [...rows], count: 1 });
      return;
    }
    known.count += 1;
    for (const row of rows) if (known.rows.length < PROOFS && !known.rows.includes(row)) known.rows.push(row);
  }

  /** The findings, worst first. */
  list(): Finding[] {
    return [...this.#found.values()]
      .map(({ rule, connection, text, rows, count }) => ({
        rule: rule.id,
        severity: rule.severity,
        title: rule.title,
        text,
        hint: rule.hint,
        clause: rule.clause,
        connection,
        count,
        pdus: rows.map((row) => row + 1),
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
