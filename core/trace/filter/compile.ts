import type { PduPage } from '../columns.ts';
import type { Trace } from '../trace.ts';
import { ConnectionTest } from './ends.ts';
import type { FilterField } from './field-types.ts';
import { findField } from './fields.ts';
import { anyOf, compareAll, presentAll } from './numbers.ts';
import type { FilterNode, NumberRange } from './parse.ts';
import { needsFile } from './parse.ts';
import { pduReaderOf, startBefore, TASK_READERS, taskReaderOf, timeBefore } from './readers.ts';
import { carriersOf, freeTextTest, streamTest, type RowTest } from './stream.ts';

/** Fields on how a task ended; where the trace lacks that, neither they nor their opposites hold. */
/** What times count from, by field. */
const ORIGINS: Readonly<Record<string, 'startNs' | 'originNs'>> = {
  time: 'startNs',
  'frame.time_relative': 'originNs',
};
const OUTCOMES: ReadonlySet<string> = new Set(['ok', 'failed']);
const UNRECORDED = findField('unrecorded') as FilterField;

type Leaf = Extract<FilterNode, { field: unknown }>;

/** One part of a compiled filter, evaluated a page at a time. Parts that read the file answer "maybe" here. */
interface Part {
  /** Writes 1 for rows of the page that hold, or may hold. */
  fill(page: PduPage, count: number, first: number, mask: Uint8Array): void;
  /** Decides a row exactly. */
  test(row: number, page: PduPage, i: number): boolean;
}

/** A filter ready to run over one trace. */
export interface CompiledFilter {
  /** Whether rows have to be read from the file. */
  readonly streams: boolean;
  /** Rows of page `number` that match, in order. */
  matchPage(number: number, rows: number[]): void;
  /** Whether one row matches. */
  matches(row: number): boolean;
}

/** Columns of all tasks turned into one byte a task; the last byte stands for "no task". */
function taskMask(
  trace: Trace,
  fillPage: (page: number, count: number, mask: Uint8Array, first: number) => void,
  from: number,
): Uint8Array {
  const { table } = trace.tasks;
  const mask = new Uint8Array(table.length + 1);
  for (let number = from >> table.shift; number < table.pageCount; number += 1) {
    const first = number << table.shift;
    const count = table.rowsIn(number);
    fillPage(number, count, mask.subarray(first, first + count), first);
  }
  return mask;
}

function comparePart(leaf: Leaf, values: Float64Array, count: number, mask: Uint8Array): void {
  if (leaf.kind === 'compare') compareAll(values, count, leaf.op, leaf.value, mask);
  else if (leaf.kind === 'in') anyOf(values, count, leaf.ranges, mask);
  else presentAll(values, count, leaf.field.kind === 'flag', mask);
}

function rangesOf(leaf: Leaf): readonly NumberRange[] {
  return leaf.kind === 'compare' ? [leaf.value] : leaf.kind === 'in' ? leaf.ranges : [];
}

class Compiler {
  readonly #trace: Trace;
  /** Older tasks have no rows that are asked about. */
  readonly #firstTask: number;
  readonly #values: Float64Array;
  readonly #taskValues: Float64Array;

  constructor(trace: Trace, firstTask: number) {
    this.#trace = trace;
    this.#firstTask = firstTask;
    this.#values = new Float64Array(trace.pdus.table.rowsPerPage);
    this.#taskValues = new Float64Array(trace.tasks.table.rowsPerPage);
  }

  /** Turns a tree into parts; `negated` carries a "not" down to the leaves, so that "maybe" stays an upper bound. */
  compile(node: FilterNode, negated: boolean): Part {
    if (isTaskOnly(node)) return this.#gatherTasks(this.#taskMask(node, negated));
    switch (node.kind) {
      case 'not':
        return this.compile(node.inner, !negated);
      case 'and':
      case 'or': {
        const left = this.compile(node.left, negated);
        const right = this.compile(node.right, negated);
        return (node.kind === 'and') !== negated ? this.#both(left, right) : this.#either(left, right);
      }
      case 'freeText':
        return streamed(freeTextTest(this.#trace, node.text), negated);
      default:
        return this.#leaf(node, negated);
    }
  }

  #both(left: Part, right: Part): Part {
    const other = new Uint8Array(this.#values.length);
    return {
      fill: (page, count, first, mask) => {
        left.fill(page, count, first, mask);
        right.fill(page, count, first, other);
        for (let i = 0; i < count; i += 1) mask[i] = (mask[i] as number) & (other[i] as number);
      },
      test: (row, page, i) => left.test(row, page, i) && right.test(row, page, i),
    };
  }

  #either(left: Part, right: Part): Part {
    const other = new Uint8Array(this.#values.length);
    return {
      fill: (page, count, first, mask) => {
        left.fill(page, count, first, mask);
        right.fill(page, count, first, other);
        for (let i = 0; i < count; i += 1) mask[i] = (mask[i] as number) | (other[i] as number);
      },
      test: (row, page, i) => left.test(row, page, i) || right.test(row, page, i),
    };
  }

  #leaf(leaf: Leaf, negated: boolean): Part {
    const { field } = leaf;
    if (field.level === 'connection') return connections(new ConnectionTest(this.#trace, leaf, negated));
    if (field.level === 'stream') return streamed(streamTest(this.#trace, leaf), negated, carriersOf(field));
    const read = pduReaderOf(field);
    const values = this.#values;
    const flip = negated ? 1 : 0;
    const origin = ORIGINS[field.name];
    const isStep = field.name === 'delta';
    let filled = -1;
    const own = new Uint8Array(values.length);
    const fillOwn = (page: PduPage, count: number, first: number): void => {
      read(page, count, values, first);
      if (isStep) values[0] = (values[0] as number) - timeBefore(this.#trace, first);
      const originNs = origin === undefined ? 0 : this.#trace[origin];
      if (originNs !== 0) for (let i = 0; i < count; i += 1) values[i] = (values[i] as number) - originNs;
      comparePart(leaf, values, count, own);
      if (flip === 1) for (let i = 0; i < count; i += 1) own[i] = (own[i] as number) ^ 1;
      filled = first;
    };
    return {
      fill: (page, count, first, mask) => {
        fillOwn(page, count, first);
        for (let i = 0; i < count; i += 1) mask[i] = own[i] as number;
      },
      test: (row, page, i) => {
        const first = row - i;
        if (filled !== first) fillOwn(page, Math.min(values.length, this.#trace.length - first), first);
        return own[i] === 1;
      },
    };
  }

  /** A part whose answer was worked out for every task before. */
  #gatherTasks(mask: Uint8Array): Part {
    const none = mask.length - 1;
    const get = (task: number): number => (task < none ? (mask[task] as number) : (mask[none] as number));
    return {
      fill: (page, count, _first, out) => {
        const { task } = page;
        for (let i = 0; i < count; i += 1) out[i] = get(task[i] as number);
      },
      test: (_row, page, i) => get(page.task[i] as number) === 1,
    };
  }

  #taskMask(node: FilterNode, negated: boolean): Uint8Array {
    switch (node.kind) {
      case 'not':
        return this.#taskMask(node.inner, !negated);
      case 'and':
      case 'or': {
        const left = this.#taskMask(node.left, negated);
        const right = this.#taskMask(node.right, negated);
        const both = (node.kind === 'and') !== negated;
        for (let i = 0; i < left.length; i += 1)
          left[i] = both ? (left[i] as number) & (right[i] as number) : (left[i] as number) | (right[i] as number);
        return left;
      }
      default: {
        const leaf = node as Leaf;
        const mask = this.#taskLeaf(leaf);
        if (!negated) return mask;
        const unknown = OUTCOMES.has(leaf.field.name)
          ? this.#taskLeaf({ kind: 'present', field: UNRECORDED })
          : undefined;
        for (let i = 0; i < mask.length; i += 1) mask[i] = ((mask[i] as number) | (unknown?.[i] ?? 0)) ^ 1;
        return mask;
      }
    }
  }

  #taskLeaf(leaf: Leaf): Uint8Array {
    const read = taskReaderOf(leaf.field);
    const { table } = this.#trace.tasks;
    const values = this.#taskValues;
    const mask = taskMask(
      this.#trace,
      (number, count, out, first) => {
        read(table.page(number), count, values, first);
        if (leaf.field.name === 'task.delta') values[0] = (values[0] as number) - startBefore(this.#trace, first);
        comparePart(leaf, values, count, out);
      },
      this.#firstTask,
    );
    return this.#refine(leaf, mask);
  }

  /** Commands that share an opcode are told apart by their service action. */
  #refine(leaf: Leaf, mask: Uint8Array): Uint8Array {
    const actions = rangesOf(leaf).filter((range) => range.serviceAction !== undefined);
    if (actions.length === 0 || leaf.field.name !== 'scsi.opcode') return mask;
    if (leaf.kind === 'compare' && leaf.op !== '==' && leaf.op !== '!=') return mask;
    const negated = leaf.kind === 'compare' && leaf.op === '!=';
    const { table } = this.#trace.tasks;
    const readers = [TASK_READERS['scsi.opcode'], TASK_READERS['serviceAction']];
    const codes = this.#taskValues;
    const found = new Float64Array(codes.length);
    return taskMask(
      this.#trace,
      (number, count, out, first) => {
        readers[0]?.(table.page(number), count, codes, first);
        readers[1]?.(table.page(number), count, found, first);
        for (let i = 0; i < count; i += 1) {
          const code = codes[i] as number;
          const hit = rangesOf(leaf).some(
            ({ low, high, serviceAction }) =>
              code >= low && code <= high && (serviceAction === undefined || serviceAction === found[i]),
          );
          out[i] = code === code && hit !== negated ? 1 : 0;
        }
      },
      this.#firstTask,
    );
  }
}

/** A part whose answer is one for all PDUs of a connection that go the same way. */
function connections(test: ConnectionTest): Part {
  return {
    fill: (page, count, _first, mask) => test.fill(page, count, mask),
    test: (_row, page, i) => test.test(page, i),
  };
}

/** A part that reads the file, for the opcodes that can have what is asked for or for all. */
function streamed(test: RowTest, negated: boolean, carriers?: Uint8Array): Part {
  const otherwise = negated ? 1 : 0;
  const carries = (page: PduPage, i: number): boolean =>
    carriers === undefined || carriers[(page.opcode[i] as number) & 0x3f] === 1;
  return {
    fill: (page, count, _first, mask) => {
      if (carriers === undefined) mask.fill(1, 0, count);
      else for (let i = 0; i < count; i += 1) mask[i] = carries(page, i) ? 1 : otherwise;
    },
    test: (row, page, i) => (carries(page, i) && test(row, page, i)) !== negated,
  };
}

function isTaskOnly(node: FilterNode): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return isTaskOnly(node.left) && isTaskOnly(node.right);
    case 'not':
      return isTaskOnly(node.inner);
    case 'freeText':
      return false;
    default:
      return node.field.level === 'task';
  }
}

/** The oldest task that has a row from `from` on. */
function oldestTask(trace: Trace, from: number): number {
  if (from === 0) return 0;
  const { table } = trace.pdus;
  let oldest = trace.tasks.table.length;
  for (let number = from >> table.shift; number < table.pageCount; number += 1) {
    const { task } = table.page(number);
    const count = table.rowsIn(number);
    for (let i = 0; i < count; i += 1) oldest = Math.min(oldest, task[i] as number);
  }
  return oldest;
}

/** Readies a filter for the rows of a trace from `from` on, as it stands: answers on tasks are those known now. */
export function compileFilter(node: FilterNode, trace: Trace, from = 0): CompiledFilter {
  const part = new Compiler(trace, oldestTask(trace, from)).compile(node, false);
  const streams = needsFile(node);
  const { table } = trace.pdus;
  const mask = new Uint8Array(table.rowsPerPage);
  return {
    streams,
    matchPage: (number, rows) => {
      const count = table.rowsIn(number);
      const first = number << table.shift;
      part.fill(table.page(number), count, first, mask);
      for (let i = 0; i < count; i += 1) {
        if (mask[i] !== 1) continue;
        if (!streams || part.test(first + i, table.page(number), i)) rows.push(first + i);
      }
    },
    matches: (row) => part.test(row, trace.pdus.pageOf(row), row & table.mask),
  };
}

/** Rows of a trace that a filter lets through, from row `from` on. */
export function matchRows(filter: CompiledFilter, trace: Trace, from = 0): number[] {
  const rows: number[] = [];
  const { table } = trace.pdus;
  for (let number = from >> table.shift; number < table.pageCount; number += 1) filter.matchPage(number, rows);
  return from === 0 ? rows : rows.filter((row) => row >= from);
}
