import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Trace, TraceRecorder, compileFilter, findProblems, matchRows, parseFilter } from '../../core/trace/index.ts';
import { PduIndex, createArrival } from '../../core/trace/pdu-index.ts';
import { deleteTrace } from '../../core/node/trace-files.ts';
import { TraceFile } from '../../core/node/trace-open.ts';
import { TraceRecording } from '../../core/node/trace-recording.ts';
import { findTool } from '../support/real/tools.ts';
import { ensureBigCapture } from './big-capture.ts';
import { Goals, median, time } from './goals.ts';

const MILLION = 1_000_000;
const folder = join(tmpdir(), 'lunascope-trace-bench');
const memory = existsSync('/dev/shm') ? '/dev/shm' : folder;
const cli = fileURLToPath(new URL('../../scripts/cli.mjs', import.meta.url));
const goals = new Goals();

/** Headers of reads and their answers, 32 commands deep. */
function headers(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 48);
  const view = new DataView(bytes.buffer);
  for (let n = 0; n < count; n += 1) {
    const at = n * 48;
    const round = Math.floor(n / 64);
    const command = n % 64 < 32;
    const tag = round * 32 + (n % 32) + 1;
    view.setUint8(at, command ? 0x01 : 0x25);
    view.setUint8(at + 1, command ? 0xc1 : 0x81);
    view.setUint32(at + 16, tag);
    view.setUint32(at + 24, tag);
    if (command) {
      view.setUint8(at + 32, 0x28);
      view.setUint32(at + 34, tag);
    }
  }
  return bytes;
}

function indexing(): void {
  const bytes = headers(MILLION);
  const arrival = createArrival();
  arrival.bytes = bytes;
  const each = (append: () => void): void => {
    for (let n = 0; n < MILLION; n += 1) {
      arrival.at = n * 48;
      arrival.timeNs = n * 1000;
      append();
    }
  };
  const rate = (ms: number): number => MILLION / ms / 1000;
  const plain = time(7, () => {
    const index = new PduIndex();
    each(() => index.append(arrival, 0));
  });
  goals.report('index records', plain.map(rate), 'M/s', ['>=', 5]);
  const paired = time(7, () => {
    const trace = new Trace();
    trace.openConnection({ initiatorHost: '10.0.0.1', initiatorPort: 1, targetHost: '10.0.0.2', targetPort: 3260 }, 0);
    each(() => trace.append(arrival));
  });
  goals.report('index records and pair tasks', paired.map(rate), 'M/s', ['>=', 2]);
}

/** Seconds until a trace has its first rows, and until it is read. */
async function openOnce(path: string): Promise<{ first: number; whole: number; file: TraceFile }> {
  let first = NaN;
  const from = performance.now();
  const file = new TraceFile({
    onProgress: ({ pdus }) => {
      if (Number.isNaN(first) && pdus > 0) first = (performance.now() - from) / 1000;
    },
  });
  await file.read(path);
  return { first, whole: (performance.now() - from) / 1000, file };
}

async function opening(): Promise<void> {
  const path = join(folder, 'million.pcapng');
  ensureBigCapture(path, { pdus: MILLION });
  const theirs = tsharkSeconds(path, 'iscsi');
  const [first, whole]: [number[], number[]] = [[], []];
  let { file, ...took } = await openOnce(path);
  for (let round = 1; ; round += 1) {
    first.push(took.first);
    whole.push(took.whole);
    if (round === 5) break;
    file.close();
    ({ file, ...took } = await openOnce(path));
  }
  goals.report('1 M-PDU pcapng: first rows', first, 's', ['<=', 0.3]);
  besideTshark(`1 M-PDU pcapng: all ${file.trace.length} PDUs`, whole, theirs);
  for (const text of [
    'scsi.opcode == read10 && latency > 2us && lun in {0, 1} && !ok',
    'iscsi.opcode == 0x25 && iscsi.statsn > 100000',
    'ok && dir == in && length >= 512',
  ]) {
    const node = parseFilter(text);
    let rows = 0;
    const ms = time(7, () => {
      rows = matchRows(compileFilter(node, file.trace), file.trace).length;
    });
    goals.report(`filter ${text.slice(0, 40)} (${rows} rows)`, ms, 'ms', ['<=', 50]);
  }
  streamed(file, path);
  const findings = time(5, () => {
    findProblems(file.trace);
  });
  goals.report(
    'findings over 1 M PDUs',
    findings.map((ms) => ms / 1000),
    's',
    ['<=', 2],
  );
  file.close();
}

/** A filter that reads the file for every row, beside the same with tshark. */
function streamed(file: TraceFile, path: string): void {
  let rows = 0;
  const ms = time(3, () => {
    rows = matchRows(compileFilter(parseFilter('data contains de:ad:be:ef'), file.trace), file.trace).length;
  });
  const theirs = tsharkSeconds(path, 'iscsi && frame contains de:ad:be:ef');
  const name = `filter data contains de:ad:be:ef (${rows} rows), from the file`;
  besideTshark(
    name,
    ms.map((each) => each / 1000),
    theirs,
  );
}

/** A tenth of tshark's time is the goal; without tshark there is none. */
function besideTshark(what: string, rounds: readonly number[], theirs: number | undefined): void {
  if (theirs === undefined) goals.report(what, rounds, 's', undefined, 'tshark is not installed');
  else goals.report(what, rounds, 's', ['<=', Number((theirs / 10).toFixed(2))], `tshark ${theirs.toFixed(1)} s`);
}

function tsharkSeconds(path: string, filter: string): number | undefined {
  const tool = findTool('tshark');
  if (tool === undefined) return undefined;
  const fields = ['frame.number', 'iscsi.opcode', 'iscsi.initiatortasktag', 'scsi.lun', 'iscsi.time'].flatMap(
    (name) => ['-e', name],
  );
  const from = performance.now();
  spawnSync(tool, ['-r', path, '-Y', filter, '-T', 'fields', ...fields], { stdio: 'ignore' });
  return (performance.now() - from) / 1000;
}

function recorderCost(): void {
  const bytes = headers(64);
  const block = new Uint8Array(4096);
  const buffer = new Uint8Array(1 << 20);
  const sink = { acquire: () => buffer, write: () => undefined, startSegment: () => undefined };
  const recorder = new TraceRecorder(sink, { mode: 'headers', baseNs: 0n });
  recorder.openConnection(0, { initiatorHost: 'a', initiatorPort: 1, targetHost: 'b', targetPort: 2 });
  const ms = time(5, () => {
    for (let n = 0; n < MILLION; n += 1)
      recorder.recordPdu(0, n % 2 === 0, n, bytes, (n % 64) * 48, 0, block, 0, block.length);
  });
  goals.report(
    'tap, headers and 64 data bytes',
    ms.map((each) => each / 1000),
    'us/PDU',
  );
}

/** Records so many PDUs of 256 KiB whole; answers GB a second of what reached the files. */
async function recordBlocks(path: string, count: number): Promise<number> {
  const recording = new TraceRecording(path, { mode: 'full', maxBytes: 8 * 2 ** 30, maxBacklogBytes: 256 << 20 });
  const connection = recording.tap.openConnection(0, {
    initiatorHost: 'a',
    initiatorPort: 1,
    targetHost: 'b',
    targetPort: 2,
  });
  const block = new Uint8Array(256 << 10);
  const header = new Uint8Array(48);
  header[0] = 0x25;
  const from = performance.now();
  for (let n = 0; n < count; n += 1) {
    recording.tap.recordPdu(connection, false, n, header, 0, 0, block, 0, block.length);
    if (recording.spool.backlogBytes > 128 << 20) await recording.spool.drain();
  }
  await recording.close();
  const seconds = (performance.now() - from) / 1000;
  const { kept } = recording.spool.sizes;
  const { stopped } = recording.spool;
  deleteTrace(path);
  if (stopped !== undefined) throw stopped;
  if (recording.tap.counts.lost > 0) throw new Error(`${recording.tap.counts.lost} PDUs were left out`);
  return kept / 1e9 / seconds;
}

async function fullRecording(): Promise<void> {
  const path = join(memory, `lunascope-bench-${process.pid}.lstrace`);
  const name = `full recording to ${memory}`;
  try {
    const rounds: number[] = [];
    for (let round = 0; round < 5; round += 1) rounds.push(await recordBlocks(path, 4096));
    goals.report(name, rounds, 'GB/s', ['>=', 1]);
  } catch (error) {
    goals.fail(name, error instanceof Error ? error.message : String(error));
  }
}

async function bigImport(gigabytes: number): Promise<void> {
  const path = join(folder, `big-${gigabytes}.pcapng`);
  ensureBigCapture(path, { bytes: gigabytes * 2 ** 30 }, 4096);
  let peak = 0;
  const file = new TraceFile({
    scratchParent: folder,
    onProgress: () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    },
  });
  const from = performance.now();
  await file.read(path);
  const seconds = (performance.now() - from) / 1000;
  const size = statSync(path).size / 2 ** 30;
  const name = `import of ${size.toFixed(1)} GB, ${file.trace.length} PDUs: memory`;
  goals.report(name, [peak / 2 ** 20], 'MB', ['<=', 512], `${seconds.toFixed(1)} s`);
  file.close();
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) rounds.push(await cancelOnce(path));
  goals.report('cancel of an import', rounds, 'ms', ['<=', 1000]);
}

/** Milliseconds from calling an import off to its end. */
async function cancelOnce(path: string): Promise<number> {
  const stop = new AbortController();
  let asked = NaN;
  const file = new TraceFile({
    scratchParent: folder,
    signal: stop.signal,
    onProgress: ({ pdus }) => {
      if (pdus < 1000 || stop.signal.aborted) return;
      asked = performance.now();
      stop.abort();
    },
  });
  await file.read(path).catch(() => undefined);
  file.close();
  return performance.now() - asked;
}

interface TapCost {
  /** CPU time of one I/O in us, of slices of a session without headers recorded and with. */
  readonly off: number[];
  readonly on: number[];
  /** Percent of it that other threads take more, and of the session's own what recording takes by a profile. */
  readonly writing: number[];
  readonly share: number;
}

function tapCost(url: string, workload: readonly string[]): TapCost {
  const program = fileURLToPath(new URL('tap-cost.ts', import.meta.url));
  const run = spawnSync(...pinned(1, [program, url, ...workload, join(folder, 'cost.lstrace'), '30']), {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr.trim());
  return JSON.parse(run.stdout) as TapCost;
}

/** Node as `npm run cli` starts it, on a core of its own where there are two. */
function pinned(core: number, args: readonly string[]): [string, string[]] {
  const node = ['--max-semi-space-size=1', '--no-concurrent-recompilation', ...args];
  return spawnSync('taskset', ['--version']).status !== 0 || cpus().length < 2
    ? [process.execPath, node]
    : ['taskset', ['-c', String(core), process.execPath, ...node]];
}

async function serve(): Promise<{ url: string; stop: () => void }> {
  const target = spawn(...pinned(0, [cli, 'serve', '--memory', '256M', '--port', '0']), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(target, 'exit').then(() => {
    throw new Error('The target ended.');
  });
  // Once it listens its end is nobody's concern.
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(target.stdout, 'data'), ended])) as [Buffer];
  return { url: line.toString().split('\n')[0] ?? '', stop: () => void target.kill('SIGTERM') };
}

/** What tracing headers takes of the initiator's CPU time an I/O, in pairs turn about; of our own target unless one is named. */
async function tracingCost(named?: string): Promise<void> {
  const { url, stop } = named === undefined ? await serve() : { url: named, stop: (): void => undefined };
  try {
    for (const [name, workload, allowed] of [
      ['4K random reads, 32 deep', ['randread', '4096', '32'], 25],
      ['4K random reads, 128 deep', ['randread', '4096', '128'], 25],
      ['256K reads, 8 deep', ['read', '262144', '8'], 2],
    ] as const) {
      const { off, on, writing, share } = tapCost(url, workload);
      const costs = off.map((plain, pair) => (1 - plain / (on[pair] ?? NaN)) * 100);
      const detail = `${median(off).toFixed(2)} us an I/O without, ${median(on).toFixed(2)} with`;
      goals.report(`header tracing, ${name}: of the CPU time`, costs, '%', ['<=', allowed], detail);
      goals.report('  of it recording itself, by a profile', [share + median(writing)], '%', ['<=', allowed]);
    }
  } catch (error) {
    goals.fail('header tracing', error instanceof Error ? error.message : String(error));
  } finally {
    stop();
  }
}

/** `trace:bench [GB of the big import] [--keep]`; `--quick`, `--cost [URL]` and `--big GB` do only these parts. */
const [part = '10'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
try {
  if (part === '--cost') await tracingCost(process.argv[3]);
  else if (part === '--big') await bigImport(Number(process.argv[3] ?? 10));
  else {
    const [busy = 0] = loadavg();
    process.stdout.write(`${cpus().length} cores, ${busy.toFixed(1)} programs busy on them before this one\n`);
    indexing();
    recorderCost();
    await opening();
    await fullRecording();
    if (part !== '--quick') {
      await tracingCost();
      // A process of its own, so that its memory is that of the import.
      const size = part === '--keep' ? '10' : part;
      const big = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--big', size], { stdio: 'inherit' });
      if (big.status !== 0) goals.fail('big import', 'see above');
    }
  }
} finally {
  if (part !== '--big' && !process.argv.includes('--keep')) rmSync(folder, { recursive: true, force: true });
}
if (goals.missed > 0) process.stdout.write(`${goals.missed} goals were missed by more than noise explains.\n`);
process.exitCode = goals.missed === 0 ? 0 : 1;
