import { describe, expect, it } from 'vitest';
import { TMF_FUNCTIONS } from '../../../core/pdu/index.ts';
import { RawTarget, type RawOptions } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { cdb, isRight, rawSim, submitRead, submitWrite, write10 } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

async function opened(
  options: RawOptions = {},
  session: object = {},
): Promise<{ sim: SessionSim; target: RawTarget; sent: string[] }> {
  const target = new RawTarget(options);
  const sim = rawSim(target, session);
  expect(await sim.login()).toBeUndefined();
  target.received.length = 0;
  const sent: string[] = [];
  target.rules.push((_connection, request) => {
    sent.push(Buffer.concat([request.bhs, request.ahs]).toString('hex'));
    return false;
  });
  return { sim, target, sent };
}

/** Bytes of a header in RFC 7143's rows of four. */
function rows(...words: string[]): string {
  return words.join('').replaceAll(' ', '');
}

describe('what goes over the wire', () => {
  it('is a SCSI Command as RFC 7143 11.3 draws it', async () => {
    const { sim, sent } = await opened();
    submitRead(sim, 0x01020304, 2);
    await sim.run(1);
    expect(sent[0]).toBe(
      rows('01 c1 00 00', '00 000000', '00000000 00000000', '00000000', '00000400', '00000001', '00000003').concat(
        '28 00 01 02 03 04 00 00 02 00 00 00 00 00 00 00'.replaceAll(' ', ''),
      ),
    );
  });

  it('names LUN and attribute, and carries a long CDB in an additional header', async () => {
    const { sim, sent } = await opened();
    const long = Uint8Array.from({ length: 20 }, (_, i) => 0x7f - i);
    sim.submit({ lunHigh: 0x412c0000, lunLow: 0, cdb: long, attribute: 2 });
    await sim.run(1);
    expect(sent[0]?.slice(0, 32)).toBe(rows('01 82 00 00', '02 000000', '412c0000 00000000'));
    expect(sent[0]?.slice(96)).toBe(rows('0005 01 00', '6f6e6d6c'));
  });

  it.each([
    ['00 00 00 00 00 00', '00', '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00', ''],
    ['a5', '00', 'a5 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00', ''],
    [
      '7f 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10',
      '02',
      '7f 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f',
      '0002 01 00 10 00 00 00',
    ],
  ])('is zero where a CDB of %s leaves room, whatever lay there before', async (hex, ahsWords, field, ahs) => {
    const { sim, sent } = await opened();
    sim.machine.core.connections.get(0)?.tx.buffer.fill(0xff);
    sim.submit({ cdb: cdb(hex) });
    await sim.run(1);
    expect(sent[0]).toBe(
      rows('01 81 00 00', ahsWords, '000000', '00000000 00000000', '00000000', '00000000', '00000001', '00000003')
        .concat(rows(field))
        .concat(rows(ahs)),
    );
  });

  it('names both lengths of a bidirectional command', async () => {
    const { sim, sent } = await opened({}, { offers: { ...SIM_OPTIONS.offers } });
    sim.submit({
      cdb: cdb('53 00 00 00 00 00 00 00 01 00'),
      dataIn: new Uint8Array(512),
      dataOut: new Uint8Array(256),
    });
    await sim.run(1);
    expect(sent[0]?.slice(0, 16)).toBe(rows('01 e1 00 00', '02 000000'));
    expect(sent[0]?.slice(40, 48)).toBe('00000100');
    expect(sent[0]?.slice(96)).toBe(rows('0005 02 00', '00000200'));
  });

  it('is Data-Out with the tag, numbers and offsets asked for (11.7)', async () => {
    const { sim, target, sent } = await opened();
    target.burst = 512;
    const data = pattern(UNIT, 3, 2);
    const task = submitWrite(sim, 3, data);
    await sim.run(100, () => task.state === 'done');
    expect(sent.slice(1)).toEqual([
      rows(
        '05 80 00 00',
        '00 000200',
        '00000000 00000000',
        '00000000',
        '00000100',
        '00000000',
        '00000003',
        '00000000',
      ).concat(rows('00000000', '00000000', '00000000')),
      rows(
        '05 80 00 00',
        '00 000200',
        '00000000 00000000',
        '00000000',
        '00000101',
        '00000000',
        '00000003',
        '00000000',
      ).concat(rows('00000000', '00000200', '00000000')),
    ]);
    expect(target.written).toEqual([{ lba: 3, data }]);
  });

  it.each([
    ['abortTask', TMF_FUNCTIONS.abortTask, '81'],
    ['abortTaskSet', TMF_FUNCTIONS.abortTaskSet, '82'],
    ['clearAca', TMF_FUNCTIONS.clearAca, '83'],
    ['clearTaskSet', TMF_FUNCTIONS.clearTaskSet, '84'],
    ['logicalUnitReset', TMF_FUNCTIONS.logicalUnitReset, '85'],
    ['targetWarmReset', TMF_FUNCTIONS.targetWarmReset, '86'],
    ['targetColdReset', TMF_FUNCTIONS.targetColdReset, '87'],
    ['taskReassign', TMF_FUNCTIONS.taskReassign, '88'],
  ])('is a Task Management Request: %s (11.5)', async (_name, tmf, flags) => {
    const { sim, sent } = await opened();
    const answers: unknown[] = [];
    sim.machine.manageTasks(
      { function: tmf, lun: 0x0001_0000_0000_0000n, referencedTaskTag: 0x1234, refCmdSn: 9, expDataSn: 4 },
      (response) => answers.push(response),
    );
    await sim.run(1);
    expect(sent[0]).toBe(
      rows(
        `42 ${flags} 00 00`,
        '00 000000',
        '00010000 00000000',
        '80000000',
        '00001234',
        '00000001',
        '00000003',
      ).concat(rows('00000009', '00000004', '00000000', '00000000')),
    );
    expect(answers).toEqual([0]);
  });

  it('is a NOP-Out that comes back, and one that only confirms (11.18)', async () => {
    const { sim, sent } = await opened();
    const trips: unknown[] = [];
    sim.machine.ping(Uint8Array.of(1, 2, 3), 1000, (ms, error) => trips.push(ms, error));
    await sim.run(1);
    sim.machine.confirmStatus();
    await sim.run(1);
    expect(trips).toEqual([0, undefined]);
    const tail = '00000000'.repeat(4);
    expect(sent).toEqual([
      rows('40 80 00 00', '00 000003', '00000000 00000000', '80000000', 'ffffffff', '00000001', '00000003', tail),
      rows('40 80 00 00', '00 000000', '00000000 00000000', 'ffffffff', 'ffffffff', '00000001', '00000004', tail),
    ]);
  });

  it('answers a ping with its tag and LUN, and no data (11.18)', async () => {
    const { sim, target, sent } = await opened();
    target.connections[0]?.send({ opcode: 0x20, lun: Buffer.from('0002000000000000', 'hex'), ttt: 0x77 }, false);
    await sim.run(1);
    expect(sent[0]?.slice(0, 64)).toBe(
      rows('40 80 00 00', '00 000000', '00020000 00000000', 'ffffffff', '00000077', '00000001', '00000003'),
    );
  });

  it('is a Logout Request with its reason and connection (11.14)', async () => {
    const { sim, sent } = await opened();
    sim.machine.logout(1000, () => undefined);
    await sim.run(1);
    expect(sent[0]?.slice(0, 64)).toBe(
      rows('46 80 00 00', '00 000000', '00000000 00000000', '80000000', '0000 0000', '00000001', '00000003'),
    );
    expect(sim.machine.core.state).toBe('closed');
  });

  it('is a Text Request, and empty ones with the tag for what goes on (11.10)', async () => {
    const { sim, target, sent } = await opened();
    let round = 0;
    target.rules.unshift((connection, request) => {
      if (request.opcode !== 0x04) return false;
      sent.push(request.bhs.toString('hex'));
      round += 1;
      const data = Buffer.from(round < 3 ? 'X-a=1\0' : 'X-b=2\0');
      connection.send({
        opcode: 0x24,
        flags: round < 3 ? 0x40 : 0x80,
        itt: request.itt,
        ttt: round < 3 ? 0x55 : 0xffffffff,
        data,
      });
      return true;
    });
    const answers: unknown[] = [];
    sim.machine.text([{ key: 'X-org.test', value: 'q' }], 1000, (pairs) => answers.push(pairs));
    await sim.run(10, () => answers.length > 0);
    expect(sent.map((hex) => [hex.slice(0, 4), hex.slice(10, 16), hex.slice(40, 48)])).toEqual([
      ['4480', '00000d', 'ffffffff'],
      ['4480', '000000', '00000055'],
      ['4480', '000000', '00000055'],
    ]);
    expect(answers).toEqual([
      [
        { key: 'X-a', value: '1' },
        { key: 'X-a', value: '1' },
        { key: 'X-b', value: '2' },
      ],
    ]);
  });
});

describe('the data of a write', () => {
  const sizes = [512, 4096, 8192, 8704, 65536, 66048, 200_704];
  const combinations = [true, false].flatMap((initialR2T) =>
    [true, false].flatMap((immediateData) => sizes.map((size) => [initialR2T, immediateData, size] as const)),
  );
  it.each(combinations)(
    'arrives with InitialR2T=%s, ImmediateData=%s and %i bytes',
    async (initialR2T, immediateData, size) => {
      const offers = {
        ...SIM_OPTIONS.offers,
        initialR2T,
        immediateData,
        firstBurstLength: 16384,
        maxBurstLength: 65536,
      };
      const target = new RawTarget({
        keys: { InitialR2T: initialR2T ? 'Yes' : 'No', ImmediateData: immediateData ? 'Yes' : 'No' },
      });
      const sim = rawSim(target, { offers });
      expect(await sim.login()).toBeUndefined();
      const data = pattern(UNIT, 7, size / 512);
      const task = submitWrite(sim, 7, data);
      await sim.run(1000, () => task.state === 'done');
      expect(task.error).toBeUndefined();
      expect(target.written).toEqual([{ lba: 7, data }]);
      const command = target.received.find((each) => each.opcode === 0x01);
      const immediate = immediateData ? Math.min(size, 8192) : 0;
      expect(command?.data.length).toBe(immediate);
      const unsolicited = target.dataOut.filter((each) => each.ttt === 0xffffffff);
      const unasked = unsolicited.reduce((sum, each) => sum + each.data.length, 0);
      expect(unasked).toBe(initialR2T ? 0 : Math.max(0, Math.min(size, 16384) - immediate));
      expect((command?.flags ?? 0) & 0x80).toBe(unasked > 0 ? 0 : 0x80);
      for (const each of target.dataOut) expect(each.data.length).toBeLessThanOrEqual(8192);
      const bursts = new Map<number, { sn: number; final: number }>();
      for (const each of target.dataOut) {
        const burst = bursts.get(each.ttt) ?? { sn: 0, final: 0 };
        expect(each.bhs.readUInt32BE(36)).toBe(burst.sn);
        expect(burst.final).toBe(0);
        bursts.set(each.ttt, { sn: burst.sn + 1, final: each.flags & 0x80 });
      }
      for (const burst of bursts.values()) expect(burst.final).toBe(0x80);
    },
  );
});

describe('the command window', () => {
  it('holds commands back until it opens, in order', async () => {
    const { sim, target } = await opened({ window: 2 });
    const order: number[] = [];
    target.rules.unshift((_connection, request) => {
      if (request.opcode === 0x01) order.push(request.cdb.readUInt32BE(2));
      return false;
    });
    const tasks = Array.from({ length: 20 }, (_, i) => submitRead(sim, i, 1));
    expect(sim.machine.core.tasks.size).toBe(2);
    await sim.run(1000, () => tasks.every((task) => task.state === 'done'));
    expect(order).toEqual(tasks.map((_, i) => i));
    expect(tasks.every((task, i) => isRight(task, i))).toBe(true);
  });

  it('goes through the end of the numbers', async () => {
    const { sim, target } = await opened({ window: 4 });
    const { core } = sim.machine;
    core.window.restart(0xfffffffe, 0xfffffffe, 0x00000001);
    target.expCmdSn = 0xfffffffe;
    const connection = core.connections.get(0);
    if (connection !== undefined) connection.expStatSn = 0xfffffffd;
    const [peer] = target.connections;
    if (peer !== undefined) peer.statSn = 0xfffffffd;
    const tasks = Array.from({ length: 12 }, (_, i) => submitRead(sim, i, 1));
    await sim.run(1000, () => tasks.every((task) => task.state === 'done'));
    expect(tasks.every((task, i) => isRight(task, i))).toBe(true);
    expect(target.cmdSns.slice(-12)).toEqual([0xfffffffe, 0xffffffff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('ends a command that waits too long, without a word to the target', async () => {
    const { sim, target } = await opened({ window: 1 }, { commandTimeoutMs: 1000, keepaliveIntervalMs: 0 });
    target.rules.unshift((_connection, request) => request.opcode === 0x01);
    submitRead(sim, 0, 1, 512);
    const waiting = submitWrite(sim, 1, new Uint8Array(512));
    await sim.run(1500);
    expect(waiting.error).toMatchObject({ code: 'TIMEOUT_COMMAND', retryable: true });
    expect(target.received.filter((each) => each.opcode === 0x02 && each.ttt !== 0)).toHaveLength(0);
  });

  it('takes no more commands than may wait', async () => {
    const { sim } = await opened({ window: 1 }, { queueLimit: 2 });
    const tasks = Array.from({ length: 5 }, (_, i) => submitRead(sim, i, 1));
    expect(tasks.map((task) => task.error?.code)).toEqual([
      undefined,
      undefined,
      undefined,
      'LIMIT_REACHED',
      'LIMIT_REACHED',
    ]);
  });

  it('refuses tasks that cannot be', async () => {
    const { sim } = await opened();
    expect(sim.submit({ cdb: new Uint8Array(0) }).error?.code).toBe('BAD_ARGUMENT');
    expect(sim.submit({ cdb: new Uint8Array(261) }).error?.code).toBe('BAD_ARGUMENT');
    expect(sim.submit({ cdb: write10(0, 1), expectedIn: 2 ** 32, consumer: { push: () => true } }).error?.code).toBe(
      'OUT_OF_RANGE',
    );
  });
});
