import type { LunascopeError } from '../../../core/errors/index.ts';
import { latencyBucketUs, type Session } from '../../../core/initiator/index.ts';
import { CHAP_ALGORITHM_NAMES } from '../../../core/login/index.ts';
import type { SessionDetail, SessionEntry } from '../../contract/sessions.ts';
import { toWireError } from '../ipc/dispatch.ts';

const KEPT_EVENTS = 300;
const KEPT_SAMPLES = 600;
const BUCKETS = 208;
const PER_DOUBLING = 8;
const SECOND = 1000;
const MS = 1000;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function keep<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most) list.shift();
}

/** Writes down what one session does: its states, its events, its pings, and a line of figures each second. */
export class SessionRecord {
  readonly session: Session;
  readonly #id: string;
  readonly #history: SessionDetail['history'] = [];
  readonly #events: SessionDetail['events'] = [];
  readonly #pings: SessionDetail['pings'] = [];
  readonly #samples: SessionDetail['samples'] = [];
  readonly #asyncEvents: SessionDetail['asyncEvents'] = [];
  readonly #buckets = new Array<number>(BUCKETS).fill(0);
  readonly #ends: (() => void)[] = [];
  readonly #onChange: () => void;
  readonly #log: (error: unknown) => void;
  #operations = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(id: string, session: Session, onChange: () => void, log: (error: unknown) => void) {
    this.#id = id;
    this.session = session;
    this.#onChange = onChange;
    this.#log = log;
    this.#history.push({ at: Date.now(), from: 'login', to: session.state, reason: null });
    const timer = setInterval(() => this.#sample(), SECOND);
    timer.unref();
    this.#ends.push(() => clearInterval(timer));
    this.#listen();
  }

  /** Stops listening; what is written stays readable. */
  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  note(kind: string, text: string): void {
    keep(this.#events, { at: Date.now(), kind, text }, KEPT_EVENTS);
    this.#onChange();
  }

  notePing(ms: number): void {
    keep(this.#pings, { at: Date.now(), ms }, KEPT_EVENTS);
    this.#onChange();
  }

  get detail(): SessionDetail {
    const { core } = this.session.machine;
    const { login } = this.session;
    return {
      id: this.#id,
      tsih: core.tsih,
      isid: hex(this.session.options.isid),
      initiatorName: this.session.options.initiatorName,
      history: [...this.#history],
      events: [...this.#events],
      keys: login.parameters.negotiated.map((key) => ({ ...key, note: key.note ?? null })),
      exchanges: login.history.map(({ stage, sent, received, transit }) => ({
        stage,
        sent: sent.map((pair) => ({ ...pair })),
        received: received.map((pair) => ({ ...pair })),
        transit,
      })),
      tls: this.session.tls ?? null,
      chapAlgorithm: login.chapAlgorithm === null ? null : CHAP_ALGORITHM_NAMES[login.chapAlgorithm],
      window: {
        cmdSn: core.window.cmdSn,
        expCmdSn: core.window.expCmdSn,
        maxCmdSn: core.window.maxCmdSn,
        open: core.window.credit,
        queued: core.queue.size,
        outstanding: core.tasks.size,
      },
      connections: [...core.connections.values()].map((connection) => ({
        id: connection.id,
        phase: connection.phase,
        host: connection.address.host,
        port: connection.address.port,
        tasks: connection.tasks,
        ...connection.counters,
      })),
      pings: [...this.#pings],
      samples: [...this.#samples],
      asyncEvents: [...this.#asyncEvents],
    };
  }

  /** The last full second. */
  get lastSecond(): SessionDetail['samples'][number] | undefined {
    return this.session.state === 'full' ? this.#samples.at(-1) : undefined;
  }

  /** What the tree shows of the session itself. */
  get summary(): Pick<
    SessionEntry,
    | 'state'
    | 'logins'
    | 'alias'
    | 'authMethod'
    | 'targetProven'
    | 'headerDigest'
    | 'dataDigest'
    | 'groupTag'
    | 'warnings'
  > {
    const { login } = this.session;
    return {
      state: this.session.state,
      logins: this.session.generation,
      alias: login.parameters.targetAlias,
      authMethod: login.authMethod,
      targetProven: login.targetProven,
      headerDigest: login.parameters.headerDigest,
      dataDigest: login.parameters.dataDigest,
      groupTag: login.parameters.targetPortalGroupTag,
      warnings: [...login.warnings],
    };
  }

  #listen(): void {
    const { session } = this;
    this.#ends.push(
      session.on('state', (to, from, reason) => this.#move(to, from, reason)),
      session.on('async', (event) => {
        const parameters = [event.parameter1, event.parameter2, event.parameter3].join(', ');
        const lun = event.lun.toString(16).padStart(16, '0');
        keep(this.#asyncEvents, { at: Date.now(), event: event.event, name: event.name, lun, parameters }, KEPT_EVENTS);
        this.note('async', `The target says: ${event.name}.`);
      }),
      session.on('event', (event) => {
        if (event.kind === 'ping') this.notePing(event.roundTripMs);
        else if (event.kind === 'step' || event.kind === 'warning' || event.kind === 'units')
          this.note(event.kind, event.text);
      }),
      session.on('metrics', ({ kind, bytes, latencyMs }) => {
        if (kind === 'bytes-in') this.#bytesIn += bytes;
        else if (kind === 'bytes-out') this.#bytesOut += bytes;
        else if (kind === 'command-complete') {
          this.#operations += 1;
          const us = latencyMs * MS;
          const bucket = us <= 1 ? 0 : Math.min(BUCKETS - 1, Math.floor(Math.log2(us) * PER_DOUBLING));
          this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
        }
      }),
    );
  }

  #move(to: string, from: string, reason: LunascopeError | undefined): void {
    const at = Date.now();
    keep(
      this.#history,
      { at, from, to, reason: reason === undefined ? null : toWireError(reason, this.#log) },
      KEPT_EVENTS,
    );
    this.#onChange();
  }

  #percentile(share: number): number | null {
    if (this.#operations === 0) return null;
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (seen >= this.#operations * share) return latencyBucketUs(bucket + 0.5);
    }
    return null;
  }

  #sample(): void {
    const sample = {
      at: Date.now(),
      iops: this.#operations,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      p50Us: this.#percentile(0.5),
      p99Us: this.#percentile(0.99),
      outstanding: this.session.machine.core.tasks.size,
    };
    keep(this.#samples, sample, KEPT_SAMPLES);
    this.#operations = 0;
    this.#bytesIn = 0;
    this.#bytesOut = 0;
    this.#buckets.fill(0);
    this.#onChange();
  }
}
