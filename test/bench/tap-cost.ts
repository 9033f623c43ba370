// What recording headers takes of a session, as JSON: tap-cost.ts URL ACCESS BYTES DEPTH FILE PAIRS
// Slices of half a second with the recorder and without take turns within one session, which then differ in nothing else;
// of each the CPU time of one operation is told, in us. Then what is recording itself, in percent: what other threads do more,
// and of a profile of this one the share that recording has. It swings less, and leaves out what recording does to the rest.
import { Session as Inspector, type Profiler } from 'node:inspector/promises';
import { connect, measure, type MeasureOptions } from '../../core/initiator/index.ts';
import { parseIscsiUrl } from '../../core/login/index.ts';
import { deleteTrace } from '../../core/node/trace-files.ts';
import { TraceRecording } from '../../core/node/trace-recording.ts';

const SLICE_SECONDS = 0.5;
const WARM_SECONDS = 2;
const PROFILED_SECONDS = 6;
/** Where recording is done, and who calls it. */
const RECORDING_FILES = /\/core\/(?:trace\/record|node\/(?:trace-spool|trace-recording|uncached-file))[\w-]*\.ts$/u;
const RECORDING_CALLS = new Set(['tapIncoming', '#followTap', '#tellLater', '#tell']);

const [link = '', access = '', bytes, depth, file = '', pairs] = process.argv.slice(2);
const { host, port, target = '', lun = 0 } = parseIscsiUrl(link);
const workload = { access: access as MeasureOptions['access'], blockBytes: Number(bytes), queueDepth: Number(depth) };
const session = await connect({ host, port }, { target });
const recording = new TraceRecording(file, { mode: 'headers', uncached: true });

let expected = 0;

interface Slice {
  /** CPU time of an operation in us, of all threads and of those that are not this one. */
  readonly all: number;
  readonly others: number;
}

async function slice(traced: boolean, seconds: number): Promise<Slice> {
  const remove = traced ? session.addTap(recording.tap) : (): void => undefined;
  const [from, fromHere] = [process.cpuUsage(), process.threadCpuUsage()];
  const { operations } = await measure(session, lun, { ...workload, seconds });
  const [used, usedHere] = [process.cpuUsage(from), process.threadCpuUsage(fromHere)];
  remove();
  // A command and its answer at least.
  if (traced) expected += 2 * operations;
  const all = used.user + used.system;
  return { all: all / operations, others: (all - usedHere.user - usedHere.system) / operations };
}

/** Milliseconds that recording took of this thread; what waits has its samples as well. */
function recordingMs({ nodes, startTime, endTime }: Profiler.Profile): number {
  let all = 0;
  let recorded = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    all += hitCount;
    if (RECORDING_FILES.test(callFrame.url) || RECORDING_CALLS.has(callFrame.functionName)) recorded += hitCount;
  }
  return ((recorded / all) * (endTime - startTime)) / 1000;
}

const inspector = new Inspector();
inspector.connect();
await inspector.post('Profiler.enable');
await inspector.post('Profiler.setSamplingInterval', { interval: 250 });
for (const traced of [false, true]) await slice(traced, WARM_SECONDS);
const [off, on, writing]: [number[], number[], number[]] = [[], [], []];
for (let pair = 0; pair < Number(pairs); pair += 1) {
  const first = await slice(pair % 2 !== 0, SLICE_SECONDS);
  const second = await slice(pair % 2 === 0, SLICE_SECONDS);
  const [plain, traced] = pair % 2 === 0 ? [first, second] : [second, first];
  off.push(plain.all);
  on.push(traced.all);
  writing.push(((traced.others - plain.others) / traced.all) * 100);
}
await inspector.post('Profiler.start');
const before = process.threadCpuUsage();
await slice(true, PROFILED_SECONDS);
const { user, system } = process.threadCpuUsage(before);
const { profile } = await inspector.post('Profiler.stop');
const share = (recordingMs(profile) / ((user + system) / 1000)) * 100;
inspector.disconnect();
await session.logout();
await recording.close();
const { recorded, lost } = recording.tap.counts;
if (recorded < expected || lost > 0)
  throw new Error(`${recorded} PDUs were recorded of ${expected}, and ${lost} were lost.`);
deleteTrace(file);
process.stdout.write(`${JSON.stringify({ off, on, writing, share })}\n`);
