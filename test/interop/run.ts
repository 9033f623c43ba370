import { parseArgs } from 'node:util';
import { packageVersion } from '../support/real/tools.ts';
import { goLong } from './length.ts';
import { countCells, printMatrix, runMatrix, type Cell, type Column, type Row } from './matrix.ts';
import { dataRows } from './rows-data.ts';
import { faultRows } from './rows-faults.ts';
import { loadRows } from './rows-load.ts';
import { loginRows } from './rows-login.ts';
import { wireRows } from './rows-wire.ts';
import { recoveryRows } from './rows-recovery.ts';
import { strangerRows } from './rows-strangers.ts';
import { tlsRows } from './rows-tls.ts';
import { tuningRows } from './rows-tuning.ts';
import { unitRows } from './rows-units.ts';
import type { San } from './san.ts';
import { startOurSan } from './san-ours.ts';
import { startIstgtSan } from './san-istgt.ts';
import { startTgtSan } from './san-tgt.ts';

const usage = `npm run interop -- [--only tgt,istgt,ours] [--rows TEXT] [--long]

Runs our initiator against real targets, checked by strangers' tools and by the files behind the LUNs, and strangers'
initiators against our target, and prints the matrices. --rows takes parts of row names, with commas between them. --long
restarts each target 200 times (INTEROP_RESTARTS) at moments taken from a seed (INTEROP_SEED), and takes the network away for a
minute (INTEROP_OUTAGE_MS).
Ends with "N passed, N failed, N skipped"; exits 0 when nothing failed.
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string' },
    long: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    process.exit(130);
  });

const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

if (values.long) goLong();

const columns: readonly (Column<San> & { readonly debianPackage?: string })[] = [
  { name: 'tgt', debianPackage: 'tgt', start: startTgtSan, stop: (san) => san.stop() },
  { name: 'istgt', debianPackage: 'istgt', start: startIstgtSan, stop: (san) => san.stop() },
  { name: 'ours', start: startOurSan, stop: (san) => san.stop() },
];
const wanted = (names: string | undefined, name: string): boolean =>
  names === undefined || names.split(',').some((part) => name.includes(part));
const wantedColumns = columns.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));
const chosen = (rows: readonly Row<San>[]): Row<San>[] => rows.filter(({ name }) => wanted(values.rows, name));
const ownRows = chosen([
  ...loginRows,
  ...unitRows,
  ...dataRows,
  ...wireRows,
  ...loadRows,
  ...recoveryRows,
  ...faultRows,
  ...tlsRows,
  ...tuningRows,
]);
const foreignRows = chosen(strangerRows);
if (wantedColumns.length === 0 || ownRows.length + foreignRows.length === 0) {
  process.stderr.write(`nothing to run: the targets are ${columns.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

for (const { name, debianPackage } of wantedColumns)
  print(`${name}: ${debianPackage === undefined ? 'this tree' : await packageVersion(debianPackage)}`);
const own = await runMatrix(ownRows, wantedColumns, report);
const foreign = await runMatrix(
  foreignRows,
  wantedColumns.filter(({ name }) => name === 'ours'),
  report,
);
if (own.length > 0) print(`\nOur initiator at each target\n\n${printMatrix(own)}`);
if (foreign.length > 0) print(`\nOther initiators at our target\n\n${printMatrix(foreign)}`);
const cells = [...own, ...foreign];
print(`\n${countCells(cells)}`);
process.exit(cells.some(({ result }) => result === 'failed') ? 1 : 0);

function report(cell: Cell): void {
  const detail = cell.detail === '' ? '' : `: ${cell.detail}`;
  print(`${cell.result.padEnd(7)} ${cell.column}, ${cell.row} (${cell.milliseconds} ms)${detail}`);
}
