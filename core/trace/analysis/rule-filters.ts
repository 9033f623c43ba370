import type { RuleId } from './rules.ts';

/** Rules that a condition of the filter language says whole: what it lets through are all cases of the rule. */
const CONDITIONS: Readonly<Record<string, string>> = {
  reject: 'opcode == 0x3f',
  'not-ready': 'sense.key == 2',
  'medium-error': 'sense.key in {3, 4}',
  'unit-attention': 'sense.key == 6',
  'write-protected': 'sense.key == 7',
  'aborted-by-target': 'sense.key == 11',
  busy: 'status in {0x08, 0x28}',
  'aca-active': 'status == 0x30',
  'reservation-conflict': 'status == 0x18',
} satisfies Partial<Record<RuleId, string>>;

/** The filter that lets through all cases of a rule on a connection, or null where the language cannot say it. */
export function ruleFilter(rule: string, connection: number | null): string | null {
  const condition = CONDITIONS[rule];
  if (condition === undefined) return null;
  return connection === null ? condition : `${condition} && connection == ${connection}`;
}
