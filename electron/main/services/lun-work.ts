import { LunascopeError } from '../../../core/errors/index.ts';
import { latencyBucketUs, measure, WARM_UP_SECONDS } from '../../../core/initiator/index.ts';
import type { Comparison, LunFacts, MeasurementResult, RoundTrips } from '../../contract/luns.ts';
import type { ParsedInput } from '../../contract/requests.ts';
import type { LunSummary } from '../../contract/sessions.ts';
import type { Jobs } from './jobs.ts';
import { readLunFacts } from './lun-facts.ts';
import { lunFromHex } from './lun-scan.ts';
import type { Sessions } from './sessions.ts';

const TICK_MS = 200;
const TIMED_READS = 16;
/** No path is waited for longer than this. */
const TIMING_MS = 10_000;
const SECOND = 1000;
const STRONG_NAMES = /NAA|EUI|UUID|T10|SCSI name/i;

/** What is done with one LUN: its facts, a measurement, a comparison. */
export class LunWork {
  readonly #sessions: Sessions;
  readonly #jobs: Jobs;
  readonly #log: (error: unknown) => void;

  constructor(sessions: Sessions, jobs: Jobs, log: (error: unknown) => void) {
    this.#sessions = sessions;
    this.#jobs = jobs;
    this.#log = log;
  }

  /** Everything a LUN says of itself now; what the lists say of it is asked anew with it, so that both say the same. */
  async facts({ id, lun }: ParsedInput<'luns.facts'>): Promise<LunFacts> {
    const facts = await readLunFacts(this.#sessions.need(id), lunFromHex(lun), this.#log);
    await this.#sessions.renew(id, lun).catch((error: unknown) => {
      // The facts that were read say why, or the state of the session does.
      if (!(error instanceof LunascopeError)) throw error;
    });
    return facts;
  }

  /** Reads for some seconds and tells how fast it went; nothing is written. */
  measure({
    id,
    lun,
    access,
    blockBytes,
    queueDepth,
    seconds,
  }: ParsedInput<'luns.measure'>): Promise<MeasurementResult> {
    const session = this.#sessions.need(id);
    const { target } = this.#sessions.entry(id);
    return this.#jobs.run({
      title: 'Measure',
      detail: `${access === 'read' ? 'sequential' : 'random'} reads of ${String(blockBytes)} bytes, ${String(queueDepth)} at a time, on ${target}`,
      outcome: ({ iops, mbps }) => `${iops.toFixed(0)} IOPS, ${mbps.toFixed(1)} MB/s`,
      run: async ({ signal, progress }) => {
        const began = Date.now();
        const whole = (WARM_UP_SECONDS + seconds) * SECOND;
        let counting: number | undefined;
        let operations = 0;
        const rate = (now: number): string =>
          counting === undefined ? 'warming up' : `${((operations * SECOND) / (now - counting)).toFixed(0)} IOPS`;
        const timer = setInterval(() => {
          const now = Date.now();
          progress(Math.min(now - began, whole), whole, rate(now));
        }, TICK_MS);
        try {
          const found = await measure(session, lunFromHex(lun), {
            access,
            blockBytes,
            queueDepth,
            seconds,
            rampSeconds: WARM_UP_SECONDS,
            stop: signal,
            onCounting: () => {
              counting = Date.now();
              operations = 0;
            },
            onProgress: (ended) => (operations = ended),
          });
          const histogram = found.histogram.map((count, bucket) => ({
            fromUs: latencyBucketUs(bucket),
            toUs: latencyBucketUs(bucket + 1),
            count,
          }));
          return { ...found, histogram };
        } finally {
          clearInterval(timer);
        }
      },
    });
  }

  /** Times single reads of the first block, one after another, so that paths can be held against each other. */
  async time({ id, lun }: ParsedInput<'luns.time'>): Promise<RoundTrips> {
    const disk = await this.#sessions.need(id).disk(lunFromHex(lun));
    const into = new Uint8Array(disk.blockSize);
    const times: number[] = [];
    const until = performance.now() + TIMING_MS;
    while (times.length < TIMED_READS && (times.length === 0 || performance.now() < until)) {
      const began = performance.now();
      await disk.read(0n, 1, { into });
      times.push(performance.now() - began);
    }
    const sorted = times.sort((a, b) => a - b);
    const at = (index: number): number => sorted[index] ?? 0;
    return {
      reads: sorted.length,
      leastMs: at(0),
      medianMs: at(Math.floor(sorted.length / 2)),
      mostMs: at(sorted.length - 1),
    };
  }

  /** Says whether two LUNs are one disk: by the names of the logical unit, with the capacity as a check. */
  compare({ a, b }: ParsedInput<'luns.compare'>): Comparison {
    return compareUnits(this.#summary(a.id, a.lun), this.#summary(b.id, b.lun));
  }

  #summary(id: string, lun: string): LunSummary | undefined {
    return this.#sessions.entry(id).luns?.find((one) => one.lun === lun);
  }
}

const strongNames = ({ names }: LunSummary): string[] =>
  names.filter(({ kind }) => STRONG_NAMES.test(kind)).map(({ kind, hex }) => `${kind} ${hex}`);

/** The verdict over two LUNs; a shared name with another capacity is doubtful, never the same. */
export function compareUnits(a: LunSummary | undefined, b: LunSummary | undefined): Comparison {
  if (a === undefined || b === undefined) {
    return { verdict: 'unknown', sentence: 'One of the two is not listed any more. Rescan its session.', rows: [] };
  }
  const fact = (name: string, left: string | null, right: string | null) => ({
    fact: name,
    a: left ?? 'not told',
    b: right ?? 'not told',
    equal: left !== null && left === right,
  });
  const rows = [
    fact('Names of the unit', strongNames(a).join(', ') || null, strongNames(b).join(', ') || null),
    fact('Serial number', a.serial, b.serial),
    fact('Vendor and product', `${a.vendor} ${a.product}`, `${b.vendor} ${b.product}`),
    fact('Blocks', a.blocks, b.blocks),
    fact(
      'Block size',
      a.blockSize === null ? null : String(a.blockSize),
      b.blockSize === null ? null : String(b.blockSize),
    ),
  ];
  const shared = strongNames(a).filter((name) => strongNames(b).includes(name));
  const sameSize = a.blocks === b.blocks && a.blockSize === b.blockSize;
  if (strongNames(a).length === 0 || strongNames(b).length === 0) {
    return {
      verdict: 'unknown',
      sentence: 'At least one of them states no world-wide name, so nothing can be said for certain.',
      rows,
    };
  }
  if (shared.length > 0 && sameSize) {
    return {
      verdict: 'same',
      sentence: 'The same disk: both state the same world-wide name and the same capacity.',
      rows,
    };
  }
  if (shared.length > 0) {
    return {
      verdict: 'doubtful',
      sentence:
        'Both state the same name but not the same capacity: a duplicate name, or a resize seen on one path only. They are not taken for one disk.',
      rows,
    };
  }
  return { verdict: 'different', sentence: 'Different disks: they state different world-wide names.', rows };
}
