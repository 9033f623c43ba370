import { describe, expect, it } from 'vitest';
import { encode } from '../../hostile/peers/wire.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import type { Request } from '../../hostile/peers/wire.ts';
import { isRight, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { opened, dataIns } from './recovery-levels.ts';

const SNACK = 0x10;

function snackOf(request: Request | undefined): object {
  return {
    type: (request?.flags ?? 0) & 0x0f,
    itt: request?.itt,
    ttt: request?.ttt,
    begRun: request?.bhs.readUInt32BE(40),
    runLength: request?.bhs.readUInt32BE(44),
  };
}

describe('error recovery level 1', () => {
  it('asks for Data-In that was lost, and drops what comes out of its turn', async () => {
    const { sim, target } = await opened(1);
    let pdus: Buffer[] = [];
    target.onRead((connection, request) => {
      pdus = dataIns(connection, request);
      pdus.forEach((pdu, i) => i !== 1 && connection.raw(pdu));
      return true;
    });
    target.on(SNACK, (connection) => {
      for (const pdu of pdus.slice(1)) connection.raw(pdu);
      connection.statSn += 1;
      return true;
    });
    const task = submitRead(sim, 20, 4);
    await sim.run(1000, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    const snacks = target.received.filter((each) => each.opcode === SNACK);
    expect(snacks.map(snackOf)).toEqual([{ type: 0, itt: task.itt, ttt: 0xffffffff, begRun: 1, runLength: 0 }]);
    expect(snacks[0]?.bhs.subarray(0, 2).toString('hex')).toBe('1080');
  });

  it('takes repeats for what they are', async () => {
    const { sim, target } = await opened(1);
    target.onRead((connection, request) => {
      const pdus = dataIns(connection, request);
      for (const pdu of pdus.slice(0, 3)) connection.raw(pdu);
      for (const pdu of pdus) connection.raw(pdu);
      for (const pdu of pdus) connection.raw(pdu);
      connection.statSn += 1;
      return true;
    });
    const task = submitRead(sim, 20, 4);
    await sim.run(1000, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    const next = sim.submit({ cdb: new Uint8Array(6) });
    await sim.run(1000, () => next.state === 'done');
    expect(next.error).toBeUndefined();
    expect(sim.machine.core.generation).toBe(1);
  });

  it.each([0, 2, 3])('asks again for Data-In %i, whose digest was wrong', async (bad) => {
    const { sim, target } = await opened(1, true);
    let pdus: Buffer[] = [];
    target.onRead((connection, request) => {
      pdus = dataIns(connection, request);
      const damaged = Buffer.from(pdus[bad] ?? []);
      damaged[60] = (damaged[60] ?? 0) ^ 0xff;
      pdus.forEach((pdu, i) => {
        connection.raw(i === bad ? damaged : pdu);
      });
      return true;
    });
    target.on(SNACK, (connection, request) => {
      for (const pdu of pdus.slice(request.bhs.readUInt32BE(40))) connection.raw(pdu);
      connection.statSn += 1;
      return true;
    });
    const task = submitRead(sim, 20, 4);
    await sim.run(1000, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    expect(target.received.filter((each) => each.opcode === SNACK).map(snackOf)).toEqual([
      { type: 0, itt: task.itt, ttt: 0xffffffff, begRun: bad, runLength: 0 },
    ]);
    expect(sim.machine.core.generation).toBe(1);
  });

  it('asks for a status that was lost, which a later one shows', async () => {
    const { sim, target } = await opened(1);
    const held: Buffer[] = [];
    target.on(
      0x01,
      (connection, request) => {
        const bytes = encode({
          opcode: 0x21,
          itt: request.itt,
          statSn: connection.statSn,
          expCmdSn: target.expCmdSn,
          maxCmdSn: target.expCmdSn + 31,
        });
        connection.statSn += 1;
        held.push(bytes);
        if (held.length > 1) connection.raw(bytes);
        return true;
      },
      0x00,
    );
    target.on(SNACK, (connection) => {
      for (const bytes of held) connection.raw(bytes);
      return true;
    });
    const tasks = [0, 1, 2].map(() => sim.submit({ cdb: new Uint8Array(6) }));
    await sim.run(1000, () => tasks.every((task) => task.state === 'done'));
    expect(tasks.map((task) => task.status)).toEqual([0, 0, 0]);
    const statSn = held[0]?.readUInt32BE(24);
    expect(target.received.filter((each) => each.opcode === SNACK).map(snackOf)).toEqual([
      { type: 1, itt: 0xffffffff, ttt: 0xffffffff, begRun: statSn, runLength: 0 },
    ]);
  });

  it('asks for a lost status once a ping shows that there was one', async () => {
    const { sim, target } = await opened(1);
    let lost: Buffer | undefined;
    target.on(
      0x01,
      (connection, request) => {
        const numbers = { statSn: connection.statSn, expCmdSn: target.expCmdSn, maxCmdSn: target.expCmdSn + 31 };
        lost = encode({ opcode: 0x21, itt: request.itt, ...numbers });
        connection.statSn += 1;
        return true;
      },
      0x00,
    );
    target.on(SNACK, (connection) => {
      if (lost !== undefined) connection.raw(lost);
      return true;
    });
    const task = sim.submit({ cdb: new Uint8Array(6) });
    const from = sim.clock;
    await sim.run(20_000, () => task.state === 'done');
    expect(task.status).toBe(0);
    expect(sim.clock - from).toBeGreaterThanOrEqual(2000);
    expect(sim.clock - from).toBeLessThan(3000);
  });

  it('asks for the end of a transfer that its status shows was lost, and takes the status only then', async () => {
    const { sim, target } = await opened(1);
    let pdus: Buffer[] = [];
    let status: Buffer = Buffer.alloc(0);
    target.onRead((connection, request) => {
      pdus = dataIns(connection, request).map((pdu) => {
        pdu[1] = (pdu[1] ?? 0) & 0x80;
        pdu.writeUInt32BE(0, 24);
        return pdu;
      });
      const numbers = { statSn: connection.statSn, expCmdSn: target.expCmdSn, maxCmdSn: target.expCmdSn + 31 };
      status = encode({ opcode: 0x21, itt: request.itt, ...numbers, word36: 4 });
      for (const pdu of pdus.slice(0, 2)) connection.raw(pdu);
      connection.raw(status);
      return true;
    });
    target.on(SNACK, (connection, request) => {
      if ((request.flags & 0x0f) === 0) for (const pdu of pdus.slice(request.bhs.readUInt32BE(40))) connection.raw(pdu);
      else {
        connection.raw(status);
        connection.statSn += 1;
      }
      return true;
    });
    const task = submitRead(sim, 20, 4);
    await sim.run(1000, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    expect(target.received.filter((each) => each.opcode === SNACK).map((each) => each.flags & 0x0f)).toEqual([0, 1]);
  });

  it('acknowledges data where the A bit asks for it', async () => {
    const { sim, target } = await opened(1);
    target.onRead((connection, request) => {
      const pdus = dataIns(connection, request);
      const asking = pdus[1] ?? Buffer.alloc(0);
      asking[1] = 0xc0;
      asking.writeUInt32BE(0x00010000, 8);
      asking.writeUInt32BE(0x77, 20);
      for (const pdu of pdus) connection.raw(pdu);
      connection.statSn += 1;
      return true;
    });
    const task = submitRead(sim, 20, 4);
    await sim.run(1000, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    const [snack] = target.received.filter((each) => each.opcode === SNACK);
    expect(snackOf(snack)).toEqual({ type: 2, itt: 0xffffffff, ttt: 0x77, begRun: 2, runLength: 0 });
    expect(snack?.bhs.readUInt32BE(8)).toBe(0x00010000);
  });

  it('asks for an R2T that was lost', async () => {
    const { sim, target } = await opened(1);
    target.burst = 512;
    let dropped: Buffer | undefined;
    target.on(0x05, (connection, request) => {
      const write = connection.writes.get(request.itt);
      if (write === undefined || dropped !== undefined) return false;
      // The data is taken, two R2Ts are due, and the first of them goes missing.
      request.data.copy(write.buffer, request.bhs.readUInt32BE(40));
      write.received += request.data.length;
      const { expCmdSn } = target;
      const r2t = (sn: number): Buffer =>
        encode({
          opcode: 0x31,
          itt: request.itt,
          ttt: 0x100 + sn,
          statSn: connection.statSn,
          expCmdSn,
          maxCmdSn: expCmdSn + 31,
          word36: sn,
          word40: sn * 512,
          word44: 512,
        });
      dropped = r2t(1);
      connection.raw(r2t(2));
      write.r2tSn = 3;
      return true;
    });
    target.on(SNACK, (connection) => {
      if (dropped !== undefined) connection.raw(dropped);
      return true;
    });
    const data = pattern(UNIT, 40, 2);
    const task = submitWrite(sim, 40, data);
    await sim.run(1000, () => target.received.some((each) => each.opcode === SNACK));
    expect(snackOf(target.received.find((each) => each.opcode === SNACK))).toEqual({
      type: 0,
      itt: task.itt,
      ttt: 0xffffffff,
      begRun: 1,
      runLength: 0,
    });
    await sim.run(1000, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    expect(target.written).toEqual([{ lba: 40, data }]);
  });

  it('sends data again that the target asks for again', async () => {
    const { sim, target } = await opened(1);
    let asked = false;
    target.on(0x05, (connection, request) => {
      const write = connection.writes.get(request.itt);
      if (write === undefined || asked) return false;
      asked = true;
      connection.send({ opcode: 0x3f, byte2: 0x02, data: request.bhs });
      connection.send({ opcode: 0x31, itt: request.itt, ttt: 0x999, word36: 1, word40: 512, word44: 512 }, false);
      write.received = 1024;
      return true;
    });
    const data = pattern(UNIT, 40, 3);
    const task = submitWrite(sim, 40, data);
    await sim.run(1000, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    expect(target.dataOut.map((each) => [each.ttt, each.bhs.readUInt32BE(40), each.data.length])).toEqual([
      [0x999, 512, 512],
    ]);
  });

  it('sends a command again whose data was damaged, under its number and tag', async () => {
    const { sim, target } = await opened(1);
    let rejected = false;
    target.onWrite((connection, request) => {
      if (rejected) return false;
      rejected = true;
      target.expCmdSn = request.cmdSn;
      connection.send({ opcode: 0x3f, byte2: 0x02, data: request.bhs });
      return true;
    });
    const data = pattern(UNIT, 40, 1);
    const task = submitWrite(sim, 40, data);
    await sim.run(1000, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    const sent = target.received.filter((each) => each.opcode === 0x01 && each.cdb[0] === 0x2a);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.cmdSn).toBe(sent[1]?.cmdSn);
    expect(sent[0]?.itt).toBe(sent[1]?.itt);
  });

  it('gives a target up that sends nothing again', async () => {
    const { sim, target } = await opened(1);
    target.onRead((connection, request) => {
      if (target.logins > 1) return false;
      dataIns(connection, request).forEach((pdu, i) => i !== 1 && connection.raw(pdu));
      return true;
    });
    target.on(SNACK, () => true);
    const task = submitRead(sim, 20, 4);
    await sim.run(60_000, () => task.state === 'done');
    expect(task.error).toBeUndefined();
    expect(isRight(task, 20)).toBe(true);
    expect(sim.machine.core.generation).toBe(2);
    expect(target.received.filter((each) => each.opcode === SNACK)).toHaveLength(4);
  });

  it('starts a session anew when a SNACK is rejected', async () => {
    const { sim, target } = await opened(1);
    target.onRead((connection, request) => {
      if (target.logins > 1) return false;
      dataIns(connection, request).forEach((pdu, i) => i !== 1 && connection.raw(pdu));
      return true;
    });
    target.on(SNACK, (connection, request) => {
      connection.send({ opcode: 0x3f, byte2: 0x03, data: request.bhs });
      return true;
    });
    const task = submitRead(sim, 20, 4);
    await sim.run(60_000, () => task.state === 'done');
    expect(isRight(task, 20)).toBe(true);
    expect(sim.machine.core.generation).toBe(2);
  });
});
