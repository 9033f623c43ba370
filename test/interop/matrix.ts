import { CaptureForbidden } from '../support/real/capture.ts';
import { ToolMissing } from '../support/real/tools.ts';

/** A cell that cannot exist for a target, with the reason a reader needs; it counts as nothing, least of all as passed. */
export class NotHere extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotHere';
  }
}

export interface Row<San> {
  readonly name: string;
  readonly timeoutMs?: number;
  /** Does the work and throws when anything is not as it must be; a returned string is shown beside the cell. */
  readonly check: (san: San) => Promise<string | undefined>;
}

export interface Column<San> {
  readonly name: string;
  readonly start: () => Promise<San>;
  readonly stop: (san: San) => Promise<void>;
}

export interface Cell {
  readonly row: string;
  readonly column: string;
  /** Absent is what the target does not have; skipped is what this machine lacks a program or a right for. */
  readonly result: 'passed' | 'failed' | 'skipped' | 'absent';
  readonly detail: string;
  readonly milliseconds: number;
}

const defaultTimeoutMs = 30_000;

/** Runs every row against every column, one cell of a column at a time and two columns side by side, and goes on after a failure. */
export async function runMatrix<San>(
  rows: readonly Row<San>[],
  columns: readonly Column<San>[],
  onCell: (cell: Cell) => void,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  const add = (cell: Cell): void => {
    cells.push(cell);
    onCell(cell);
  };
  const left = [...columns];
  const lane = async (): Promise<void> => {
    for (let column = left.shift(); column !== undefined; column = left.shift()) await runColumn(rows, column, add);
  };
  await Promise.all([lane(), lane()]);
  return columns.flatMap(({ name }) => cells.filter(({ column }) => column === name));
}

async function runColumn<San>(
  rows: readonly Row<San>[],
  column: Column<San>,
  add: (cell: Cell) => void,
): Promise<void> {
  let san: San;
  try {
    san = await column.start();
  } catch (error) {
    for (const row of rows) add(judged(row.name, column.name, error, 0));
    return;
  }
  try {
    for (const row of rows) add(await runCell(row, column.name, san));
  } finally {
    await column.stop(san);
  }
}

/** The matrix as text: one line a row, one column a target, and the reasons for what is missing below it. */
export function printMatrix(cells: readonly Cell[]): string {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const columns = [...new Set(cells.map(({ column }) => column))];
  const first = Math.max(...rows.map((row) => row.length));
  const reasons: string[] = [];
  const mark = (cell: Cell | undefined): string => {
    if (cell === undefined) return '';
    if (cell.result === 'passed' || cell.result === 'failed') return cell.result === 'passed' ? 'passed' : 'FAILED';
    if (!reasons.includes(cell.detail)) reasons.push(cell.detail);
    return `${cell.result === 'skipped' ? 'skipped' : '-'} (${reasons.indexOf(cell.detail) + 1})`;
  };
  const lines = [`${''.padEnd(first)}  ${columns.map((column) => column.padEnd(11)).join('  ')}`.trimEnd()];
  for (const row of rows) {
    const marks = columns.map((column) => mark(cells.find((cell) => cell.row === row && cell.column === column)));
    lines.push(`${row.padEnd(first)}  ${marks.map((text) => text.padEnd(11)).join('  ')}`.trimEnd());
  }
  lines.push(...reasons.map((reason, index) => `(${index + 1}) ${reason}`));
  return lines.join('\n');
}

/** The last line of a run: what passed, failed and was skipped. */
export function countCells(cells: readonly Cell[]): string {
  const count = (result: Cell['result']): number => cells.filter((cell) => cell.result === result).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

async function runCell<San>(row: Row<San>, column: string, san: San): Promise<Cell> {
  const started = performance.now();
  const limit = row.timeoutMs ?? defaultTimeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not done after ${limit} ms`));
    }, limit);
  });
  try {
    const detail = await Promise.race([row.check(san), late]);
    const milliseconds = Math.round(performance.now() - started);
    return { row: row.name, column, result: 'passed', detail: detail ?? '', milliseconds };
  } catch (error) {
    return judged(row.name, column, error, Math.round(performance.now() - started));
  } finally {
    clearTimeout(timer);
  }
}

function judged(row: string, column: string, error: unknown, milliseconds: number): Cell {
  const lacking = error instanceof ToolMissing || error instanceof CaptureForbidden;
  const result = error instanceof NotHere ? 'absent' : lacking ? 'skipped' : 'failed';
  const said = error instanceof Error ? error : new Error(String(error));
  return {
    row,
    column,
    result,
    detail: result === 'failed' ? (said.stack ?? said.message) : said.message,
    milliseconds,
  };
}
