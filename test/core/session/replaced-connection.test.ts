import { describe, expect, it } from 'vitest';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import type { Request } from '../../hostile/peers/wire.ts';
import { isRight, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { opened, dataIns } from './recovery-levels.ts';

describe('error recovery level 2', () => {
  it('replaces a lost connection and has its tasks reassigned, from the first Data-In that is missing', async () => {
    const { sim, target } = await opened(2);
    let reading: Request | undefined;
    target.onRead((connection, request) => {
      reading = request;
      for (const pdu of dataIns(connection, request).slice(0, 2)) connection.raw(pdu);
      connection.reset();
      return true;
    });
    target.on(0x02, (connection, request) => {
      connection.send({ opcode: 0x22, itt: request.itt });
      if (reading === undefined) return true;
      for (const pdu of dataIns(connection, reading).slice(request.bhs.readUInt32BE(36))) connection.raw(pdu);
      connection.statSn += 1;
      return true;
    });
    const task = submitRead(sim, 20, 4);
    await sim.run(60_000, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    expect(sim.machine.core.generation).toBe(1);
    expect(sim.machine.core.state).toBe('full');
    const second = target.received.filter((each) => each.opcode === 0x03).at(-1);
    expect(second?.bhs.readUInt16BE(14)).toBe(7);
    expect(second?.bhs.readUInt16BE(20)).toBe(0);
    const tmf = target.received.find((each) => each.opcode === 0x02);
    expect(tmf?.bhs.subarray(0, 2).toString('hex')).toBe('4288');
    expect(tmf?.ttt).toBe(task.itt);
    expect(tmf?.bhs.readUInt32BE(36)).toBe(2);
  });

  it('has a write reassigned, and serves the R2Ts of the new connection', async () => {
    const { sim, target } = await opened(2);
    target.on(0x05, (connection) => {
      if (connection.index > 0) return false;
      connection.reset();
      return true;
    });
    const held: { request?: Request } = {};
    target.onWrite((_connection, request) => {
      held.request = request;
      return false;
    });
    target.on(0x02, (connection, request) => {
      connection.send({ opcode: 0x22, itt: request.itt });
      if (held.request === undefined) return true;
      const length = held.request.bhs.readUInt32BE(20);
      const write = { request: held.request, length, buffer: Buffer.alloc(length), received: 0, r2tSn: 5 };
      connection.writes.set(held.request.itt, write);
      connection.continueWrite(write);
      return true;
    });
    const data = pattern(UNIT, 40, 3);
    const task = submitWrite(sim, 40, data);
    await sim.run(60_000, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    expect(target.written).toEqual([{ lba: 40, data }]);
    expect(sim.machine.core.generation).toBe(1);
  });

  it('sends a command again that the target never took', async () => {
    const { sim, target } = await opened(2);
    target.onWrite((connection, request) => {
      if (connection.index > 0) return false;
      target.expCmdSn = request.cmdSn;
      connection.reset();
      return true;
    });
    const data = pattern(UNIT, 40, 1);
    const task = submitWrite(sim, 40, data);
    await sim.run(60_000, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    expect(target.received.filter((each) => each.opcode === 0x02)).toEqual([]);
    expect(target.written).toEqual([{ lba: 40, data }]);
  });

  it('sorts tasks out as at level 0 when the session is gone', async () => {
    const { sim, target } = await opened(2);
    target.on(0x03, (connection, request) => {
      if (request.bhs.readUInt16BE(14) === 0) return false;
      connection.login(request, { flags: 0, word36: 0x020a0000, byte2: 0 });
      return true;
    });
    target.onRead((connection) => {
      if (target.connections.length > 1) return false;
      connection.reset();
      return true;
    });
    const reading = submitRead(sim, 20, 4);
    const writing = submitWrite(sim, 40, pattern(UNIT, 40, 1));
    await sim.run(60_000, () => reading.state === 'done' && writing.state === 'done');
    expect(isRight(reading, 20)).toBe(true);
    expect(writing.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
    expect(sim.machine.core.generation).toBe(2);
  });

  it('ends a task the target no longer knows', async () => {
    const { sim, target } = await opened(2);
    target.onWrite((connection) => {
      connection.reset();
      return true;
    });
    target.on(0x02, (connection, request) => {
      connection.send({ opcode: 0x22, itt: request.itt, byte2: 1 });
      return true;
    });
    const task = submitWrite(sim, 40, pattern(UNIT, 40, 1));
    await sim.run(60_000, () => task.state === 'done');
    expect(task.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
    expect(sim.machine.core.state).toBe('full');
  });
});
