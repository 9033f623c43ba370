// What recording headers takes of a session, as JSON: tap-cost.ts URL ACCESS BYTES DEPTH FILE PAIRS
// Slices of half a second with the recorder and without take turns within one session, which then differ in nothing else;
// of each the CPU time of one operation is told, in us.
import { connect, measure, type MeasureOptions } from '../../core/initiator/index.ts';
import { parseIscsiUrl } from '../../core/login/index.ts';
import { deleteTrace } from '../../core/node/trace-files.ts';
import { TraceRecording } from '../../core/node/trace-recording.ts';

const SLICE_SECONDS = 0.5;
const WARM_SECONDS = 2;

const [link = '', access = '', bytes, depth, file = '', pairs] = process.argv.slice(2);
const { host, port, target = '', lun = 0 } = parseIscsiUrl(link);
const workload = { access: access as MeasureOptions['access'], blockBytes: Number(bytes), queueDepth: Number(depth) };
const session = await connect({ host, port }, { target });
const recording = new TraceRecording(file, { mode: 'headers', uncached: true });

let expected = 0;

async function slice(traced: boolean, seconds: number): Promise<number> {
  const remove = traced ? session.addTap(recording.tap) : (): void => undefined;
  const from = process.cpuUsage();
  const { operations } = await measure(session, lun, { ...workload, seconds });
  const { user, system } = process.cpuUsage(from);
  remove();
  // A command and its answer at least.
  if (traced) expected += 2 * operations;
  return (user + system) / operations;
}

for (const traced of [false, true]) await slice(traced, WARM_SECONDS);
const [off, on]: [number[], number[]] = [[], []];
for (let pair = 0; pair < Number(pairs); pair += 1)
  for (const traced of pair % 2 === 0 ? [false, true] : [true, false])
    (traced ? on : off).push(await slice(traced, SLICE_SECONDS));
await session.logout();
await recording.close();
const { recorded, lost } = recording.tap.counts;
if (recorded < expected || lost > 0)
  throw new Error(`${recorded} PDUs were recorded of ${expected}, and ${lost} were lost.`);
deleteTrace(file);
process.stdout.write(`${JSON.stringify({ off, on })}\n`);
