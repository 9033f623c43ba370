import { describe, expect, it } from 'vitest';
import type { LunascopeError } from '../../../core/errors/index.ts';
import { RawTarget, type RawConnection } from '../../hostile/peers/raw-target.ts';
import type { Request } from '../../hostile/peers/wire.ts';
import { isRight, rawSim, submitRead } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';

const READ = 0x01;
const NOP = 0x00;

interface Rig {
  readonly sim: SessionSim;
  readonly target: RawTarget;
  /** Requests that wait for their answers, in the order they came. */
  readonly held: { readonly connection: RawConnection; readonly request: Request }[];
  ping(): { done: boolean; error: LunascopeError | undefined };
  warnings(): string[];
}

/** A session whose target answers nothing by itself once logged in. */
async function opened(separateStatus = false): Promise<Rig> {
  const target = new RawTarget({ segment: 1024, separateStatus });
  const sim = rawSim(target, { keepaliveIntervalMs: 0, maxReconnectAttempts: 0, commandTimeoutMs: 5000 });
  expect(await sim.login()).toBeUndefined();
  const held: Rig['held'] = [];
  target.rules.push((connection, request) => {
    if (request.opcode !== READ && request.opcode !== NOP) return false;
    if (request.itt !== 0xffffffff) held.push({ connection, request });
    return true;
  });
  return {
    sim,
    target,
    held,
    ping: () => {
      const seen: ReturnType<Rig['ping']> = { done: false, error: undefined };
      sim.machine.ping(Uint8Array.of(1, 2, 3), 3000, (_ms, error) => {
        seen.done = true;
        seen.error = error;
      });
      return seen;
    },
    warnings: () => sim.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : [])),
  };
}

/** Answers a held request as if `ahead` statuses had been used up before it. */
function answerAhead(each: Rig['held'][number] | undefined, ahead: number): void {
  if (each === undefined) throw new Error('The request has not come.');
  const { connection, request } = each;
  const { statSn } = connection;
  connection.statSn = (statSn + ahead) >>> 0;
  connection.answer(request);
  connection.statSn = statSn;
}

describe.each([false, true])('statuses that are swapped (separate from their data: %s)', (separateStatus) => {
  it('are taken in their order: a ping answered before the read it follows', async () => {
    const rig = await opened(separateStatus);
    const task = submitRead(rig.sim, 100, 8);
    const ping = rig.ping();
    await rig.sim.run(10);
    const [read, nop] = rig.held;
    answerAhead(nop, 1);
    await rig.sim.run(400);
    expect(ping.done).toBe(false);
    answerAhead(read, 0);
    await rig.sim.run(1);
    expect(ping).toEqual({ done: true, error: undefined });
    expect(isRight(task, 100)).toBe(true);
    expect(rig.warnings()).toHaveLength(1);
    expect(rig.warnings()[0]).toMatch(/taken in order/u);
  });

  it('are taken in their order: a read answered before the ping it follows', async () => {
    const rig = await opened(separateStatus);
    const ping = rig.ping();
    const task = submitRead(rig.sim, 7, 8);
    await rig.sim.run(10);
    const [nop, read] = rig.held;
    const before = read?.connection.statSn ?? 0;
    answerAhead(read, 1);
    await rig.sim.run(1);
    expect(task.state).not.toBe('done');
    answerAhead(nop, 0);
    if (read !== undefined) read.connection.statSn = (before + 2) >>> 0;
    await rig.sim.run(1);
    expect(ping.error).toBeUndefined();
    expect(isRight(task, 7)).toBe(true);
    // What follows acknowledges both.
    submitRead(rig.sim, 1, 1);
    await rig.sim.run(1);
    expect(rig.target.received.at(-1)?.expStatSn).toBe((before + 2) >>> 0);
  });

  it('are taken in their order however many there are, and are warned of once', async () => {
    const rig = await opened(separateStatus);
    const tasks = Array.from({ length: 12 }, (_, i) => submitRead(rig.sim, i * 8, 8));
    const ping = rig.ping();
    await rig.sim.run(10);
    for (let i = rig.held.length - 1; i >= 0; i -= 1) answerAhead(rig.held[i], i);
    await rig.sim.run(1);
    expect(ping).toEqual({ done: true, error: undefined });
    for (const [i, task] of tasks.entries()) expect(isRight(task, i * 8)).toBe(true);
    expect(rig.warnings()).toHaveLength(1);
  });
});

describe('a status that never comes', () => {
  it('ends the connection half a second after one that should have followed it, unacknowledged', async () => {
    const rig = await opened();
    const task = submitRead(rig.sim, 100, 8);
    rig.ping();
    await rig.sim.run(10);
    const before = rig.held[1]?.connection.statSn;
    answerAhead(rig.held[1], 1);
    await rig.sim.run(1);
    submitRead(rig.sim, 1, 1);
    await rig.sim.run(450);
    expect(rig.target.received.at(-1)?.expStatSn).toBe(before);
    expect(task.state).not.toBe('done');
    await rig.sim.run(60);
    expect(task.error?.code).toBe('PROTOCOL_SEQUENCE');
    expect(task.error?.message).toMatch(/did not follow within 500 ms/u);
  });

  it.each([
    [
      'comes twice',
      (rig: Rig) => {
        answerAhead(rig.held[1], 1);
        answerAhead(rig.held[1], 1);
      },
    ],
    [
      'is further ahead than anything asked for',
      (rig: Rig) => {
        answerAhead(rig.held[1], 40);
      },
    ],
    [
      'lies behind',
      (rig: Rig) => {
        answerAhead(rig.held[1], -1);
      },
    ],
  ])('nor any order is made of one that %s', async (_what, fault) => {
    const rig = await opened();
    const task = submitRead(rig.sim, 100, 8);
    rig.ping();
    await rig.sim.run(10);
    fault(rig);
    await rig.sim.run(5);
    expect(task.error?.code).toBe('PROTOCOL_SEQUENCE');
  });

  it('keeps no more data than fits into a megabyte', async () => {
    const rig = await opened();
    rig.ping();
    const pings: { error: LunascopeError | undefined }[] = [];
    for (let i = 0; i < 20; i += 1)
      rig.sim.machine.ping(new Uint8Array(8192), 3000, (_ms, error) => pings.push({ error }));
    await rig.sim.run(10);
    const big = new Uint8Array(65_536);
    for (let i = 1; i <= 17; i += 1) {
      const { connection, request } = rig.held[i] ?? {};
      connection?.send({ opcode: 0x20, itt: request?.itt ?? 0, data: big, statSn: connection.statSn + i }, false);
    }
    await rig.sim.run(5);
    expect(pings[0]?.error?.message).toMatch(/no more can be kept/u);
  });
});
