import { afterEach, describe, expect, it } from 'vitest';
import { describeLun, discover, identityOf, type Logger } from '../../../core/initiator/index.ts';
import { RawTarget, type RawConnection } from '../../hostile/peers/raw-target.ts';
import { checkCondition } from '../../hostile/peers/raw-unit.ts';
import type { Request } from '../../hostile/peers/wire.ts';
import { connectRaw, listenRaw, sendData } from './raw-peer.ts';
import { Cleanup } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const SCSI = 0x01;
const ILLEGAL_REQUEST = 5;
const INVALID_OPCODE = 0x20;
const INVALID_FIELD = 0x24;

/** A target that refuses the operation codes listed, and answers some itself. */
function peer(
  refused: readonly number[],
  answers: Readonly<Record<number, (request: Request) => Uint8Array>> = {},
): RawTarget {
  const target = new RawTarget();
  target.on(SCSI, (connection: RawConnection, request: Request) => {
    const opcode = request.cdb[0] ?? 0;
    const answer = answers[opcode];
    if (answer !== undefined) sendData(connection, request, answer(request));
    else if (refused.includes(opcode)) checkCondition(connection, request, ILLEGAL_REQUEST, INVALID_OPCODE);
    else return false;
    return true;
  });
  return target;
}

const capacity10 = (last: number): Buffer => {
  const out = Buffer.alloc(8);
  out.writeUInt32BE(last);
  out.writeUInt32BE(512, 4);
  return out;
};

describe('capacity', () => {
  it('is asked for in the short form where the long one is refused, or holds nothing', async () => {
    const refusing = await connectRaw(cleanup, peer([0x9e], { 0x25: () => capacity10(999) }));
    expect(await refusing.scsi.readCapacity(0)).toMatchObject({ blocks: 1000n, blockSize: 512, source: 10 });
    const facts = await describeLun(refusing, 0);
    expect(facts.capacity?.ok === true && facts.capacity.value.blocks).toBe(1000n);
    const empty = await connectRaw(cleanup, peer([], { 0x9e: () => Buffer.alloc(4), 0x25: () => capacity10(7) }));
    expect((await empty.scsi.readCapacity(0)).blocks).toBe(8n);
  });

  it('is not made up where neither form tells it', async () => {
    const session = await connectRaw(cleanup, peer([0x9e], { 0x25: () => capacity10(0xffffffff) }));
    await expect(session.scsi.readCapacity(0)).rejects.toThrow(/cannot name the last block/u);
    const facts = await describeLun(session, 0);
    expect(facts.capacity?.ok === false && facts.capacity.error.message).toMatch(/does not name the last block/u);
    await expect(session.disk(0)).rejects.toMatchObject({ code: 'SCSI_BAD_PAYLOAD' });
    const short = await connectRaw(cleanup, peer([0x9e], { 0x25: () => Buffer.alloc(3) }));
    await expect(short.scsi.readCapacity(0)).rejects.toThrow(/shorter than its 8 bytes/u);
    const other = peer([]);
    other.rules.unshift((connection, request) => {
      if (request.cdb[0] !== 0x9e) return false;
      checkCondition(connection, request, 2, 0x3a);
      return true;
    });
    await expect((await connectRaw(cleanup, other)).scsi.readCapacity(0)).rejects.toMatchObject({
      code: 'SCSI_CHECK_CONDITION',
    });
  });

  it('of nothing is no disk', async () => {
    const none = Buffer.alloc(32);
    const session = await connectRaw(cleanup, peer([], { 0x9e: () => none }));
    await expect(session.disk(0)).rejects.toThrow(/blocks of 0 bytes/u);
  });
});

describe('a unit', () => {
  it('that refuses pages, modes and names is opened all the same', async () => {
    const target = peer([0x5a, 0x1a, 0xa3, 0x5e, 0x4d]);
    target.rules.unshift((connection, request) => {
      const vpd = request.opcode === SCSI && request.cdb[0] === 0x12 && (request.cdb[1] ?? 0) === 1;
      if (vpd) checkCondition(connection, request, ILLEGAL_REQUEST, INVALID_FIELD);
      return vpd;
    });
    const session = await connectRaw(cleanup, target);
    const disk = await session.disk(0);
    expect(disk).toMatchObject({ writeProtected: false, blocks: 65536n });
    expect(disk.limits).toEqual({ maxTransferBlocks: 0, optimalTransferBlocks: 0, granularityBlocks: 0 });
    const facts = await describeLun(session, 0);
    expect([facts.inquiry.ok, facts.mode.ok, facts.commands.ok, facts.reservation.ok]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(facts.vpd).toHaveLength(1);
    expect(identityOf(facts)).toEqual({ serial: undefined, designators: [] });
  });

  it('that sends another page than was asked for is told so', async () => {
    const session = await connectRaw(
      cleanup,
      peer([], { 0x12: (request) => Buffer.from((request.cdb[1] ?? 0) === 0 ? [0, 0, 6, 2, 31] : [0, 0x80, 0, 0]) }),
    );
    const facts = await describeLun(session, 0);
    const [first] = facts.vpd;
    expect(first?.fact.ok === false && first.fact.error.message).toMatch(/page 0x0 was asked for; page 0x80 came/u);
    await expect(session.scsi.decoded.vpd(0, 0x83)).resolves.toMatchObject({ pageCode: 0x80 });
  });

  it('whose answers hold nothing is told so, by every query that needs something', async () => {
    const nothing = (): Uint8Array => new Uint8Array(0);
    const session = await connectRaw(cleanup, peer([], { 0x12: nothing, 0x4d: nothing, 0x03: nothing }));
    for (const asked of [session.scsi.decoded.vpd(0, 0), session.scsi.decoded.log(0, 0), session.scsi.requestSense(0)])
      await expect(asked).rejects.toMatchObject({ code: 'SCSI_BAD_PAYLOAD' });
  });

  it('is not there where its qualifier says so, and has no blocks where its type has none', async () => {
    const absent = await connectRaw(
      cleanup,
      peer([], { 0x12: () => Buffer.from([0x7f, 0, 6, 2, 31, ...Buffer.alloc(31)]) }),
    );
    await expect(absent.disk(0)).rejects.toThrow(/no unit at this LUN/u);
    const tape = await connectRaw(
      cleanup,
      peer([], { 0x12: () => Buffer.from([1, 0x80, 6, 2, 31, ...Buffer.alloc(31)]) }),
    );
    await expect(tape.disk(0)).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { deviceType: 1 } });
    expect((await describeLun(tape, 0)).capacity).toBeUndefined();
  });
});

describe('LUNs', () => {
  const list = (...luns: string[]): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(luns.length * 8);
    return Buffer.concat([head, ...luns.map((lun) => Buffer.from(lun, 'hex'))]);
  };

  it('are asked for at the well-known unit where there is no LUN 0', async () => {
    const target = new RawTarget();
    const asked: string[] = [];
    target.on(
      SCSI,
      (connection, request) => {
        const lun = request.bhs.subarray(8, 16).toString('hex');
        asked.push(lun);
        if (lun === '0000000000000000') checkCondition(connection, request, ILLEGAL_REQUEST, 0x25);
        else sendData(connection, request, list('0005000000000000', '412c000000000000'));
        return true;
      },
      0xa0,
    );
    const session = await connectRaw(cleanup, target);
    expect((await session.luns()).map((each) => each.number)).toEqual([5, 300]);
    expect(asked).toEqual(['0000000000000000', 'c101000000000000']);
  });

  it('of which there are more than fit are asked for again, with room for all', async () => {
    const many = list(...Array.from({ length: 2000 }, (_, i) => (0x4000 + i).toString(16).padEnd(16, '0')));
    const session = await connectRaw(cleanup, peer([], { 0xa0: () => many }));
    expect(await session.rescan()).toHaveLength(2000);
  });

  it('that are refused everywhere are an error, of LUN 0', async () => {
    const session = await connectRaw(cleanup, peer([0xa0]));
    await expect(session.luns()).rejects.toMatchObject({ code: 'SCSI_CHECK_CONDITION' });
  });
});

describe('task management', () => {
  it('sends each function, and says what the target answered', async () => {
    const target = new RawTarget();
    const functions: number[] = [];
    target.on(0x02, (connection, request) => {
      functions.push(request.flags & 0x7f);
      connection.send({ opcode: 0x22, itt: request.itt, byte2: functions.length === 3 ? 5 : 0 });
      return true;
    });
    const session = await connectRaw(cleanup, target);
    const { tasks } = session;
    expect(await tasks.abortTask(0, 0x7fff0000)).toMatchObject({ complete: true });
    expect(await tasks.abortTaskSet(0)).toMatchObject({ complete: true });
    expect(await tasks.clearAca(0)).toMatchObject({ response: 5, complete: false });
    for (const run of [
      () => tasks.clearTaskSet(0),
      () => tasks.lunReset(Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0)),
      () => tasks.targetWarmReset(),
      () => tasks.targetColdReset(),
      () => tasks.reassign(0, 0x7fff0000, { connection: 0, expDataSn: 1 }),
    ])
      expect((await run()).complete).toBe(true);
    expect(functions).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('ends what it concerns, and nothing else', async () => {
    const target = new RawTarget();
    target.on(SCSI, () => true);
    const session = await connectRaw(cleanup, target);
    const ended = (lun: number) =>
      session.raw.execute(lun, new Uint8Array(6)).then(
        () => 'done',
        (error: unknown) => error,
      );
    const [first, second, third] = [ended(0), ended(0), ended(1)];
    const [task] = session.machine.core.tasks.all();
    await session.tasks.abortTask(0, task?.itt ?? 0);
    expect(await first).toMatchObject({
      code: 'TASK_ABORTED',
      message: expect.stringMatching(/^ABORT TASK ended/u) as string,
    });
    await session.tasks.lunReset(0);
    expect(await second).toMatchObject({ code: 'TASK_ABORTED', retryable: true });
    expect(session.machine.core.tasks.size).toBe(1);
    await session.tasks.targetWarmReset();
    expect(await third).toMatchObject({ code: 'TASK_ABORTED' });
  });
});

describe('what listens to a session', () => {
  it('hears of every kind of event, in words for a log', async () => {
    const target = new RawTarget();
    const lines: string[] = [];
    const take = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
    const logger: Logger = { debug: take('debug'), info: take('info'), warn: take('warn') };
    const events: number[] = [];
    const session = await connectRaw(cleanup, target, { logger, onAsync: (event) => events.push(event.event) });
    const heard: string[] = [];
    session.on('async', (event) => heard.push(event.name));
    await session.protocol.ping();
    const over = new Promise<void>((resolve) => {
      session.on('state', (to) => {
        if (to === 'closed') resolve();
      });
    });
    const [connection] = target.connections;
    connection?.send({ opcode: 0x32, flags: 0x80, byte2: 0, word36: 0xff000000 });
    connection?.send({ opcode: 0x20, itt: 0x99 });
    await over;
    const said = lines.join('\n');
    expect(said).toMatch(/debug Connecting to/u);
    expect(said).toMatch(/info session: connecting to login/u);
    expect(said).toMatch(/info connection 0: logged in/u);
    expect(said).toMatch(/debug ping: \d/u);
    expect(said).toMatch(/warn asynchronous event 255/u);
    expect(said).toMatch(/info session: .*to closed: NOP-In/u);
    expect(events).toEqual([255]);
    expect(heard).toHaveLength(1);
  });

  it('may be several recorders at once, each with its own numbers', async () => {
    const target = new RawTarget();
    const seen: string[] = [];
    const tap = (name: string, first: number) => ({
      openConnection: () => first,
      recordPdu: (connection: number, fromInitiator: boolean) =>
        void seen.push(`${name} ${String(connection)} ${fromInitiator ? 'sent' : 'received'}`),
      recordLag: (_at: number, lagMs: number) => void seen.push(`${name} lag ${String(lagMs)}`),
      closeConnection: (connection: number) => void seen.push(`${name} closed ${String(connection)}`),
    });
    const session = await connectRaw(cleanup, target);
    const stops = [session.addTap(tap('a', 4)), session.addTap(tap('b', 9))];
    await session.scsi.testUnitReady(0);
    expect(seen.sort()).toEqual(['a 4 received', 'a 4 sent', 'b 9 received', 'b 9 sent']);
    for (const stop of stops) stop();
    await session.scsi.testUnitReady(0);
    expect(seen.filter((each) => / (?:sent|received)$/u.test(each))).toHaveLength(4);
  });
});

describe('a discovery', () => {
  it('is called off while its answer is awaited', async () => {
    const target = new RawTarget();
    const stop = new AbortController();
    target.on(0x04, () => {
      stop.abort();
      return true;
    });
    const port = await listenRaw(cleanup, target);
    await expect(discover({ host: '127.0.0.1', port }, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
