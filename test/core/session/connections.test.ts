import { describe, expect, it } from 'vitest';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { RawTarget, type RawOptions } from '../../hostile/peers/raw-target.ts';
import type { Task } from '../../../core/session/index.ts';
import { isRight, rawSim, rememberUnit, submitRead } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

const offers = { ...SIM_OPTIONS.offers, maxConnections: 3 };

async function opened(
  count: number,
  options: RawOptions = {},
  session = {},
): Promise<{ sim: SessionSim; target: RawTarget }> {
  const target = new RawTarget(options);
  const sim = rawSim(target, { offers, maxReconnectAttempts: 5, ...session });
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  for (let i = 1; i < count; i += 1) {
    const outcome: unknown[] = [];
    sim.machine.addConnection(undefined, (id, error) => outcome.push(error ?? id));
    await sim.run(1000, () => outcome.length > 0);
    expect(outcome).toEqual([i]);
  }
  return { sim, target };
}

describe('a session with several connections', () => {
  it('joins them under its handle, each with its own number, and negotiates only what is theirs', async () => {
    const { sim, target } = await opened(3);
    expect([...sim.machine.core.connections.keys()]).toEqual([0, 1, 2]);
    const logins = target.received.filter((each) => each.opcode === 0x03);
    expect(logins.map((each) => each.bhs.readUInt16BE(14))).toEqual([0, 0, 7, 7, 7, 7]);
    expect(logins.map((each) => each.bhs.readUInt16BE(20))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(logins.at(-1)?.data.toString()).not.toContain('MaxBurstLength');
    expect(logins.at(-1)?.data.toString()).toContain('MaxRecvDataSegmentLength=65536');
    expect(sim.machine.core.generation).toBe(1);
  });

  it('has no more of them than were agreed', async () => {
    const { sim } = await opened(1, { keys: { MaxConnections: '1' } });
    const outcome: unknown[] = [];
    sim.machine.addConnection(undefined, (id, error) => outcome.push(id, error?.code));
    expect(outcome).toEqual([undefined, 'LIMIT_REACHED']);
  });

  it('is none the worse for one that cannot join', async () => {
    const { sim, target } = await opened(1);
    target.on(0x03, (connection, request) => {
      connection.login(request, { flags: 0, word36: 0x02060000, byte2: 0 });
      return true;
    });
    const outcome: unknown[] = [];
    sim.machine.addConnection(undefined, (id, error) => outcome.push(id, error?.code));
    await sim.run(1000, () => outcome.length > 0);
    expect(outcome).toEqual([undefined, 'LOGIN_REFUSED']);
    const task = submitRead(sim, 1, 1);
    await sim.run(1000, () => task.state === 'done');
    expect(isRight(task, 1)).toBe(true);
  });

  it('numbers commands over all of them, sends each to the least busy, and keeps its data there', async () => {
    const { sim, target } = await opened(3);
    const commands: [number, number][] = [];
    target.on(0x01, (connection, request) => {
      commands.push([connection.index, request.cmdSn]);
      return true;
    });
    for (let i = 0; i < 6; i += 1) submitRead(sim, i, 1);
    await sim.run(1);
    const first = commands[0]?.[1] ?? 0;
    const byNumber = commands.sort((a, b) => a[1] - b[1]);
    expect(byNumber).toEqual([0, 1, 2, 0, 1, 2].map((index, i) => [index, first + i]));
  });

  it('sends a command over the connection it is told', async () => {
    const { sim, target } = await opened(2);
    const seen: number[] = [];
    target.on(0x01, (connection) => {
      seen.push(connection.index);
      return false;
    });
    for (let i = 0; i < 3; i += 1) await sim.execute({ cdb: new Uint8Array(6), connection: 1 });
    expect(seen).toEqual([1, 1, 1]);
    const nowhere = sim.submit({ cdb: new Uint8Array(6), connection: 9 });
    expect(nowhere.error?.code).toBe('BAD_ARGUMENT');
  });

  it('lets no answer come over another connection than its command went', async () => {
    const { sim, target } = await opened(2, {}, { maxReconnectAttempts: 0 });
    target.onRead((connection, request) => {
      target.connections[1 - connection.index]?.send({ opcode: 0x21, itt: request.itt });
      return true;
    });
    const task = submitRead(sim, 1, 1);
    await sim.run(100);
    expect(sim.events.some((event) => event.kind === 'connection' && event.change === 'lost')).toBe(true);
    expect(task.state).toBe('sent');
  });

  it('survives the loss of one: it is logged out, reads move, writes taken are unknown, the connection comes back', async () => {
    const { sim, target } = await opened(2);
    target.onRead((connection) => connection.index === 1);
    target.onWrite((connection) => connection.index === 1);
    const reading = submitReadOn(sim, 1, 5);
    const writing = submitWriteOn(sim, 1, 9);
    await sim.run(5);
    target.connections[1]?.reset();
    await sim.run(500, () => reading.state === 'done' && writing.state === 'done');
    expect(isRight(reading, 5)).toBe(true);
    expect(writing.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
    const logout = target.received.find((each) => each.opcode === 0x06);
    expect((logout?.flags ?? 0) & 0x7f).toBe(1);
    expect(logout?.bhs.readUInt16BE(20)).toBe(1);
    expect(sim.machine.core.state).toBe('full');
    await sim.run(5000, () => sim.machine.core.connections.get(1)?.phase === 'full');
    expect(sim.machine.core.connections.get(1)?.phase).toBe('full');
    expect(sim.machine.core.generation).toBe(1);
  });

  it('sends a command again that the target never took, under its number', async () => {
    const { sim, target } = await opened(2);
    target.onWrite((connection, request) => {
      if (connection.index === 0) return false;
      target.expCmdSn = request.cmdSn;
      connection.reset();
      return true;
    });
    const writing = submitWriteOn(sim, 1, 9);
    const behind = submitRead(sim, 3, 1);
    await sim.run(2000, () => writing.state === 'done' && behind.state === 'done');
    expect(writing.error).toBeUndefined();
    expect(isRight(behind, 3)).toBe(true);
    const sent = target.received.filter((each) => each.opcode === 0x01 && each.cdb[0] === 0x2a);
    expect(sent.map((each) => each.cmdSn)).toEqual([writing.cmdSn, writing.cmdSn]);
  });

  it('fills the number of a command nobody waits for any more', async () => {
    const { sim, target } = await opened(2, { keys: { DefaultTime2Wait: '2' } });
    target.onRead((connection, request) => {
      if (connection.index === 0) return false;
      target.expCmdSn = request.cmdSn;
      connection.reset();
      return true;
    });
    const reading = submitReadOn(sim, 1, 5, 500);
    await sim.run(1500);
    expect(reading.error?.code).toBe('TIMEOUT_COMMAND');
    await sim.run(2000);
    const filler = target.received.find((each) => each.opcode === 0x00 && !each.immediate);
    expect(filler?.cmdSn).toBe(reading.cmdSn);
    const after = submitRead(sim, 3, 1);
    await sim.run(1000, () => after.state === 'done');
    expect(isRight(after, 3)).toBe(true);
  });

  it('starts anew when the target cannot do without the lost connection', async () => {
    const { sim, target } = await opened(2);
    target.on(0x06, (connection, request) => {
      connection.send({ opcode: 0x26, itt: request.itt, byte2: 3 });
      return true;
    });
    target.onRead((connection) => target.logins < 3 && connection.index === 1);
    const reading = submitReadOn(sim, 1, 5);
    await sim.run(5);
    target.connections[1]?.reset();
    await sim.run(30_000, () => sim.machine.core.generation === 2 && sim.machine.core.state === 'full');
    expect(sim.machine.core.generation).toBe(2);
    await sim.run(1000, () => reading.state === 'done');
    expect(isRight(reading, 5)).toBe(true);
  });

  it('has tasks reassigned over another connection at level 2', async () => {
    const target = new RawTarget({ segment: 512 });
    const sim = rawSim(target, { offers: { ...offers, errorRecoveryLevel: 2 }, maxReconnectAttempts: 5 });
    expect(await sim.login()).toBeUndefined();
    rememberUnit(sim);
    let added = false;
    sim.machine.addConnection(undefined, () => {
      added = true;
    });
    await sim.run(1000, () => added);
    target.onWrite((connection) => connection.index === 1);
    target.on(0x02, (connection, request) => {
      connection.send({ opcode: 0x22, itt: request.itt });
      connection.send({ opcode: 0x21, itt: request.ttt });
      return true;
    });
    const task = sim.submit({
      cdb: Uint8Array.from([0x2a, 0, 0, 0, 0, 9, 0, 0, 1, 0]),
      dataOut: pattern(UNIT, 9, 1),
      connection: 1,
    });
    await sim.run(5);
    target.connections[1]?.reset();
    await sim.run(5000, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    expect(task.status).toBe(0);
    expect((target.received.find((each) => each.opcode === 0x06)?.flags ?? 0) & 0x7f).toBe(2);
  });

  it('closes one of them when told, and goes on with the others', async () => {
    const { sim, target } = await opened(2);
    let response: number | undefined;
    sim.machine.logoutConnection(1, 1, 1000, (answer) => {
      response = answer?.response;
    });
    await sim.run(1000, () => response !== undefined);
    expect(response).toBe(0);
    await sim.run(10_000);
    expect([...sim.machine.core.connections.keys()]).toEqual([0]);
    const task = submitRead(sim, 1, 1);
    await sim.run(1000, () => task.state === 'done');
    expect(isRight(task, 1)).toBe(true);
    expect(target.connections).toHaveLength(2);
  });

  it('leaves one of them when the target asks for it, and brings it back', async () => {
    const { sim, target } = await opened(2);
    target.connections[1]?.send({ opcode: 0x32, word36: 0x01000000, word40: 5 });
    await sim.run(1000, () => target.received.some((each) => each.opcode === 0x06));
    const logout = target.received.find((each) => each.opcode === 0x06);
    expect((logout?.flags ?? 0) & 0x7f).toBe(1);
    await sim.run(10_000, () => sim.machine.core.connections.get(1)?.phase === 'full');
    expect(sim.machine.core.generation).toBe(1);
    expect(sim.machine.core.connections.get(1)?.phase).toBe('full');
  });
});

function submitReadOn(sim: SessionSim, connection: number, lba: number, timeoutMs = 30_000): Task {
  return sim.submit({
    cdb: Uint8Array.from([0x28, 0, 0, 0, 0, lba, 0, 0, 1, 0]),
    dataIn: new Uint8Array(512),
    whole: true,
    idempotent: true,
    connection,
    timeoutMs,
  });
}

function submitWriteOn(sim: SessionSim, connection: number, lba: number): Task {
  return sim.submit({
    cdb: Uint8Array.from([0x2a, 0, 0, 0, 0, lba, 0, 0, 1, 0]),
    dataOut: new Uint8Array(512).fill(3),
    whole: true,
    connection,
  });
}
