import { afterEach, describe, expect, it } from 'vitest';
import type { TargetHost, TargetHostOptions } from '../../../core/node/index.ts';
import { keyText, loginPdu, rawPdu } from '../../support/raw-pdu.ts';
import { INITIATOR, loginStatus, NAME, startTarget, Wire } from './wire.ts';

const targets: TargetHost[] = [];
const wires: Wire[] = [];

async function start(options: Partial<TargetHostOptions> = {}): Promise<TargetHost> {
  const target = await startTarget(options);
  targets.push(target);
  return target;
}

async function open(target: TargetHost): Promise<Wire> {
  const wire = await Wire.open(target);
  wires.push(wire);
  return wire;
}

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.socket.destroy();
  for (const target of targets.splice(0)) await target.close();
});

const GOOD = { InitiatorName: INITIATOR, SessionType: 'Normal', TargetName: NAME };

/** Whether somebody well-behaved is still served. */
async function stillServes(target: TargetHost): Promise<boolean> {
  const wire = await Wire.loggedIn(target);
  wire.send(rawPdu({ opcode: 0x00, immediate: true, itt: 5, words: [0xffffffff, 1, 0] }));
  const answer = await wire.pdu(1);
  wire.socket.destroy();
  return answer.opcode === 0x20;
}

describe('initiators that never log in', () => {
  it('are closed when their time is up', async () => {
    const target = await start({ limits: { loginMs: 300 } });
    const silent = await open(target);
    const started = performance.now();
    await silent.untilClosed();
    expect(performance.now() - started).toBeGreaterThan(250);
    expect(await stillServes(target)).toBe(true);
  });

  it('send a byte now and then and are closed all the same', async () => {
    const target = await start({ limits: { loginMs: 400 } });
    const slow = await open(target);
    const timer = setInterval(() => slow.socket.write(Uint8Array.of(0x43)), 100);
    await slow.untilClosed();
    clearInterval(timer);
    expect(target.server.connectionCount).toBe(0);
  });

  it('come by the thousand and take neither memory nor the place of others', async () => {
    const target = await start({ limits: { unauthenticated: 50, loginMs: 700 } });
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const crowd = await Promise.all(Array.from({ length: 1000 }, () => open(target)));
    // Those beyond the limit are closed at once; the others when their time is up.
    await Promise.all(crowd.map((wire) => wire.untilClosed()));
    expect(target.server.connectionCount).toBe(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    expect(await stillServes(target)).toBe(true);
  });
});

describe('logins that are wrong', () => {
  const refused = async (bytes: Uint8Array | readonly Uint8Array[], target?: TargetHost): Promise<number> => {
    const wire = await open(target ?? (await start()));
    for (const each of Array.isArray(bytes) ? (bytes as readonly Uint8Array[]) : [bytes as Uint8Array]) wire.send(each);
    await wire.untilClosed();
    const last = wire.seen.at(-1);
    return last === undefined ? -1 : loginStatus(last);
  };

  it('with ten thousand keys end in an initiator error or a closed connection', async () => {
    const keys = keyText(
      Object.fromEntries([
        ...Object.entries(GOOD),
        ...Array.from({ length: 10_000 }, (_, i) => [`X-k${String(i)}`, 'v'] as const),
      ]),
    );
    const target = await start();
    const wire = await open(target);
    for (let at = 0; at < keys.length; at += 8192) {
      const last = at + 8192 >= keys.length;
      wire.send(loginPdu(keys.slice(at, at + 8192), { flags: last ? 0x87 : 0x44 }));
    }
    await wire.untilClosed();
    const last = wire.seen.at(-1);
    expect(last === undefined ? 0x02 : loginStatus(last) >> 8).toBe(0x02);
    expect(await stillServes(target)).toBe(true);
  });

  it('with a key of 300 bytes are an initiator error', async () => {
    expect((await refused(loginPdu({ ...GOOD, [`X-${'k'.repeat(300)}`]: '1' }))) >> 8).toBe(2);
  });

  it('without a name lack a parameter', async () => {
    expect(await refused(loginPdu({ SessionType: 'Normal', TargetName: NAME }))).toBe(0x0207);
  });

  it('to a target that is not there find nothing', async () => {
    expect(await refused(loginPdu({ ...GOOD, TargetName: `${NAME}x` }))).toBe(0x0203);
  });

  it('that go back a stage are invalid', async () => {
    const target = await start();
    const status = await refused([loginPdu(GOOD, { flags: 0x81 }), loginPdu({}, { flags: 0x81 })], target);
    expect(status >> 8).toBe(2);
  });

  it('with text that is not text are an initiator error', async () => {
    expect((await refused(loginPdu(Uint8Array.of(0xff, 0xfe, 0x3d, 0)))) >> 8).toBe(2);
  });

  it('with a command instead of a login are closed', async () => {
    expect(await refused(rawPdu({ opcode: 0x01, flags: 0xc0, words: [512, 1, 0], cdb: [0x28] }))).toBe(-1);
  });

  it('with a segment longer than 8192 bytes are closed before it is taken', async () => {
    expect(await refused(loginPdu(GOOD, { dataLength: 0xffffff }))).toBe(-1);
  });

  it('that are not iSCSI at all are closed', async () => {
    expect(
      await refused(new TextEncoder().encode(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(64)}\r\n\r\n`)),
    ).toBe(-1);
  });
});
