import fc from 'fast-check';
import { CancelledError, LunascopeError } from '../../../core/errors/index.ts';
import type { Task } from '../../../core/session/index.ts';
import { RawTarget, type RawConnection } from '../../hostile/peers/raw-target.ts';
import { encode, type Request } from '../../hostile/peers/wire.ts';
import { rawSim, read10, rememberUnit, write10 } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

const NO_TAG = 0xffffffff;

/** What is done to a session in one step. */
export type Input =
  | { readonly do: 'read' | 'write' | 'stream in' | 'stream out'; readonly blocks: number; readonly late: boolean }
  | { readonly do: 'abort' | 'resume'; readonly which: number }
  | { readonly do: 'ping' | 'text' | 'join' | 'logout' | 'close' | 'reset' | 'refuse' | 'answer' | 'hold' }
  | { readonly do: 'tmf'; readonly code: number }
  | { readonly do: 'leave'; readonly cid: number; readonly reason: 1 | 2 }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'pdu'; readonly pdu: PlausiblePdu }
  | { readonly do: 'bytes'; readonly bytes: Uint8Array };

/** A PDU whose fields are plausible one by one and need not fit together. */
export interface PlausiblePdu {
  readonly opcode: number;
  readonly flags: number;
  readonly byte2: number;
  readonly byte3: number;
  readonly tag: number;
  readonly ttt: number;
  readonly stat: number;
  readonly exp: number;
  readonly max: number;
  readonly words: readonly [number, number, number];
  readonly length: number;
  readonly echo: boolean;
}

const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 2, 512, 1024) },
  { weight: 1, arbitrary: fc.constantFrom(0xffffffff, 0x80000000, 0x7fffffff) },
  { weight: 1, arbitrary: fc.nat(0xffffffff) },
);

const pdu: fc.Arbitrary<PlausiblePdu> = fc.record({
  opcode: fc.constantFrom(0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x25, 0x26, 0x31, 0x31, 0x32, 0x3f),
  flags: fc.constantFrom(0x80, 0x80, 0x81, 0x00, 0x01, 0x82, 0x84, 0x86, 0xc0, 0x40),
  byte2: fc.oneof(fc.constant(0), fc.constantFrom(1, 2, 3, 4, 5, 6), fc.nat(255)),
  byte3: fc.constantFrom(0, 0, 0, 2, 8, 0x18, 0x28, 0x40),
  tag: fc.nat(7),
  ttt: fc.constantFrom(NO_TAG, 0, 1, 0x100),
  stat: fc.constantFrom(0, 0, 0, 0, 1, -1, 5, 0x7fffffff),
  exp: fc.constantFrom(0, 0, 0, 1, -1, 100),
  max: fc.constantFrom(31, 31, 0, -1, -2, 1000),
  words: fc.tuple(word, word, word),
  length: fc.constantFrom(0, 0, 0, 48, 512, 512, 1, 513),
  echo: fc.boolean(),
});

/** Inputs of every kind, those that let the session live more often than those that end it. */
export const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('read' as const, 'write' as const, 'stream in' as const, 'stream out' as const),
      blocks: fc.integer({ min: 1, max: 4 }),
      late: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('abort' as const, 'resume' as const), which: fc.nat(5) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'ping' as const,
        'text' as const,
        'join' as const,
        'answer' as const,
        'answer' as const,
        'hold' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reset' as const, 'refuse' as const) }) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('logout' as const, 'close' as const) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('tmf' as const), code: fc.integer({ min: 1, max: 14 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('leave' as const),
          cid: fc.nat(2),
          reason: fc.constantFrom(1 as const, 2 as const),
        }),
      },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 10, 100, 1100, 5000) }),
  },
  { weight: 5, arbitrary: pdu.map((each) => ({ do: 'pdu' as const, pdu: each })) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 120 }).map((bytes) => ({ do: 'bytes' as const, bytes })) },
);

interface Waiting {
  readonly name: string;
  ends: number;
}

/** A session whose inputs come in any order, and a look at everything it does. */
export class Chaos {
  readonly target: RawTarget;
  readonly sim: SessionSim;
  readonly faults: string[] = [];
  readonly #tasks: Task[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #held: (() => void)[] = [];
  #holding = false;
  #refusing = false;

  constructor(level: 0 | 1 | 2, seed: number) {
    this.target = new RawTarget({ segment: 512, window: 4 });
    this.sim = rawSim(
      this.target,
      {
        offers: {
          ...SIM_OPTIONS.offers,
          errorRecoveryLevel: level,
          initialR2T: seed % 2 === 0,
          immediateData: seed % 3 === 0,
          maxConnections: 3,
          defaultTime2Retain: 2,
        },
        maxReconnectAttempts: seed % 4,
        reconnectBackoffMs: 50,
        connectTimeoutMs: 300,
        loginTimeoutMs: 500,
        commandTimeoutMs: 2000,
        abortTimeoutMs: 300,
        logoutTimeoutMs: 400,
        snackTimeoutMs: 200,
        keepaliveIntervalMs: seed % 5 === 0 ? 0 : 1000,
        keepaliveTimeoutMs: 500,
        queueLimit: 8,
      },
      seed,
    );
    const accept = this.sim.accept;
    this.sim.accept = (pipe, connection, address) => {
      if (this.#refusing) {
        this.#refusing = false;
        return 'refuse';
      }
      return accept(pipe, connection, address);
    };
    this.target.rules.push((connection, request) => this.#see(connection, request));
  }

  #see(connection: RawConnection, request: Request): boolean {
    this.#judge(connection, request);
    if (!connection.loggedIn || !this.#holding) return false;
    this.#held.push(() => {
      if (!connection.closed) connection.answer(request);
    });
    return true;
  }

  readonly #lastStat = new Map<RawConnection, number>();
  readonly #left = new Set<RawConnection>();

  /** What may be sent in which phase, and in which order. */
  #judge(connection: RawConnection, request: Request): void {
    const name = `opcode 0x${request.opcode.toString(16)}`;
    const isLogin = request.opcode === 0x03;
    if (isLogin === connection.loggedIn) this.faults.push(`${name} was sent in the wrong phase`);
    // Data that was asked for, SNACKs and answers to pings may still follow a logout; new requests may not.
    const isNew = request.opcode !== 0x05 && request.opcode !== 0x10 && request.itt !== NO_TAG;
    if (isNew && this.#left.has(connection)) this.faults.push(`${name} was sent after the logout`);
    const last = this.#lastStat.get(connection);
    if (last !== undefined && ((request.expStatSn - last) | 0) < 0 && request.opcode !== 0x03)
      this.faults.push(`ExpStatSN went back in ${name}`);
    if (connection.loggedIn) this.#lastStat.set(connection, request.expStatSn);
    const leaves = request.opcode === 0x06;
    const reason = request.flags & 0x7f;
    if (leaves && (reason === 0 || request.bhs.readUInt16BE(20) === connection.cid)) this.#left.add(connection);
    const { window } = this.sim.machine.core;
    const numbered = !request.immediate && (request.opcode === 0x01 || request.opcode === 0x00);
    if (numbered && ((window.maxCmdSn - request.cmdSn) | 0) < 0)
      this.faults.push(`${name} was sent into a closed window`);
  }

  #wait(name: string): (value: unknown, error: LunascopeError | undefined) => void {
    const waiting = { name, ends: 0 };
    this.#waiting.push(waiting);
    return (_value, error) => {
      waiting.ends += 1;
      if (waiting.ends > 1) this.faults.push(`${name} ended ${String(waiting.ends)} times`);
      if (error !== undefined && !(error instanceof LunascopeError)) this.faults.push(`${name} ended untyped`);
    };
  }

  #submit(each: Extract<Input, { readonly blocks: number }>): void {
    const { sim } = this;
    const size = each.blocks * 512;
    const timing = each.late ? { noProgressMs: 700 } : {};
    let room = 2;
    const request = {
      read: { cdb: read10(1, each.blocks), dataIn: new Uint8Array(size), whole: true, idempotent: true },
      write: { cdb: write10(1, each.blocks), dataOut: new Uint8Array(size), whole: true },
      'stream in': {
        cdb: read10(1, each.blocks),
        expectedIn: size,
        consumer: { push: (): boolean => (room -= 1) > 0 },
      },
      'stream out': {
        cdb: write10(1, each.blocks),
        expectedOut: size,
        source: { pull: (): boolean => (room -= 1) > 0 },
      },
    }[each.do];
    const task = sim.submit({ ...request, ...timing });
    const done = this.#wait(`${each.do} ${String(this.#tasks.length)}`);
    this.#tasks.push(task);
    if (task.state === 'done') done(undefined, task.error);
    else
      task.onDone = (ended) => {
        done(undefined, ended.error);
      };
  }

  #send(fields: PlausiblePdu): void {
    const connection = this.target.connections.at(-1);
    if (connection?.closed !== false) return;
    const { core } = this.sim.machine;
    const tags = [...core.tasks.all().map((task) => task.itt), ...core.controls.keys()];
    const requests = this.target.received;
    // A logout that is refused leaves the connection as it was.
    if (fields.opcode === 0x26 && fields.byte2 !== 0) this.#left.clear();
    connection.raw(
      encode({
        opcode: fields.opcode,
        flags: fields.flags,
        byte2: fields.byte2,
        byte3: fields.byte3,
        itt: fields.tag > 5 ? NO_TAG : (tags[fields.tag] ?? 0x1234),
        ttt: fields.ttt,
        statSn: (connection.statSn + fields.stat) >>> 0,
        expCmdSn: (this.target.expCmdSn + fields.exp) >>> 0,
        maxCmdSn: (this.target.expCmdSn + fields.max) >>> 0,
        word36: fields.words[0],
        word40: fields.words[1],
        word44: fields.words[2],
        data: fields.echo ? (requests.at(-1 - fields.tag)?.bhs ?? new Uint8Array(48)) : new Uint8Array(fields.length),
      }),
    );
    if (fields.stat === 0) connection.statSn = (connection.statSn + 1) >>> 0;
  }

  /** Does one thing, and lets a little happen. */
  async step(each: Input): Promise<void> {
    const { sim, target } = this;
    const { machine } = sim;
    const newest = target.connections.at(-1);
    switch (each.do) {
      case 'read':
      case 'write':
      case 'stream in':
      case 'stream out':
        this.#submit(each);
        break;
      case 'abort': {
        const task = this.#tasks[each.which];
        if (task !== undefined) machine.abort(task, new CancelledError('CANCELLED', 'Called off.'));
        break;
      }
      case 'resume': {
        const task = this.#tasks[each.which];
        if (task !== undefined) {
          machine.resumeDataIn(task);
          machine.resumeDataOut(task);
        }
        break;
      }
      case 'ping':
        machine.ping(Uint8Array.of(1, 2), 300, this.#wait('ping'));
        break;
      case 'text':
        machine.text([{ key: 'SendTargets', value: '' }], 300, this.#wait('text'));
        break;
      case 'tmf':
        machine.manageTasks({ function: each.code, lun: 0n, timeoutMs: 300 }, this.#wait('tmf'));
        break;
      case 'join':
        machine.addConnection(undefined, this.#wait('join'));
        break;
      case 'leave':
        machine.logoutConnection(each.cid, each.reason, 300, this.#wait('leave'));
        break;
      case 'logout':
        machine.logout(400, this.#wait('logout'));
        break;
      case 'close':
        machine.close(new CancelledError('SESSION_CLOSED', 'Closed.'));
        break;
      case 'reset':
        if (newest?.closed === false) newest.reset();
        break;
      case 'refuse':
        this.#refusing = true;
        break;
      case 'hold':
        this.#holding = !this.#holding;
        break;
      case 'answer':
        for (const answer of this.#held.splice(0)) answer();
        break;
      case 'wait':
        await sim.run(each.ms);
        break;
      case 'pdu':
        this.#send(each.pdu);
        break;
      case 'bytes':
        if (newest?.closed === false) newest.raw(each.bytes);
        break;
    }
    await sim.run(1);
  }

  /** Goes through a whole life; returns what should not have been. */
  async live(inputs: readonly Input[], before: number): Promise<string[]> {
    const { sim } = this;
    const { core } = sim.machine;
    const began = this.#wait('login');
    for (const each of inputs.slice(0, before)) await this.step(each);
    sim.machine.start(began);
    if (before > 0) await sim.run(1000, () => this.#waiting[0]?.ends === 1);
    if (core.state === 'full') rememberUnit(sim);
    for (const each of inputs.slice(before)) await this.step(each);
    // Whatever is still asked for ends by its own deadline; then the session is closed, and all else ends with it.
    await sim.run(4000);
    for (const { name, ends } of this.#waiting)
      if (ends === 0 && !name.startsWith('stream') && core.state !== 'recovering')
        this.faults.push(`${name} did not end by its deadline (${core.state})`);
    sim.machine.close(new CancelledError('SESSION_CLOSED', 'Closed.'));
    await sim.run(10_000);
    for (const { name, ends } of this.#waiting) if (ends === 0) this.faults.push(`${name} never ended`);
    if (core.state !== 'closed') this.faults.push(`the session is ${core.state}`);
    if (core.tasks.size + core.controls.size + core.queue.size + core.probes.size + core.connections.size > 0)
      this.faults.push('something is left over');
    return this.faults;
  }
}
