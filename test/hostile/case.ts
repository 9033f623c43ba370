import type { Socket } from 'node:net';
import { LunascopeError } from '../../core/errors/index.ts';
import { connect, discover, type ConnectOptions, type Session } from '../../core/initiator/index.ts';
import { listenRaw } from './peers/raw-listener.ts';
import { pattern } from './peers/raw-unit.ts';
import { RawTarget, type RawConnection, type RawOptions } from './peers/raw-target.ts';
import type { Request } from './peers/wire.ts';

/** A peer that misbehaves, what is done with it, and how that must end. */
export interface HostileCase {
  readonly group: string;
  readonly name: string;
  /** Prepares the peer. */
  readonly peer?: (target: RawTarget) => void;
  /** Takes the whole connection in place of the scripted target. */
  readonly socket?: (socket: Socket, index: number) => void;
  readonly raw?: RawOptions;
  readonly options?: Partial<ConnectOptions>;
  /** What is done; a session that logs in, opens LUN 0 and reads blocks where nothing is said. */
  readonly use?: (env: Env) => Promise<string>;
  /** Codes it may end with; `data` for right data. */
  readonly expect: readonly string[];
  /** Longest it may take. */
  readonly limitMs?: number;
}

export interface Env {
  readonly port: number;
  readonly target: RawTarget;
  readonly options: ConnectOptions;
}

export interface Outcome {
  readonly ended: string;
  readonly ms: number;
  readonly passed: boolean;
  readonly why: string;
}

const LIMIT_MS = 3500;

/** Deadlines short enough for a test; what is checked is that they hold. */
export const QUICK: ConnectOptions = {
  target: 'iqn.2026-01.test:raw',
  connectTimeoutMs: 700,
  loginTimeoutMs: 700,
  commandTimeoutMs: 1000,
  logoutTimeoutMs: 300,
  abortTimeoutMs: 300,
  keepaliveIntervalMs: 0,
  maxReconnectAttempts: 0,
  reconnectBackoffMs: 5,
  defaultTime2Wait: 0,
};

/** A peer that does this in place of its answer to every PDU of an opcode. */
export function on(
  opcode: number,
  fault: (connection: RawConnection, request: Request) => void,
): (target: RawTarget) => void {
  return (target) => {
    target.on(opcode, (connection, request) => {
      fault(connection, request);
      return true;
    });
  };
}

/** Logs in, does the work, and leaves nothing open. */
export async function withSession(env: Env, work: (session: Session) => Promise<string>): Promise<string> {
  const session = await connect({ host: '127.0.0.1', port: env.port }, env.options);
  try {
    return await work(session);
  } finally {
    await session.logout().catch(() => undefined);
    session.destroy();
  }
}

/** Reads blocks in four commands and compares every byte. */
export function readBlocks(env: Env): Promise<string> {
  return withSession(env, async (session) => {
    const disk = await session.disk(0);
    for (let lba = 100; lba < 132; lba += 8) {
      const data = await disk.read(BigInt(lba), 8);
      if (Buffer.compare(data, pattern(env.target.unit, lba, 8)) !== 0) return 'WRONG DATA';
    }
    return 'data';
  });
}

/** Writes blocks and looks at what arrived. */
export function writeBlocks(env: Env): Promise<string> {
  return withSession(env, async (session) => {
    const disk = await session.disk(0);
    const data = pattern({ ...env.target.unit, seed: 9 }, 40, 8);
    await disk.write(40n, data);
    const [written] = env.target.written;
    return written !== undefined && Buffer.compare(written.data, data) === 0 ? 'data' : 'WRONG DATA';
  });
}

export function discoverTargets(check: (names: readonly string[]) => boolean = () => true) {
  return async (env: Env): Promise<string> => {
    const { target: _target, ...common } = env.options;
    const found = await discover({ host: '127.0.0.1', port: env.port }, common);
    return check(found.map((each) => each.name)) ? 'data' : 'WRONG DATA';
  };
}

export function logIn(env: Env): Promise<string> {
  return withSession(env, () => Promise.resolve('data'));
}

/** Runs a case against a peer of its own. */
export async function runCase(hostile: HostileCase): Promise<Outcome> {
  const target = new RawTarget({ segment: 1024, ...hostile.raw });
  hostile.peer?.(target);
  const { port, close } = await listenRaw(target, hostile.socket);
  const env: Env = { port, target, options: { ...QUICK, ...hostile.options } };
  const started = performance.now();
  let ended: string;
  let detail = '';
  try {
    ended = await (hostile.use ?? readBlocks)(env);
  } catch (error) {
    if (error instanceof LunascopeError) {
      ended = error.code;
      detail = error.message;
    } else ended = `CRASH ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const ms = performance.now() - started;
  await close();
  const limit = hostile.limitMs ?? LIMIT_MS;
  const right = hostile.expect.includes(ended);
  const why = right
    ? ms > limit
      ? `took ${ms.toFixed(0)} ms`
      : ''
    : `ended with ${ended} (${detail}), not ${hostile.expect.join(' or ')}`;
  return { ended, ms, passed: why === '', why };
}
