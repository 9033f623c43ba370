import { describe, expect, it } from 'vitest';
import { ControlTags } from '../../../core/session/control.ts';
import { Task } from '../../../core/session/index.ts';
import { TaskTable } from '../../../core/session/task-table.ts';
import { encode } from '../../hostile/peers/wire.ts';
import { RawTarget, type RawOptions } from '../../hostile/peers/raw-target.ts';
import { pattern, rangeOf, UNIT } from '../../hostile/peers/raw-unit.ts';
import { Pair } from '../../support/pair-sim.ts';
import { isRight, rawSim, read10, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

const LAST = 0xffffffff;
const SNACK = 0x10;

/** A session whose command and status numbers are about to begin anew. */
async function nearTheEnd(
  options: RawOptions = {},
  session: object = {},
): Promise<{ sim: SessionSim; target: RawTarget }> {
  const target = new RawTarget(options);
  target.onAccept = (connection) => {
    connection.statSn = LAST - 4;
  };
  const sim = rawSim(target, session);
  sim.machine.core.window.restart(LAST - 2, LAST - 2, LAST - 2);
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  return { sim, target };
}

function levelOne(): object {
  return {
    offers: { ...SIM_OPTIONS.offers, errorRecoveryLevel: 1 },
    keepaliveIntervalMs: 0,
    snackTimeoutMs: 2000,
  };
}

describe('numbers that begin anew after 4294967295', () => {
  it('are followed: CmdSN, ExpCmdSN, MaxCmdSN, StatSN and ExpStatSN', async () => {
    const { sim, target } = await nearTheEnd({ window: 2 });
    const tasks = Array.from({ length: 8 }, (_, i) => submitRead(sim, i, 1));
    await sim.run(1000, () => tasks.every((task) => task.state === 'done'));
    expect(tasks.map((task, i) => isRight(task, i))).toEqual(tasks.map(() => true));
    expect(tasks.map((task) => task.cmdSn)).toEqual([LAST - 2, LAST - 1, LAST, 0, 1, 2, 3, 4]);
    expect(target.cmdSns).toEqual(tasks.map((task) => task.cmdSn));
    const { window, connections } = sim.machine.core;
    expect([window.cmdSn, window.expCmdSn, window.maxCmdSn]).toEqual([5, 5, 6]);
    // Login took LAST - 4 and LAST - 3; the eight statuses begin at LAST - 2.
    expect(connections.get(0)?.expStatSn).toBe(5);
  });

  it('keep a window closed that is closed across the edge, and do not open it for an older update', async () => {
    const { sim, target } = await nearTheEnd({ window: 4 });
    target.onRead(() => true);
    const tasks = Array.from({ length: 6 }, (_, i) => submitRead(sim, i, 1));
    await sim.run(5);
    // What is held back are the last two: MaxCmdSN is 0 when the first command is LAST - 2 and four are taken.
    expect(sim.machine.core.window.maxCmdSn).toBe(0);
    expect(tasks.map((task) => task.state)).toEqual(['sent', 'sent', 'sent', 'sent', 'queued', 'queued']);
    const [connection] = target.connections;
    connection?.send({ opcode: 0x20, itt: LAST, ttt: LAST, expCmdSn: LAST - 3, maxCmdSn: LAST - 1 }, false);
    await sim.run(5);
    expect(tasks.filter((task) => task.state === 'sent')).toHaveLength(4);
    connection?.send({ opcode: 0x20, itt: LAST, ttt: LAST, expCmdSn: LAST, maxCmdSn: 2 }, false);
    await sim.run(5);
    expect(tasks.map((task) => task.cmdSn)).toEqual([LAST - 2, LAST - 1, LAST, 0, 1, 2]);
  });

  it('are kept over a login that takes the place of a lost one', async () => {
    const { sim, target } = await nearTheEnd({}, { maxReconnectAttempts: 2, reconnectBackoffMs: 10 });
    for (let i = 0; i < 2; i += 1) await sim.execute({ cdb: read10(1, 1), dataIn: new Uint8Array(512) });
    target.connections[0]?.reset();
    const task = submitRead(sim, 3, 1);
    await sim.run(5000, () => task.state === 'done');
    expect(isRight(task, 3)).toBe(true);
    // Four questions for the identity go first: LAST to 2.
    expect(task.cmdSn).toBe(4);
  });

  it('are those of Data-In, which is asked for again across the edge', async () => {
    const { sim, target } = await nearTheEnd({}, levelOne());
    const firstSn = LAST - 1;
    let pdus: Buffer[] = [];
    target.onRead((connection, request) => {
      const { lba, blocks } = rangeOf(request);
      const data = pattern(UNIT, lba, blocks);
      pdus = Array.from({ length: blocks }, (_, i) =>
        encode({
          opcode: 0x25,
          flags: i === blocks - 1 ? 0x81 : 0,
          itt: request.itt,
          statSn: i === blocks - 1 ? connection.statSn : 0,
          expCmdSn: target.expCmdSn,
          maxCmdSn: (target.expCmdSn + 31) >>> 0,
          word36: (firstSn + i) >>> 0,
          word40: i * 512,
          data: data.subarray(i * 512, i * 512 + 512),
        }),
      );
      pdus.forEach((pdu, i) => i !== 1 && connection.raw(pdu));
      return true;
    });
    target.on(SNACK, (connection, request) => {
      expect(request.bhs.readUInt32BE(40)).toBe(LAST);
      // All from there on, and one that had come already.
      for (const pdu of pdus) connection.raw(pdu);
      return true;
    });
    const task = submitRead(sim, 20, 5);
    task.nextDataSn = firstSn;
    await sim.run(100, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    expect(task.nextDataSn).toBe(3);
    expect(target.received.filter((each) => each.opcode === SNACK)).toHaveLength(1);
  });

  it('are those of R2T, which are taken in their order across the edge', async () => {
    const { sim, target } = await nearTheEnd();
    target.burst = 512;
    target.onWrite((connection, request) => {
      const length = request.bhs.readUInt32BE(20);
      const write = { request, length, buffer: Buffer.alloc(length), received: 0, r2tSn: LAST - 1 };
      connection.writes.set(request.itt, write);
      connection.continueWrite(write);
      return true;
    });
    const data = pattern(UNIT, 9, 4);
    const task = submitWrite(sim, 9, data);
    task.nextR2tSn = LAST - 1;
    await sim.run(100, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    expect(task.nextR2tSn).toBe(2);
    expect(target.written).toEqual([{ lba: 9, data }]);
  });

  it('are the tags of a slot of the task table, which skip the reserved one and tell old answers from new', async () => {
    const { sim } = await nearTheEnd();
    const { tasks } = sim.machine.core;
    const spare = new Task({ lunHigh: 0, lunLow: 0, cdb: new Uint8Array(6) }, () => undefined);
    // Each task of a slot moves its generation on by one; identity questions have used none yet.
    for (let i = 0; i < 0x7ffd; i += 1) {
      tasks.add(spare);
      tasks.remove(spare);
    }
    const seen: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const task = submitRead(sim, i, 1);
      seen.push(task.itt);
      await sim.run(100, () => task.state === 'done');
      expect(isRight(task, i)).toBe(true);
      expect(tasks.get(task.itt)).toBeUndefined();
    }
    expect(seen).toEqual([0x7ffd0000, 0x7ffe0000, 0, 0x10000]);
  });

  it('are the tags of requests that are no commands', () => {
    const tags = new ControlTags(0x7ffffffd);
    expect([tags.take(), tags.take(), tags.take()]).toEqual([LAST - 2, LAST - 1, 0x80000000]);
  });

  it('are followed by session and embedded target alike, at every error recovery level', async () => {
    for (const level of [0, 1, 2] as const) {
      const pair = new Pair({ level });
      const { core } = pair.sim.machine;
      core.window.restart(LAST - 1, LAST - 1, LAST - 1);
      expect(await pair.sim.login()).toBeUndefined();
      const connection = core.connections.get(0);
      const line = pair.lines[0];
      if (connection === undefined || line === undefined) throw new Error('There is no connection.');
      connection.expStatSn = LAST - 2;
      line.target.statSn = LAST - 2;
      for (let i = 0; i < 6; i += 1) {
        const dataIn = new Uint8Array(1536);
        const task = await pair.sim.execute({ cdb: read10(i, 3), dataIn, whole: true });
        expect(task.error).toBeUndefined();
        expect(Buffer.compare(dataIn, pair.bytes.subarray(i * 512, (i + 3) * 512))).toBe(0);
      }
      expect([core.window.cmdSn, connection.expStatSn, line.target.statSn]).toEqual([4, 3, 3]);
      pair.sim.machine.confirmStatus();
      await pair.sim.run(1);
      expect(line.target.retained).toEqual([]);
    }
  });
});

describe('the table of tasks', () => {
  it('takes no more than it has slots, and does not mind what is not in it', () => {
    const table = new TaskTable();
    const make = (): Task => new Task({ lunHigh: 0, lunLow: 0, cdb: new Uint8Array(6) }, () => undefined);
    const first = make();
    table.add(first);
    for (let i = 1; i < 0x8000; i += 1) table.add(make());
    expect(table.full).toBe(true);
    table.remove(make());
    expect(table.size).toBe(0x8000);
    table.remove(first);
    expect([table.full, table.size]).toEqual([false, 0x7fff]);
  });
});
