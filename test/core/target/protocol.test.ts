import { describe, expect, it } from 'vitest';
import { keyText, rawPdu } from '../../support/raw-pdu.ts';
import { makeServer, RawInitiator, senseOf, settle, TARGET_NAME } from './raw-initiator.ts';
import { setUp, heldStore, TUR } from './served-disk.ts';

describe('the command window', () => {
  it('takes commands in order and leaves those outside it unanswered', () => {
    const { initiator } = setUp({}, { limits: { window: 4 } });
    expect(initiator.command(TUR, { cmdSn: 5 })).toEqual([]);
    expect(initiator.command(TUR, { cmdSn: 0 })).toEqual([]);
    const [pdu] = initiator.command(TUR, { cmdSn: 1 });
    expect(pdu?.words.slice(2, 4)).toEqual([2, 5]);
  });

  it('keeps an early command until its turn', () => {
    const { initiator } = setUp();
    expect(initiator.command(TUR, { cmdSn: 2, itt: 20 })).toEqual([]);
    expect(initiator.command(TUR, { cmdSn: 1, itt: 10 }).map(({ itt }) => itt)).toEqual([10, 20]);
  });

  it('closes while commands are outstanding, and opens as they end', async () => {
    const { store, release } = heldStore();
    const { initiator } = setUp({}, { limits: { window: 2 } }, store);
    initiator.read(0, 1);
    initiator.read(1, 1);
    const [nop] = initiator.pdu({ opcode: 0x00, immediate: true, itt: 99, words: [0xffffffff, 3, 0] });
    expect(nop?.words.slice(2, 4)).toEqual([3, 2]);
    expect(initiator.command(TUR, { cmdSn: 3 })).toEqual([]);
    release();
    await settle();
    expect(initiator.seen.at(-1)?.words.slice(2, 4)).toEqual([3, 4]);
  });

  it('does not count immediate commands, and rejects too many of them', () => {
    const { store } = heldStore();
    const { initiator } = setUp({}, { limits: { immediateCommands: 1 } }, store);
    expect(initiator.read(0, 1, { immediate: true })).toEqual([]);
    expect(initiator.read(0, 1, { immediate: true })).toMatchObject([{ opcode: 0x3f, byte2: 0x06 }]);
  });
});

describe('a PDU that has begun', () => {
  const ping = rawPdu({ opcode: 0x00, immediate: true, itt: 7, words: [0xffffffff, 1, 0] });
  const cut = [...ping.subarray(20), ...ping.subarray(0, 20)];

  it('must be whole in time', () => {
    const { initiator, server } = setUp({}, { limits: { partialPduMs: 1000 } });
    server.timeout(100);
    initiator.raw(ping.subarray(0, 20));
    server.timeout(600);
    initiator.raw(ping.subarray(20, 21));
    server.timeout(1099);
    expect(initiator.closed).toBe(false);
    server.timeout(1100);
    expect(initiator.closed).toBe(true);
  });

  it('has its own time, though the stream never rests between two', () => {
    const { initiator, server } = setUp({}, { limits: { partialPduMs: 1000 } });
    server.timeout(100);
    initiator.raw(ping.subarray(0, 20));
    for (let now = 600; now <= 6000; now += 600) {
      server.timeout(now);
      expect(initiator.raw(Uint8Array.from(cut))).toHaveLength(1);
    }
    expect(initiator.closed).toBe(false);
  });
});

describe('NOP', () => {
  it('echoes a ping with its data', () => {
    const { initiator } = setUp();
    const data = Uint8Array.of(1, 2, 3, 4, 5);
    const [pdu] = initiator.pdu({ opcode: 0x00, immediate: true, itt: 7, words: [0xffffffff, 1, 0], data });
    expect(pdu).toMatchObject({ opcode: 0x20, flags: 0x80, itt: 7, data });
    expect(pdu?.words[0]).toBe(0xffffffff);
  });

  it('says nothing to a mere confirmation', () => {
    const { initiator } = setUp();
    expect(initiator.pdu({ opcode: 0x00, immediate: true, itt: 0xffffffff, words: [0xffffffff, 1, 0] })).toEqual([]);
  });

  it('is sent to a silent initiator, whose silence then ends the connection', () => {
    const { initiator, server } = setUp({}, { keepAlive: { intervalMs: 1000, timeoutMs: 500 } });
    server.timeout(1000);
    const ping = initiator.seen.at(-1);
    expect(ping).toMatchObject({ opcode: 0x20, itt: 0xffffffff });
    initiator.pdu({ opcode: 0x00, immediate: true, itt: 0xffffffff, words: [ping?.words[0] ?? 0, 1, 0] });
    server.timeout(1600);
    expect(initiator.closed).toBe(false);
    server.timeout(2000);
    server.timeout(2500);
    expect(initiator.closed).toBe(true);
  });
});

describe('discovery', () => {
  it('lists targets with their portals over as many PDUs as it takes', () => {
    const server = makeServer(Array.from({ length: 20 }, (_, i) => ({ name: `${TARGET_NAME}${String(i)}` })));
    const initiator = new RawInitiator(server).loggedIn({ SessionType: 'Discovery', MaxRecvDataSegmentLength: '512' });
    let text = '';
    let [answer] = initiator.pdu({
      opcode: 0x04,
      itt: 5,
      words: [0xffffffff, 1, 0],
      data: keyText({ SendTargets: 'All' }),
    });
    for (let round = 0; round < 20; round += 1) {
      text += new TextDecoder().decode(answer?.data);
      if (((answer?.flags ?? 0) & 0x80) !== 0) break;
      expect(answer?.flags).toBe(0x40);
      [answer] = initiator.pdu({ opcode: 0x04, immediate: true, itt: 5, words: [answer?.words[0] ?? 0, 2, 0] });
    }
    const keys = text.split('\0').filter((line) => line !== '');
    expect(keys).toHaveLength(40);
    expect(keys.slice(0, 2)).toEqual([`TargetName=${TARGET_NAME}0`, 'TargetAddress=127.0.0.1:3260,1']);
  });

  it('takes no SCSI commands', () => {
    const initiator = new RawInitiator(makeServer([{}])).loggedIn({ SessionType: 'Discovery' });
    expect(initiator.command(TUR)).toMatchObject([{ opcode: 0x3f, byte2: 0x04 }]);
  });

  it('hides targets from initiators they do not know', () => {
    const server = makeServer([{ initiators: ['iqn.2026-01.org.lunascope.test:other'] }]);
    const initiator = new RawInitiator(server).loggedIn({ SessionType: 'Discovery' });
    const [answer] = initiator.pdu({
      opcode: 0x04,
      itt: 5,
      words: [0xffffffff, 1, 0],
      data: keyText({ SendTargets: 'All' }),
    });
    expect(answer?.data.length).toBe(0);
    expect(new RawInitiator(server).login().at(-1)?.words[4]).toBe(0x02020000);
  });

  it('answers keys it has no use for', () => {
    const { initiator } = setUp();
    const [answer] = initiator.pdu({
      opcode: 0x04,
      itt: 5,
      words: [0xffffffff, 1, 0],
      data: keyText({ 'X-org.example': '1', HeaderDigest: 'None' }),
    });
    expect(new TextDecoder().decode(answer?.data)).toBe('X-org.example=NotUnderstood\0HeaderDigest=Reject\0');
  });
});

describe('task management', () => {
  it('ends a task without an answer of its own', async () => {
    const { store, release } = heldStore();
    const { initiator } = setUp({}, {}, store);
    initiator.read(0, 1);
    const task = initiator.itt;
    expect(initiator.manage(1, { referenced: task })).toMatchObject([{ opcode: 0x22, byte2: 0 }]);
    release();
    await settle();
    expect(initiator.seen.some(({ opcode, itt }) => opcode === 0x25 && itt === task)).toBe(false);
  });

  it('ends a command before its turn, whose number then counts as taken', () => {
    const { initiator } = setUp();
    expect(initiator.command(TUR, { cmdSn: 2, itt: 20 })).toEqual([]);
    initiator.cmdSn = 3;
    expect(initiator.manage(1, { referenced: 21, refCmdSn: 2 })[0]?.byte2).toBe(1);
    expect(initiator.manage(1, { referenced: 20, refCmdSn: 2 })[0]?.byte2).toBe(0);
    expect(initiator.command(TUR, { cmdSn: 1, itt: 10 }).map(({ itt }) => itt)).toEqual([10]);
    expect(initiator.command(TUR, { cmdSn: 3, itt: 30 }).map(({ itt }) => itt)).toEqual([30]);
  });

  it('ends a command that got lost, and drops it should it come after all', () => {
    const { initiator } = setUp();
    initiator.cmdSn = 2;
    expect(initiator.manage(1, { referenced: 10, refCmdSn: 2 })[0]?.byte2).toBe(1);
    expect(initiator.manage(1, { referenced: 10, refCmdSn: 1 })[0]?.byte2).toBe(0);
    expect(initiator.command(TUR, { cmdSn: 1, itt: 10 })).toEqual([]);
    expect(initiator.command(TUR, { cmdSn: 2, itt: 20 }).map(({ itt }) => itt)).toEqual([20]);
  });

  it('waits for a write that is on its way to the store', async () => {
    const { store, release } = heldStore();
    const { initiator } = setUp({}, {}, store);
    initiator.write(0, 1, { data: new Uint8Array(512) });
    const task = initiator.itt;
    expect(initiator.manage(1, { referenced: task })).toEqual([]);
    release();
    await settle();
    expect(initiator.seen.at(-1)).toMatchObject({ opcode: 0x22, byte2: 0 });
    expect(initiator.seen.some(({ itt }) => itt === task)).toBe(false);
  });

  it('knows which tasks and LUNs there are not', () => {
    const { initiator } = setUp();
    expect(initiator.manage(1, { referenced: 77 })[0]?.byte2).toBe(1);
    expect(initiator.manage(5, { lun: 9 })[0]?.byte2).toBe(2);
    expect(initiator.manage(3)[0]?.byte2).toBe(5);
    expect(initiator.manage(9, { referenced: 77 })[0]?.byte2).toBe(0);
  });

  it('LUN reset ends the tasks of all and tells them with a unit attention', async () => {
    const { store } = heldStore();
    const { initiator, server } = setUp({}, {}, store);
    const other = new RawInitiator(server).loggedIn({}, { isid: [0x80, 9, 9, 9, 0, 1] });
    other.read(0, 1);
    expect(initiator.manage(5)[0]?.byte2).toBe(0);
    expect(server.tasksOf(() => true)).toEqual([]);
    expect(senseOf(other.command(TUR)[0])).toEqual([6, 0x29, 0x03]);
    expect(other.command(TUR)[0]?.status).toBe(0);
    await settle();
  });

  it('target cold reset cuts the connections after its answer', () => {
    const { initiator } = setUp();
    expect(initiator.manage(7)).toMatchObject([{ opcode: 0x22, byte2: 0 }]);
    expect(initiator.closed).toBe(true);
  });
});
