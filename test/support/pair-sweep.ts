import type { PairOptions, PairFault } from './pair-sim.ts';
import { talk, type Talk } from './pair-talk.ts';

/** The faults a conversation is tried with. */
export const SWEEPS = ['cut 0', 'cut 2', 'delay', 'drop 0', 'drop 1', 'drop 2', 'flip 0', 'flip 1', 'flip 2'] as const;
export type Sweep = (typeof SWEEPS)[number];

/** What a conversation under a fault may end with: an error that says what happened, or nothing. */
const TYPED: ReadonlySet<string> = new Set([
  'ok',
  'CONNECTION_LOST',
  'CONNECTION_CLOSED',
  'CONNECT_TIMEOUT',
  'LOGIN_TIMEOUT',
  'LOGIN_REFUSED',
  'LOGIN_NEGOTIATION',
  'LOGIN_REDIRECT',
  'AUTH_REFUSED',
  'AUTH_TARGET_UNPROVEN',
  'AUTH_CHALLENGE',
  'AUTH_METHOD',
  'PROTOCOL_MALFORMED',
  'PROTOCOL_TOO_LARGE',
  'PROTOCOL_UNEXPECTED',
  'PROTOCOL_SEQUENCE',
  'PROTOCOL_DIGEST',
  'PROTOCOL_DATA',
  'TASK_UNKNOWN_OUTCOME',
  'TASK_REJECTED',
  'TIMEOUT_COMMAND',
  'TIMEOUT_KEEPALIVE',
  'TIMEOUT_LOGOUT',
  'SCSI_SHORT_DATA',
]);
const DELAY_MS = 400;

/** One run that should not have gone as it did. */
export interface Finding {
  readonly fault: PairFault;
  readonly problems: readonly string[];
}

/** What a sweep brought. */
export interface SweepResult {
  readonly runs: number;
  readonly findings: readonly Finding[];
  /** How often each request ended in what. */
  readonly ends: ReadonlyMap<string, number>;
}

function optionsOf(sweep: Sweep): PairOptions {
  const [kind, level = '0'] = sweep.split(' ');
  return { level: Number(level) as 0 | 1 | 2, digests: kind === 'flip', splitPdus: kind === 'drop' };
}

function problemsOf(sweep: Sweep, run: Talk, plain: Talk): string[] {
  const problems = [...run.faults];
  for (const [name, end] of Object.entries(run.ends))
    if (!TYPED.has(end) && !end.startsWith('status')) problems.push(`${name} ended with ${end}`);
  if (sweep === 'delay')
    for (const [name, end] of Object.entries(plain.ends))
      if (run.ends[name] !== end) problems.push(`${name} ended with ${String(run.ends[name])} for a delay`);
  return problems;
}

/** Runs the conversation with the fault at every `step`-th byte (or PDU, where those are dropped) of both ways, from `from` on. */
export async function sweepPair(sweep: Sweep, step = 1, from = 0): Promise<SweepResult> {
  const options = optionsOf(sweep);
  const plain = await talk(options);
  const [line] = plain.pair.lines;
  const findings: Finding[] = [];
  const ends = new Map<string, number>();
  const kind = sweep.split(' ')[0] as PairFault['kind'];
  let runs = 0;
  for (const way of ['out', 'in'] as const) {
    const wire = line?.[way];
    const all = kind === 'drop' ? (wire?.boundaries ?? []) : Array.from({ length: wire?.sent ?? 0 }, (_, at) => at);
    for (let i = from; i < all.length; i += step) {
      const fault: PairFault = { kind, way, at: all[i] ?? 0, ms: DELAY_MS };
      const run = await talk({ ...options, fault });
      runs += 1;
      const problems = problemsOf(sweep, run, plain);
      if (problems.length > 0) findings.push({ fault, problems });
      for (const [name, end] of Object.entries(run.ends)) {
        const key = `${name}: ${end}`;
        ends.set(key, (ends.get(key) ?? 0) + 1);
      }
    }
  }
  return { runs, findings, ends };
}
