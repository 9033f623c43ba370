import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TraceFile } from '../../../core/node/trace-open.ts';
import {
  compileFilter,
  FILTER_FIELDS,
  matchRows,
  parseFilter,
  type FilterField,
  type Trace,
} from '../../../core/trace/index.ts';
import type { FieldValue, PduFacts } from '../../support/real/tshark-facts.ts';
import { pairRows } from '../../trace/pair-rows.ts';

const folder = fileURLToPath(new URL('../../fixtures/captures', import.meta.url));
const captures = readdirSync(folder)
  .filter((name) => name.endsWith('.pcapng'))
  .map((name) => name.replace(/\.pcapng$/, ''));

/** Names under which RFC 7143 gives a value to PDUs that tshark shows none of: flags and I of all, tags and lengths of some. */
const WIDER = new Set([
  'iscsi.flags',
  'iscsi.I',
  'iscsi.initiatortasktag',
  'iscsi.targettransfertag',
  'iscsi.datasegmentlength',
  'iscsi.totalahslength',
  'iscsi.expdatasn',
]);

/** Fields whose values are spans of time, or which the recorded facts leave out. */
const APART = new Set(['iscsi.time', 'iscsi.pingdata', 'iscsi.immediatedata']);

/** The values of each PDU; undefined for PDUs that tshark takes for bogus, such as a SNACK with the I bit. */
type Held = readonly (readonly (string | number)[] | undefined)[];

function rowsOf(trace: Trace, expression: string): number[] {
  return matchRows(compileFilter(parseFilter(expression), trace), trace);
}

function listOf(value: FieldValue | undefined): readonly (string | number)[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [value];
}

/** The tasks of rows: a field of a task holds for all of its PDUs, so tasks are what is compared. */
function tasksOf(trace: Trace, rows: readonly number[]): Set<number> {
  return new Set(
    rows.map((row) => {
      const [page, i] = trace.at(row);
      return page.task[i] as number;
    }),
  );
}

/** Whether those found are those wanted and none of the others that have a value. */
function areTasks(found: ReadonlySet<number>, wanted: ReadonlySet<number>, having: ReadonlySet<number>): boolean {
  return [...having].every((task) => found.has(task) === wanted.has(task));
}

function differences(trace: Trace, held: Held, { level, kind }: FilterField, name: string): string[] {
  const wrong: string[] = [];
  const having = held.flatMap((list, row) => ((list?.length ?? 0) > 0 ? [row] : []));
  for (const value of new Set(held.flatMap((list) => list ?? []))) {
    const wanted = having.filter((row) => held[row]?.[0] === value);
    const found = rowsOf(trace, `${name} == ${value}`);
    const other = rowsOf(trace, `${name} != ${value}`).filter((row) => having.includes(row));
    const same =
      level === 'task'
        ? areTasks(tasksOf(trace, found), tasksOf(trace, wanted), tasksOf(trace, having))
        : found.filter((row) => having.includes(row)).join() === wanted.join() &&
          other.join() === having.filter((row) => !wanted.includes(row)).join();
    if (!same) wrong.push(`${name} == ${value}: ours ${found.join()}, tshark's ${wanted.join()}`);
  }
  if (level === 'task' || WIDER.has(name)) return wrong;
  const present = rowsOf(trace, kind === 'flag' ? `${name} in {0, 1}` : name).filter((row) => held[row] !== undefined);
  if (present.join() !== having.join()) wrong.push(`${name}: ours ${present.join()}, tshark's ${having.join()}`);
  return wrong;
}

describe('names of Wireshark, beside what tshark found under them in captures of real targets', () => {
  const seen = new Set<string>();

  it.each(captures)('%s', async (capture) => {
    const { pdus } = JSON.parse(readFileSync(join(folder, `${capture}.tshark.json`), 'utf8')) as { pdus: PduFacts[] };
    const file = new TraceFile();
    await file.read(join(folder, `${capture}.pcapng`));
    const facts = pairRows(file.trace, pdus);
    const wrong = FILTER_FIELDS.filter(({ name, kind }) => kind !== 'text' && !APART.has(name)).flatMap((field) =>
      [field.name, ...field.aliases]
        .filter((name) => name.startsWith('iscsi.'))
        .flatMap((name) => {
          const held = facts.map((fact) => fact && listOf(fact.iscsi[name.slice('iscsi.'.length)]));
          if (held.some((list) => (list?.length ?? 0) > 0)) seen.add(name);
          return differences(file.trace, held, field, name);
        }),
    );
    file.close();
    expect(wrong).toEqual([]);
  });

  it('saw most of them', () => {
    expect([...seen]).toEqual(
      expect.arrayContaining(['iscsi.isid', 'iscsi.isid.d', 'iscsi.tsih', 'iscsi.cid', 'iscsi.time2wait']),
    );
    expect(seen.size).toBeGreaterThan(55);
  });
});
