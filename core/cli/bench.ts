import { UsageError } from '../errors/index.ts';
import { measure, WARM_UP_SECONDS, type MeasureOptions } from '../initiator/index.ts';
import { parseFlags } from './flags.ts';
import { print, printJson } from './io.ts';
import { neededLun, SESSION_FLAGS } from './session-flags.ts';
import type { Verb } from './verb.ts';
import { withSession } from './with-session.ts';

const FLAGS = {
  ...SESSION_FLAGS,
  rw: { value: true, help: 'read, write, randread or randwrite' },
  block: { value: true, help: 'bytes an operation, such as 4k' },
  qd: { value: true, help: 'operations under way at once' },
  seconds: { value: true, help: 'how long' },
  ramp: { value: true, help: 'seconds to warm up before anything is counted: 1, or 0 for none' },
  yes: { value: false, help: 'yes, overwrite blocks' },
} as const;

const ACCESSES = ['read', 'write', 'randread', 'randwrite'] as const;
/** The null and scratch targets used for measuring end their name so; what is written to them is of no worth. */
const SCRATCH_NAME = /:(?:null|perf|scratch|bench)(?=\/|$)/u;

function accessOf(text: string): MeasureOptions['access'] {
  const access = ACCESSES.find((each) => each === text);
  if (access === undefined) throw new UsageError('BAD_ARGUMENT', `--rw takes ${ACCESSES.join(', ')}, not "${text}".`);
  return access;
}

/** Measures reads or writes. */
export const BENCH: Verb = {
  usage: 'bench URL --rw read|write|randread|randwrite --block 4k --qd 32 --seconds 5',
  help: 'measure a LUN; writing overwrites it and asks for --yes, except on targets named :null, :perf, :scratch or :bench',
  flags: FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, FLAGS, [0, 1]);
    const access = accessOf(flags.text('rw') ?? 'randread');
    const writes = access === 'write' || access === 'randwrite';
    if (writes && !flags.has('yes') && !SCRATCH_NAME.test(flags.positionals[0] ?? ''))
      throw new UsageError('BAD_ARGUMENT', 'Measuring writes overwrites the LUN, so nothing was sent.', {
        hint: 'Add --yes when that is what you want.',
      });
    const blockBytes = flags.size('block') ?? 4096;
    const queueDepth = flags.integer('qd', 1, 4096) ?? 32;
    const seconds = flags.integer('seconds', 1, 24 * 3600) ?? 5;
    const rampSeconds = flags.integer('ramp', 0, 3600) ?? WARM_UP_SECONDS;
    const found = await withSession(flags, io, async (session, lun) => {
      let before = process.cpuUsage();
      const result = await measure(session, neededLun(lun), {
        access,
        blockBytes,
        queueDepth,
        seconds,
        rampSeconds,
        onCounting: () => {
          before = process.cpuUsage();
        },
        signal: io.signal,
      });
      const used = process.cpuUsage(before);
      return { ...result, cpuUsPerIo: (used.user + used.system) / Math.max(1, result.operations) };
    });
    if (flags.has('json')) {
      const { iops, mbps, cpuUsPerIo, p50Us, p99Us } = found;
      printJson(io, {
        iops: Math.round(iops),
        mbps: round(mbps),
        cpuUsPerIo: round(cpuUsPerIo),
        p50Us: round(p50Us),
        p99Us: round(p99Us),
      });
    } else
      print(
        io,
        `${access} ${String(blockBytes)} B, queue depth ${String(queueDepth)}, ${String(rampSeconds)} s to warm up: ${found.iops.toFixed(0)} IOPS, ${found.mbps.toFixed(1)} MB/s, ` +
          `p50 ${found.p50Us.toFixed(0)} µs, p99 ${found.p99Us.toFixed(0)} µs, ${found.cpuUsPerIo.toFixed(2)} µs CPU an operation`,
      );
    return 0;
  },
};

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
