import { createHash, type BinaryLike } from 'node:crypto';
import { crc32c } from '../../core/bytes/index.ts';
import { fingerprint, type IdentityProbe, type PduTap, type SessionOptions } from '../../core/session/index.ts';
import {
  LogicalUnit,
  MemoryStore,
  TargetServer,
  type Connection,
  type Portal,
  type ServerConfig,
} from '../../core/target/index.ts';
import { FaultyWire, type Fault } from './faulty-wire.ts';
import { SessionSim, SIM_OPTIONS, seeded, type SimPeer, type SimPipe } from './session-sim.ts';

const BLOCKS = 32;
const PATTERN = Uint8Array.from({ length: BLOCKS * 512 }, (_, i) => (i * 7 + (i >> 9) * 13) & 0xff);
const PORTAL: Portal = { host: '127.0.0.1', port: 3260, groupTag: 1 };
const TARGET_NAME = 'iqn.2026-01.test:raw';

/** What goes wrong on the connection of a number, counted in the order they were opened. */
export interface PairFault extends Fault {
  readonly way: 'out' | 'in';
  readonly connection?: number;
}

export interface PairOptions {
  readonly fault?: PairFault;
  readonly level?: 0 | 1 | 2;
  readonly digests?: boolean;
  readonly chap?: boolean;
  readonly session?: Partial<SessionOptions>;
  readonly offers?: Partial<SessionOptions['offers']>;
  readonly config?: Partial<ServerConfig>;
  readonly splitPdus?: boolean;
  readonly seed?: number;
  /** Says of each PDU whether it arrives; only without digests. */
  readonly filter?: (way: 'out' | 'in', pdu: Uint8Array, connection: number) => boolean;
}

/** A PDU as the initiator's recorder saw it. */
export interface PairPdu {
  readonly out: boolean;
  readonly connection: number;
  readonly opcode: number;
  readonly header: Uint8Array;
}

/** One connection as the pair sees it. */
export interface PairLine {
  readonly out: FaultyWire;
  readonly in: FaultyWire;
  readonly target: Connection;
  /** Breaks it for both ends. */
  readonly breakOff: () => void;
}

function digest(algorithm: number, bytes: Uint8Array): Uint8Array {
  const name = algorithm === 5 ? 'md5' : algorithm === 6 ? 'sha1' : 'sha256';
  return new Uint8Array(
    createHash(name)
      .update(bytes as BinaryLike)
      .digest(),
  );
}

/** A session machine and the embedded target, joined in memory under one virtual clock. */
export class Pair {
  readonly sim: SessionSim;
  readonly server: TargetServer;
  readonly bytes: Uint8Array;
  readonly lines: PairLine[] = [];
  /** CDB operation codes of the commands the target has carried out, with their status. */
  readonly carriedOut: { readonly opcode: number; readonly status: number }[] = [];
  readonly mistakes: unknown[] = [];
  /** Everything that was sent and that arrived, as the initiator sees it. */
  readonly pdus: PairPdu[] = [];
  readonly #options: PairOptions;

  constructor(options: PairOptions = {}) {
    this.#options = options;
    const { level = 0, digests = false, chap = false, seed = 1 } = options;
    this.bytes = PATTERN.slice();
    const next = seeded(seed + 1000);
    this.server = new TargetServer({
      environment: {
        random: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
        chapDigest: digest,
        crc32c,
      },
      powerOnUnitAttention: false,
      ...options.config,
    });
    this.server.portals.push(PORTAL);
    const unit = new LogicalUnit({
      store: new MemoryStore({ blocks: BLOCKS, bytes: this.bytes }),
      identity: { serial: 'P1' },
    });
    this.server.addTarget({
      name: TARGET_NAME,
      luns: [{ lun: 0, unit }],
      offers: { maxConnections: 4, errorRecoveryLevel: 2, maxRecvDataSegmentLength: 512, defaultTime2Wait: 0 },
      ...(chap
        ? {
            auth: {
              kind: 'chap',
              accounts: new Map([['me', 'secret of mine']]),
              mutual: { user: 'it', secret: 'secret of theirs' },
            } as const,
          }
        : {}),
    });
    this.server.subscribe((event) => {
      if (event.kind === 'command') this.carriedOut.push({ opcode: event.cdb[0] ?? 0, status: event.status });
      if (event.kind === 'internalError') this.mistakes.push(event.error);
    });
    const names = digests ? (['CRC32C'] as const) : (['None'] as const);
    this.sim = new SessionSim(
      (pipe) => this.#accept(pipe),
      {
        targetName: TARGET_NAME,
        maxReconnectAttempts: 4,
        reconnectBackoffMs: 100,
        connectTimeoutMs: 1000,
        loginTimeoutMs: 2000,
        commandTimeoutMs: 8000,
        abortTimeoutMs: 1000,
        logoutTimeoutMs: 1000,
        snackTimeoutMs: 500,
        keepaliveIntervalMs: 1000,
        keepaliveTimeoutMs: 1000,
        ...(chap
          ? {
              chap: {
                user: 'me',
                secret: 'secret of mine',
                mutual: { user: 'it', secret: 'secret of theirs' },
                algorithms: [7],
              },
            }
          : {}),
        offers: {
          ...SIM_OPTIONS.offers,
          headerDigest: names,
          dataDigest: names,
          initialR2T: false,
          immediateData: true,
          maxRecvDataSegmentLength: 512,
          maxBurstLength: 1024,
          firstBurstLength: 1024,
          errorRecoveryLevel: level,
          ...options.offers,
        },
        ...options.session,
      },
      seed,
      { tap: this.#tap() },
    );
    this.#tick();
  }

  #tap(): PduTap {
    let count = 0;
    return {
      openConnection: () => {
        count += 1;
        return count - 1;
      },
      recordPdu: (connection, out, _time, bytes, at) => {
        const header = bytes.slice(at, at + 48);
        this.pdus.push({ out, connection, opcode: (header[0] ?? 0) & 0x3f, header });
      },
      recordLag: () => undefined,
      closeConnection: () => undefined,
    };
  }

  #tick(): void {
    this.sim.later(500, () => {
      this.server.timeout(this.sim.clock);
      this.#tick();
    });
  }

  #accept(pipe: SimPipe): SimPeer | 'refuse' {
    const { sim } = this;
    const index = this.lines.length;
    const { fault, splitPdus = false, filter } = this.#options;
    const mine = fault !== undefined && (fault.connection ?? 0) === index ? fault : undefined;
    const breakOff = (): void => {
      pipe.destroy();
      sim.later(0, () => target?.handleClosed('the wire broke'));
    };
    const later = (ms: number, run: () => void): void => {
      sim.later(ms, run);
    };
    let broken = false;
    const broke = (): void => {
      broken = true;
      breakOff();
    };
    const out = new FaultyWire(
      {
        deliver: (bytes) => {
          if (!broken) target?.receive(bytes, sim.clock);
        },
        broken: broke,
        later,
      },
      mine?.way === 'out' ? mine : undefined,
      splitPdus,
      filter === undefined ? undefined : (pdu) => filter('out', pdu, index),
    );
    const back = new FaultyWire(
      {
        deliver: (bytes) => {
          if (!broken) pipe.send(bytes);
        },
        broken: broke,
        later,
      },
      mine?.way === 'in' ? mine : undefined,
      splitPdus,
      filter === undefined ? undefined : (pdu) => filter('in', pdu, index),
    );
    const target = this.server.accept(
      { remoteAddress: '127.0.0.1', remotePort: 40000 + index, localAddress: '127.0.0.1', portal: PORTAL },
      {
        queuedBytes: 0,
        send: (bytes) => {
          back.send(bytes);
        },
        end: () => {
          back.after(() => {
            pipe.end();
          });
        },
        destroy: () => {
          pipe.destroy();
        },
      },
      sim.clock,
    );
    if (target === undefined) return 'refuse';
    this.lines.push({ out, in: back, target, breakOff: broke });
    return {
      receive: (bytes) => {
        out.send(bytes);
      },
      closed: () => {
        out.after(() => target.handleClosed());
      },
    };
  }

  /** Asks the unit who it is, as opening a disk does, and tells the session. */
  async rememberUnit(): Promise<void> {
    const probes: IdentityProbe[] = [];
    for (const [fact, hex, length] of [
      ['kind', '120000006000', 96],
      ['serial number', '12018000ff00', 255],
      ['identification', '12018300ff00', 255],
      ['capacity', '25000000000000000000', 8],
    ] as const) {
      const cdb = Uint8Array.from(Buffer.from(hex, 'hex'));
      const dataIn = new Uint8Array(length);
      const task = await this.sim.execute({ cdb, dataIn, idempotent: true });
      if (task.error !== undefined || task.status !== 0) return;
      probes.push({ fact, cdb, length, print: fingerprint(fact, dataIn.subarray(0, task.received)) ?? '' });
    }
    this.sim.machine.rememberUnit({ lunHigh: 0, lunLow: 0, probes });
  }
}
