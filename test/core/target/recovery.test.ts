import { describe, expect, it } from 'vitest';
import { LogicalUnit, MemoryStore, type BlockStore } from '../../../core/target/index.ts';
import { stuckStore } from './block-commands.ts';
import { dataOf, makeServer, RawInitiator, senseOf, settle } from './raw-initiator.ts';

const SNACK = { data: 0x80, status: 0x81, dataAck: 0x82 };

function setUp(
  level: '0' | '1' | '2',
  keys: Readonly<Record<string, string>> = {},
  store?: BlockStore,
  config: Parameters<typeof makeServer>[1] = {},
) {
  const bytes = Uint8Array.from({ length: 64 * 512 }, (_, i) => (i * 3 + (i >> 9)) & 0xff);
  const unit = new LogicalUnit({ store: store ?? new MemoryStore({ blocks: 64, bytes }), identity: { serial: 'R1' } });
  const server = makeServer(
    [{ luns: [{ lun: 0, unit }], offers: { maxConnections: 2, errorRecoveryLevel: 2 } }],
    config,
  );
  const initiator = new RawInitiator(server).loggedIn({
    ErrorRecoveryLevel: level,
    MaxRecvDataSegmentLength: '512',
    MaxConnections: '2',
    ...keys,
  });
  const snack = (type: number, itt: number, ttt: number, begin: number, run: number) =>
    initiator.pdu({ opcode: 0x10, immediate: true, flags: type, itt, words: [ttt, 0, 0, 0, 0, begin, run] });
  return { bytes, server, initiator, snack };
}

describe('at error recovery level 0', () => {
  it('a SNACK is rejected', () => {
    const { initiator, snack } = setUp('0');
    initiator.read(0, 2);
    expect(snack(SNACK.data, initiator.itt, 0xffffffff, 0, 0)).toMatchObject([{ opcode: 0x3f, byte2: 0x03 }]);
  });
});

describe('at error recovery level 1', () => {
  it('lost data is sent again as it was', () => {
    const { initiator, snack } = setUp('1');
    const first = initiator.read(0, 4);
    const again = snack(SNACK.data, initiator.itt, 0xffffffff, 1, 2);
    expect(again.map(({ words }) => words[4])).toEqual([1, 2]);
    expect(again.map(({ data }) => data)).toEqual(first.slice(1, 3).map(({ data }) => data));
  });

  it('a lost status is sent again until it is acknowledged', () => {
    const { initiator, snack } = setUp('1');
    const [answer] = initiator.command([0, 0, 0, 0, 0, 0]);
    const statSn = answer?.words[1] ?? 0;
    expect(snack(SNACK.status, 0xffffffff, 0xffffffff, statSn, 1)).toMatchObject([
      { opcode: 0x21, itt: initiator.itt },
    ]);
    initiator.pdu({ opcode: 0x00, immediate: true, itt: 0xffffffff, words: [0xffffffff, 2, statSn + 1] });
    expect(snack(SNACK.status, 0xffffffff, 0xffffffff, statSn, 1)).toMatchObject([{ opcode: 0x3f, byte2: 0x03 }]);
  });

  it('acknowledged data is let go', () => {
    const { initiator, snack } = setUp('1', { MaxBurstLength: '1024', FirstBurstLength: '512' });
    const seen = initiator.read(0, 4);
    expect(seen.map(({ flags }) => flags)).toEqual([0x00, 0xc0, 0x00, 0x81]);
    const tag = seen[1]?.words[0] ?? 0;
    expect(tag).not.toBe(0xffffffff);
    expect(snack(SNACK.dataAck, 0xffffffff, tag, 2, 0)).toEqual([]);
    expect(snack(SNACK.data, initiator.itt, 0xffffffff, 0, 1)).toMatchObject([{ opcode: 0x3f, byte2: 0x03 }]);
    expect(snack(SNACK.data, initiator.itt, 0xffffffff, 2, 1)).toHaveLength(1);
    expect(snack(SNACK.dataAck, 0xffffffff, tag + 77, 2, 0)).toMatchObject([{ opcode: 0x3f, byte2: 0x08 }]);
  });

  it('a lost R2T is sent again, and lost data is asked for again', () => {
    const { initiator, snack, bytes } = setUp('1', { ImmediateData: 'No', InitialR2T: 'Yes' });
    const data = Uint8Array.from({ length: 1024 }, (_, i) => i & 0xff);
    const [r2t] = initiator.write(0, 2);
    const { itt } = initiator;
    const [again] = snack(SNACK.data, itt, 0xffffffff, 0, 1);
    expect(again?.bytes).toEqual(r2t?.bytes);
    const ttt = r2t?.words[0] ?? 0;
    initiator.dataOut(itt, ttt, 0, 0, data.slice(0, 512), false);
    // The second PDU is lost, the final one comes with a gap before it: the target asks for what is missing.
    const [recovery] = initiator.dataOut(itt, ttt, 2, 1024, new Uint8Array(0), true);
    expect(recovery).toMatchObject({ opcode: 0x31 });
    expect(recovery?.words.slice(4)).toEqual([1, 512, 512]);
    const [answer] = initiator.dataOut(itt, recovery?.words[0] ?? 0, 0, 512, data.slice(512), true);
    expect(answer).toMatchObject({ opcode: 0x21, status: 0 });
    expect(bytes.slice(0, 1024)).toEqual(data);
  });
});

describe('what is kept for retransmission', () => {
  it('is bounded, oldest out first', () => {
    const { initiator, snack } = setUp('1', {}, undefined, { limits: { replayBytes: 4000 } });
    initiator.read(0, 16);
    expect(initiator.connection.replay.bytes).toBeLessThanOrEqual(4000);
    expect(snack(SNACK.data, initiator.itt, 0xffffffff, 0, 1)).toMatchObject([{ opcode: 0x3f, byte2: 0x03 }]);
    expect(snack(SNACK.data, initiator.itt, 0xffffffff, 15, 1)).toHaveLength(1);
  });

  it('is let go once the status is acknowledged', () => {
    const { initiator } = setUp('1');
    const last = initiator.read(0, 4).at(-1);
    expect(initiator.connection.replay.bytes).toBeGreaterThan(2048);
    initiator.pdu({
      opcode: 0x00,
      immediate: true,
      itt: 0xffffffff,
      words: [0xffffffff, 2, (last?.words[1] ?? 0) + 1],
    });
    expect(initiator.connection.replay.bytes).toBe(0);
  });

  it('does not grow with commands that are acknowledged', () => {
    const { initiator } = setUp('1');
    let statSn = 0;
    for (let i = 0; i < 5000; i += 1) statSn = (initiator.read(0, 2, { expStatSn: statSn }).at(-1)?.words[1] ?? 0) + 1;
    expect(initiator.connection.replay.entries).toBeLessThan(3000);
  });
});

describe('at error recovery level 2', () => {
  it('a read whose connection was lost goes on over another', () => {
    const { initiator, server, bytes } = setUp('2');
    const seen = initiator.read(0, 4);
    const { itt } = initiator;
    initiator.connection.handleClosed();
    expect(server.sessions).toHaveLength(1);
    const second = new RawInitiator(server).loggedIn(
      { MaxRecvDataSegmentLength: '512' },
      { cid: 1, tsih: initiator.tsih },
    );
    second.cmdSn = 2;
    const before = second.seen.length;
    expect(second.manage(8, { referenced: itt, expDataSn: 1 })).toMatchObject([{ opcode: 0x22, byte2: 0 }]);
    return settle().then(() => {
      const again = second.seen.slice(before + 1);
      expect(again.map(({ opcode, words }) => [opcode, words[4]])).toEqual([
        [0x25, 1],
        [0x25, 2],
        [0x25, 3],
      ]);
      expect(again.at(-1)?.flags).toBe(0x81);
      expect(dataOf([...seen.slice(0, 1), ...again])).toEqual(bytes.slice(0, 2048));
    });
  });

  it('a write whose connection was lost is asked for again over another', async () => {
    const { initiator, server, bytes } = setUp('2', { ImmediateData: 'No', InitialR2T: 'Yes' });
    initiator.write(0, 1);
    const { itt } = initiator;
    initiator.connection.handleClosed();
    const second = new RawInitiator(server).loggedIn({}, { cid: 1, tsih: initiator.tsih });
    second.cmdSn = 2;
    expect(second.manage(8, { referenced: itt })[0]?.byte2).toBe(0);
    await settle();
    const r2t = second.seen.at(-1);
    expect(r2t).toMatchObject({ opcode: 0x31, itt });
    const [answer] = second.dataOut(itt, r2t?.words[0] ?? 0, 0, 0, new Uint8Array(512).fill(9), true);
    expect(answer).toMatchObject({ opcode: 0x21, status: 0, itt });
    expect(bytes[0]).toBe(9);
  });

  it('a task is not taken from a connection that lives, and an unknown one not made up', () => {
    const { initiator, server } = setUp('2', {}, stuckStore());
    initiator.read(0, 1);
    const second = new RawInitiator(server).loggedIn({}, { cid: 1, tsih: initiator.tsih });
    second.cmdSn = 2;
    expect(second.manage(8, { referenced: initiator.itt })[0]?.byte2).toBe(3);
    expect(second.manage(8, { referenced: 999 })[0]?.byte2).toBe(1);
  });

  it('tasks nobody comes back for end after Time2Retain, and the session with them', () => {
    const { initiator, server } = setUp('2', { DefaultTime2Retain: '5' });
    initiator.connection.handleClosed();
    server.timeout(4999);
    expect(server.sessions).toHaveLength(1);
    server.timeout(5000);
    expect(server.sessions).toHaveLength(0);
  });

  it('a connection that logged out leaves nothing behind', () => {
    const { initiator, server } = setUp('2');
    initiator.pdu({ opcode: 0x06, immediate: true, flags: 0x81, itt: 9, words: [0, 1, 0] });
    expect(initiator.closed).toBe(true);
    expect(server.sessions).toHaveLength(0);
  });
});

describe('a sense code for data that was damaged', () => {
  it('is what a write at level 0 ends in', () => {
    const { initiator } = setUp('0', { ImmediateData: 'No', InitialR2T: 'Yes' });
    const [r2t] = initiator.write(0, 2);
    initiator.dataOut(initiator.itt, r2t?.words[0] ?? 0, 1, 0, new Uint8Array(512), false);
    const [answer] = initiator.dataOut(initiator.itt, r2t?.words[0] ?? 0, 2, 512, new Uint8Array(512), true);
    expect(senseOf(answer)).toEqual([0x0b, 0x0c, 0x0d]);
  });
});
