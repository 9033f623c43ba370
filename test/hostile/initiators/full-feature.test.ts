import { afterEach, describe, expect, it } from 'vitest';
import type { TargetHost, TargetHostOptions } from '../../../core/node/index.ts';
import { rawPdu, type SeenPdu } from '../../support/raw-pdu.ts';
import { startTarget, Wire } from './wire.ts';

const targets: TargetHost[] = [];
const wires: Wire[] = [];

async function logIn(
  keys: Readonly<Record<string, string>> = {},
  options: Partial<TargetHostOptions> = {},
): Promise<{ target: TargetHost; wire: Wire }> {
  const target = await startTarget(options);
  targets.push(target);
  const wire = await Wire.loggedIn(target, keys);
  wires.push(wire);
  return { target, wire };
}

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.socket.destroy();
  for (const target of targets.splice(0)) await target.close();
});

const read = (itt: number, cmdSn: number, blocks: number): Uint8Array =>
  rawPdu({
    opcode: 0x01,
    flags: 0xc0,
    itt,
    words: [blocks * 512, cmdSn, 0],
    cdb: [0x28, 0, 0, 0, 0, 0, 0, blocks >> 8, blocks & 255, 0],
  });
const write = (itt: number, cmdSn: number, blocks: number, flags = 0xa0): Uint8Array =>
  rawPdu({
    opcode: 0x01,
    flags,
    itt,
    words: [blocks * 512, cmdSn, 0],
    cdb: [0x2a, 0, 0, 0, 0, 0, 0, blocks >> 8, blocks & 255, 0],
  });
const ping = (itt: number, data?: Uint8Array): Uint8Array =>
  rawPdu({ opcode: 0x00, immediate: true, itt, words: [0xffffffff, 1, 0], ...(data === undefined ? {} : { data }) });

async function answerTo(wire: Wire, itt: number): Promise<SeenPdu> {
  for (let i = 0; ; i += 1) {
    const pdu = await wire.pdu(i);
    if (pdu.itt === itt && pdu.opcode !== 0x31) return pdu;
  }
}

const sense = (pdu: SeenPdu): readonly number[] => [(pdu.data[4] ?? 0) & 15, pdu.data[14] ?? 0, pdu.data[15] ?? 0];

describe('command numbers', () => {
  it('outside the window are dropped without a word, and the session goes on', async () => {
    const { wire } = await logIn();
    wire.send(read(1, 100_000, 1));
    wire.send(read(2, 0, 1));
    wire.send(read(3, 1, 1));
    expect((await answerTo(wire, 3)).opcode).toBe(0x25);
    wire.send(ping(4));
    await answerTo(wire, 4);
    expect(wire.seen.map(({ itt }) => itt)).not.toContain(1);
    expect(wire.seen.map(({ itt }) => itt)).not.toContain(2);
  });

  it('held back for a gap take no more memory than the window has room', async () => {
    const { wire, target } = await logIn({}, { limits: { window: 8 } });
    for (let i = 0; i < 1000; i += 1) wire.send(read(i + 10, 2 + (i % 8), 1));
    wire.send(ping(5000));
    await answerTo(wire, 5000);
    expect(target.server.sessionsOf()[0]?.held.size).toBeLessThanOrEqual(8);
  });
});

describe('commands with data that wait for a gap', () => {
  it('take no more memory than there is for them, over all sessions', async () => {
    const { wire, target } = await logIn({}, { limits: { heldBytes: 100_000 } });
    const early = (itt: number): Uint8Array =>
      rawPdu({
        opcode: 0x01,
        flags: 0xa0,
        itt,
        words: [8192, itt + 1, 0],
        cdb: [0x2a, 0, 0, 0, 0, 0, 0, 0, 16, 0],
        data: new Uint8Array(8192),
      });
    const other = await Wire.loggedIn(target, { InitiatorName: 'iqn.2026-01.org.lunascope.test:other' });
    wires.push(other);
    for (let i = 1; i <= 8; i += 1) wire.send(early(i));
    wire.send(ping(99));
    await answerTo(wire, 99);
    expect(target.server.heldBytes).toBe(8 * (8192 + 48));
    for (let i = 1; i <= 8; i += 1) other.send(early(i));
    await other.untilClosed();
    wire.send(write(100, 1, 0));
    await answerTo(wire, 8);
    expect(target.server.heldBytes).toBe(0);
  });
});

describe('Data-Out that lies', () => {
  it.each([
    ['about its offset', 0, 4096],
    ['about its number', 7, 0],
  ])('%s ends the write in ABORTED COMMAND', async (_, dataSn, offset) => {
    const { wire } = await logIn({ InitialR2T: 'Yes', ImmediateData: 'No' });
    wire.send(write(1, 1, 16));
    const r2t = await wire.pdu(1);
    wire.send(
      rawPdu({
        opcode: 0x05,
        flags: 0x80,
        itt: 1,
        words: [r2t.words[0] ?? 0, 0, 0, 0, dataSn, offset],
        data: new Uint8Array(4096),
      }),
    );
    expect(sense(await answerTo(wire, 1))).toEqual([0x0b, 0x0c, 0x0d]);
  });

  it('sends more than was asked for and is refused', async () => {
    const { wire } = await logIn({ InitialR2T: 'Yes', ImmediateData: 'No' });
    wire.send(write(1, 1, 1));
    const r2t = await wire.pdu(1);
    wire.send(
      rawPdu({
        opcode: 0x05,
        flags: 0x80,
        itt: 1,
        words: [r2t.words[0] ?? 0, 0, 0, 0, 0, 0],
        data: new Uint8Array(8192),
      }),
    );
    expect(sense(await answerTo(wire, 1))).toEqual([0x0b, 0x0c, 0x0d]);
  });

  it('for nobody is rejected', async () => {
    const { wire } = await logIn();
    wire.send(
      rawPdu({ opcode: 0x05, flags: 0x80, itt: 77, words: [0xffffffff, 0, 0, 0, 0, 0], data: new Uint8Array(512) }),
    );
    expect(await wire.pdu(1)).toMatchObject({ opcode: 0x3f, byte2: 0x09 });
  });

  it('longer than the first burst fails the write once it is over', async () => {
    const { wire } = await logIn({ InitialR2T: 'No', FirstBurstLength: '8192' });
    wire.send(write(1, 1, 64, 0x20));
    for (let i = 0; i < 4; i += 1)
      wire.send(
        rawPdu({
          opcode: 0x05,
          flags: i === 3 ? 0x80 : 0,
          itt: 1,
          words: [0xffffffff, 0, 0, 0, i, i * 8192],
          data: new Uint8Array(8192),
        }),
      );
    expect(sense(await answerTo(wire, 1))).toEqual([0x0b, 0x0c, 0x0d]);
  });

  it('longer than a segment may be closes the connection', async () => {
    const { wire } = await logIn();
    wire.send(rawPdu({ opcode: 0x05, itt: 1, words: [0xffffffff], dataLength: 0xffffff }));
    await wire.untilClosed();
  });

  it('that never comes ends the write in time', async () => {
    const { wire } = await logIn({ InitialR2T: 'Yes', ImmediateData: 'No' }, { limits: { dataOutMs: 300 } });
    wire.send(write(1, 1, 16));
    expect(sense(await answerTo(wire, 1))).toEqual([0x0b, 0x4b, 0x06]);
  });
});

describe('readers that never read', () => {
  it('ask for gigabytes, take nothing, and cost a bounded amount of memory', async () => {
    const { wire, target } = await logIn({}, { limits: { sendStallMs: 1500, queuedBytes: 1024 * 1024 } });
    wire.socket.pause();
    const before = process.memoryUsage();
    for (let round = 0; round < 100; round += 1) wire.send(read(round + 1, round + 1, 16384));
    while (target.server.connectionCount > 0) {
      const now = process.memoryUsage();
      expect(now.rss + now.external - before.rss - before.external).toBeLessThan(200 * 1024 * 1024);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(target.server.sessions).toEqual([]);
  });

  it('ping without end and take nothing: the target stops reading from them', async () => {
    const { wire, target } = await logIn({}, { limits: { sendStallMs: 1500, queuedBytes: 256 * 1024 } });
    wire.socket.pause();
    const data = new Uint8Array(8192);
    let sent = 0;
    const more = (): void => {
      while (!wire.socket.destroyed && wire.socket.write(ping(++sent, data)));
    };
    wire.socket.on('drain', more);
    more();
    const before = process.memoryUsage().rss;
    while (target.server.connectionCount > 0) {
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sent).toBeGreaterThan(10);
  });
});

describe('writers that announce and do not send', () => {
  it('cannot take more memory than their share', async () => {
    const { wire, target } = await logIn(
      { InitialR2T: 'Yes', ImmediateData: 'No' },
      { limits: { writeBytesPerSession: 16 * 1024 * 1024 } },
    );
    for (let i = 1; i <= 100; i += 1) wire.send(write(i, i, 16384));
    wire.send(ping(999));
    await answerTo(wire, 999);
    expect(target.server.memory.used).toBeLessThanOrEqual(16 * 1024 * 1024);
    wire.socket.destroy();
    while (target.server.connectionCount > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(target.server.memory.used).toBe(0);
  });
});

describe('a stream of noise after login', () => {
  it('ends the connection and nothing else', async () => {
    const { wire, target } = await logIn();
    const other = await Wire.loggedIn(target, { InitiatorName: 'iqn.2026-01.org.lunascope.test:good' });
    wires.push(other);
    let seed = 7;
    wire.send(
      Uint8Array.from({ length: 4096 }, () => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        return (seed >>> 16) | 0x1c;
      }),
    );
    await wire.untilClosed();
    other.send(ping(3));
    expect((await answerTo(other, 3)).opcode).toBe(0x20);
  });
});
