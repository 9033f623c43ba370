import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportTraceFile, type ExportFileOptions } from '../../core/node/trace-export.ts';
import { TraceFile } from '../../core/node/trace-open.ts';
import type { Trace } from '../../core/trace/index.ts';
import { toHex } from '../../core/bytes/index.ts';
import { runOk } from '../support/real/child.ts';
import { requireTool } from '../support/real/tools.ts';
import { capturePorts, tsharkFacts } from '../support/real/tshark-facts.ts';
import { compareWithTshark, type Comparison } from './compare.ts';
import { batchesOf, compareFilters, SHARED_FILTERS, type FilterTally, type NamedTrace } from './filters.ts';
import { generateTrace, type GeneratedTrace } from './generate.ts';

const CAPTURES = fileURLToPath(new URL('../fixtures/captures', import.meta.url));
const GENERATED = 200;
const BATCH = 20;

/** Everything the run counts. */
interface Tally extends Comparison, FilterTally {
  captures: number;
  generated: number;
  exports: number;
  roundTrips: number;
  tunnelled: number;
}

async function openTrace(path: string): Promise<TraceFile> {
  const file = new TraceFile();
  await file.read(path);
  return file;
}

/** Frames in which tshark sees TCP trouble, and frames it calls malformed. */
async function complaints(path: string): Promise<{ tcp: number; malformed: number }> {
  const decodeAs = [...capturePorts, 3260].flatMap((port) => ['-d', `tcp.port==${port},iscsi`]);
  const args = ['-r', path, ...decodeAs, '-o', 'iscsi.bogus_pdu_max_data_len:16777216'];
  const fields = ['-T', 'fields', '-e', 'tcp.analysis.flags', '-e', '_ws.malformed'];
  const out = await runOk(requireTool('tshark'), [...args, '-Y', 'tcp.analysis.flags || _ws.malformed', ...fields], {
    timeoutMs: 300_000,
  });
  const lines = out.split('\n').filter((line) => line !== '');
  const has = (column: number): number => lines.filter((line) => (line.split('\t')[column] ?? '') !== '').length;
  return { tcp: has(0), malformed: has(1) };
}

async function checkExport(
  name: string,
  original: TraceFile,
  source: string,
  scratch: string,
  tally: Tally,
): Promise<void> {
  const first = join(scratch, 'first.pcapng');
  await exportTraceFile(original.trace, first);
  tally.exports += 1;
  compareWithTshark(`${name} exported`, original.trace, await tsharkFacts(first, [...capturePorts, 3260]), tally);
  const [before, after] = [await complaints(source), await complaints(first)];
  if (after.tcp > before.tcp || after.malformed > before.malformed)
    tally.disagreements.push(
      `${name}: tshark complains about the export (TCP ${after.tcp}, malformed ${after.malformed}) more than about the original (${before.tcp}, ${before.malformed})`,
    );
  await checkRoundTrip(name, first, scratch, tally);
  await checkOtherRoundTrips(name, original.trace, scratch, tally);
}

/** Reads an export and writes it again: the bytes have to be the same. */
async function checkRoundTrip(name: string, first: string, scratch: string, tally: Tally): Promise<void> {
  const second = join(scratch, 'second.pcapng');
  const again = await openTrace(first);
  await exportTraceFile(again.trace, second);
  again.close();
  tally.roundTrips += 1;
  if (!(await readFile(first)).equals(await readFile(second)))
    tally.disagreements.push(`${name}: export, import, export differ`);
}

/** The same for what is safe to share, for some of the PDUs, and for what people have noted. */
async function checkOtherRoundTrips(name: string, trace: Trace, scratch: string, tally: Tally): Promise<void> {
  const first = join(scratch, 'other.pcapng');
  const all = Array.from({ length: trace.length }, (_, row) => row);
  const some = all.filter((row) => (row * 2654435761) % 7 < 3);
  const notes = new Map(some.map((row) => [row, `seen in row ${row}`]));
  const ways: readonly (readonly [how: string, options: ExportFileOptions])[] = [
    ['safe to share', { safeToShare: true }],
    ['some of it', { rows: some }],
    ['some of it, safe to share', { rows: some, safeToShare: true }],
    ['with notes', { notes }],
  ];
  for (const [how, options] of ways) {
    await exportTraceFile(trace, first, options);
    await checkRoundTrip(`${name}, ${how}`, first, scratch, tally);
  }
}

async function capturesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /\.(?:pcapng|pcap)(?:\.gz)?$/u.test(name)).sort();
}

async function verifyCaptures(folder: string, scratch: string, tally: Tally): Promise<void> {
  for (const name of await capturesIn(folder)) {
    const path = join(folder, name);
    const file = await openTrace(path);
    tally.captures += 1;
    if (file.failure !== undefined) tally.disagreements.push(`${name}: ${file.failure.message}`);
    compareWithTshark(name, file.trace, await tsharkFacts(path, [...capturePorts, 3260]), tally);
    await checkExport(name, file, path, scratch, tally);
    file.close();
  }
}

/** Holds our reading of a generated trace against what its generator meant. */
function compareWithMeaning(made: GeneratedTrace, file: TraceFile, tally: Tally): void {
  const { trace } = file;
  const name = `seed ${made.seed}`;
  if (trace.length !== made.pdus.length) {
    tally.disagreements.push(`${name}: ${trace.length} PDUs read, ${made.pdus.length} made`);
    return;
  }
  made.pdus.forEach((meant, row) => {
    const read = trace.readPdu(row);
    if (toHex(read.bhs) !== toHex(meant.bhs) || read.data.length !== meant.dataLength)
      tally.disagreements.push(`${name}: PDU ${row + 1} was read as ${toHex(read.bhs)}, made as ${toHex(meant.bhs)}`);
  });
}

async function verifyGenerated(scratch: string, tally: Tally, seedBase: number, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const sections: Buffer[] = [];
    const files: { made: GeneratedTrace; file: TraceFile; raw: string }[] = [];
    for (let k = from; k < Math.min(count, from + BATCH); k += 1) {
      const made = generateTrace(seedBase + k, 40_000 + (k % BATCH) * 10);
      const raw = join(scratch, `made-${k}.pcap`);
      await writeFile(raw, made.file);
      const file = await openTrace(raw);
      compareWithMeaning(made, file, tally);
      const exported = join(scratch, 'made.pcapng');
      await exportTraceFile(file.trace, exported);
      const bytes = await readFile(exported);
      sections.push(bytes);
      await checkRoundTrip(`seed ${made.seed}`, exported, scratch, tally);
      await checkOtherRoundTrips(`seed ${made.seed}`, file.trace, scratch, tally);
      tally.generated += 1;
      tally.exports += 1;
      files.push({ made, file, raw });
    }
    await verifyBatch(files, sections, scratch, tally);
    for (const { file } of files) file.close();
  }
}

async function verifyBatch(
  files: readonly { made: GeneratedTrace; file: TraceFile; raw: string }[],
  sections: readonly Buffer[],
  scratch: string,
  tally: Tally,
): Promise<void> {
  const merged = join(scratch, 'merged.pcapng');
  await writeFile(merged, Buffer.concat(sections));
  const facts = await tsharkFacts(merged, [3260]);
  const trouble = await complaints(merged);
  if (trouble.tcp + trouble.malformed > 0)
    tally.disagreements.push(
      `seeds ${files[0]?.made.seed} and on: tshark complains about exports (TCP ${trouble.tcp}, malformed ${trouble.malformed})`,
    );
  for (const { made, file } of files) {
    const ports = new Set(file.trace.connections.map(({ endpoints }) => endpoints.initiatorPort));
    const own = facts.filter((fact) => ports.has(fact.fromPort) || ports.has(fact.toPort));
    compareWithTshark(`seed ${made.seed}`, file.trace, own, tally);
  }
  await verifyTunnels(
    files.filter(({ made }) => made.around !== undefined),
    scratch,
    tally,
  );
}

/** Holds what is read through tunnels against what tshark reads through them; of all others it reads our exports. */
async function verifyTunnels(
  files: readonly { made: GeneratedTrace; file: TraceFile }[],
  scratch: string,
  tally: Tally,
): Promise<void> {
  if (files.length === 0) return;
  const merged = join(scratch, 'tunnels.pcapng');
  await writeFile(merged, Buffer.concat(files.map(({ made }) => made.file)));
  const facts = await tsharkFacts(merged, [3260]);
  for (const { made, file } of files) {
    const ports = new Set(file.trace.connections.map(({ endpoints }) => endpoints.initiatorPort));
    const own = facts.filter((fact) => ports.has(fact.fromPort) || ports.has(fact.toPort));
    compareWithTshark(`seed ${made.seed} in ${made.around}`, file.trace, own, tally);
    tally.tunnelled += 1;
  }
}

/** Holds what filters let through of captures and generated traces against what `tshark -Y` lets through. */
async function verifyFilters(
  folder: string,
  scratch: string,
  tally: Tally,
  seedBase: number,
  count: number,
): Promise<void> {
  const files: TraceFile[] = [];
  const traces: NamedTrace[] = [];
  const add = async (name: string, path: string): Promise<void> => {
    const file = await openTrace(path);
    files.push(file);
    traces.push({ name, trace: file.trace });
  };
  for (const name of await capturesIn(folder)) await add(name, join(folder, name));
  for (let k = 0; k < Math.min(count, BATCH); k += 1) {
    const path = join(scratch, `filtered-${k}.pcap`);
    await writeFile(path, generateTrace(seedBase + k, 40_000 + k * 10).file);
    await add(`seed ${seedBase + k}`, path);
  }
  for (const batch of batchesOf(traces)) await compareFilters(batch, SHARED_FILTERS, scratch, tally);
  for (const file of files) file.close();
}

const [folder = CAPTURES, seeds = String(GENERATED), base = '1'] = process.argv.slice(2);
const tally: Tally = {
  captures: 0,
  generated: 0,
  exports: 0,
  roundTrips: 0,
  tunnelled: 0,
  compared: 0,
  skipped: 0,
  cdbFields: 0,
  filters: 0,
  chosen: 0,
  disagreements: [],
};
const scratch = await mkdtemp(join(tmpdir(), 'lunascope-verify-'));
try {
  await verifyCaptures(folder, scratch, tally);
  await verifyGenerated(scratch, tally, Number(base), Number(seeds));
  await verifyFilters(folder, scratch, tally, Number(base), Number(seeds));
} finally {
  await rm(scratch, { recursive: true, force: true });
}
for (const line of tally.disagreements.slice(0, 40)) process.stdout.write(`${line}\n`);
process.stdout.write(
  [
    `captures         ${tally.captures}`,
    `generated traces ${tally.generated}, ${tally.tunnelled} of them in tunnels`,
    `exports          ${tally.exports}, round trips ${tally.roundTrips}`,
    `PDUs compared    ${tally.compared} (${tally.skipped} that tshark does not dissect)`,
    `CDB fields       ${tally.cdbFields}`,
    `filters          ${tally.filters} (${tally.chosen} PDUs let through by both)`,
    `disagreements    ${tally.disagreements.length}`,
    '',
  ].join('\n'),
);
process.exitCode = tally.disagreements.length === 0 && tally.compared > 0 ? 0 : 1;
