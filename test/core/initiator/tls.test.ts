import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, discover, type TlsOptions } from '../../../core/initiator/index.ts';
import { startDemoSan } from '../../../core/demo/index.ts';
import { TlsTerminator, tlsFixture, type TerminatorOptions } from '../../support/tls-terminator.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { keys } from '../../hostile/peers/wire.ts';
import { listenRaw } from './raw-peer.ts';
import { Cleanup, patterned, sameBytes, startRig, TARGET } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const ca = tlsFixture('ca.pem');

async function terminated(
  target: { readonly host: string; readonly port: number },
  options: TerminatorOptions = {},
): Promise<TlsTerminator> {
  const terminator = await TlsTerminator.start(target, options);
  cleanup.add(() => terminator.stop());
  return terminator;
}

async function behindTls(options: TerminatorOptions = {}) {
  const { store, bytes } = patterned(4096);
  const rig = await startRig(cleanup, [store]);
  return { terminator: await terminated({ host: '127.0.0.1', port: rig.port }, options), bytes };
}

/** A server that does with a connection what it is told, and speaks neither TLS nor iSCSI. */
async function plainServer(treat: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    treat(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe('a session inside TLS', () => {
  it('discovers, logs in, reads and writes the same bytes as without, and its PDUs are seen in the clear', async () => {
    const { terminator, bytes } = await behindTls();
    const seen: string[] = [];
    const steps: string[] = [];
    const options = { tls: { ca }, onEvent: (event: object) => 'text' in event && steps.push(String(event.text)) };
    expect((await discover(terminator, { tls: { ca } })).map((each) => each.name)).toEqual([TARGET]);
    const session = await connect(terminator, {
      target: TARGET,
      ...options,
      onPdu: (direction, pdu) => seen.push(`${direction} ${((pdu[0] ?? 0) & 0x3f).toString(16)}`),
    });
    cleanup.add(() => session.logout());
    const disk = await session.disk(0);
    expect(sameBytes(await disk.read(0n, 4096), bytes)).toBe(true);
    const written = bytes.slice(0, 300 * 512).reverse();
    await disk.write(77n, written);
    expect(sameBytes(await disk.read(77n, 300), written)).toBe(true);
    expect(seen.slice(0, 2)).toEqual(['sent 3', 'received 23']);
    expect(new Set(seen)).toContain('received 25');
    expect(session.tls).toMatchObject({ subject: 'storage.test', issuer: 'Lunascope test authority', verified: true });
    expect(session.tls?.protocol).toMatch(/^TLSv1\.[23]$/u);
    expect(steps.some((text) => text.startsWith('Encrypted with TLSv1'))).toBe(true);
    expect(terminator.secured).toBe(2);
  });

  it('reaches the demo SAN over its terminator, by the name the certificate carries', async () => {
    const san = await startDemoSan({ ports: [0, 0] });
    cleanup.add(() => san.close());
    const terminator = await terminated({ host: '127.0.0.1', port: san.portals[0]?.port ?? 0 });
    const tls: TlsOptions = { ca, servername: 'storage.test' };
    const targets = await discover(terminator, { tls });
    const open = san.targets.find((each) => each.credentials === undefined);
    expect(targets.map((each) => each.name)).toContain(open?.name);
    const session = await connect({ host: 'localhost', port: terminator.port }, { target: open?.name ?? '', tls });
    expect((await session.luns()).length).toBeGreaterThan(0);
    await session.logout();
  });

  it('comes back inside TLS after the terminator dropped it', async () => {
    const { store, bytes } = patterned(64);
    const rig = await startRig(cleanup, [store]);
    const terminator = await terminated({ host: '127.0.0.1', port: rig.port });
    const session = await connect(terminator, {
      target: TARGET,
      tls: { ca },
      reconnectBackoffMs: 20,
      defaultTime2Wait: 0,
    });
    cleanup.add(() => session.logout());
    const disk = await session.disk(0);
    const { generation } = session;
    terminator.cut();
    expect(sameBytes(await disk.read(0n, 64), bytes)).toBe(true);
    expect(session.generation).toBe(generation + 1);
    expect(terminator.secured).toBe(2);
  });

  it('follows a redirect inside TLS, and to a portal without it says not one word of iSCSI', async () => {
    const { terminator: other } = await behindTls();
    const told: number[] = [];
    const plain = await plainServer((socket) => {
      socket.on('data', (bytes) => {
        told.push(bytes[0] ?? 0);
        socket.destroy();
      });
    });
    let next = other.port;
    const sender = new RawTarget();
    sender.on(0x03, (connection, request) => {
      const data = keys({ TargetAddress: `127.0.0.1:${String(next)},1` });
      connection.login(request, { flags: 0, word36: 0x01010000, byte2: 0, data });
      return true;
    });
    const first = await terminated({ host: '127.0.0.1', port: await listenRaw(cleanup, sender) });
    const session = await connect(first, { target: TARGET, tls: { ca } });
    expect([session.tls?.verified, other.secured]).toEqual([true, 1]);
    await session.logout();
    next = plain;
    await expect(connect(first, { target: TARGET, tls: { ca } })).rejects.toMatchObject({ code: 'TLS_FAILED' });
    // The first byte of a TLS handshake record (RFC 8446 5.1).
    expect(told).toEqual([0x16]);
  });

  it('shows its own certificate where one is asked for, and says so where it has none', async () => {
    const { terminator } = await behindTls({ wantsClient: true });
    const tls = { ca, cert: tlsFixture('client.pem'), key: tlsFixture('client.key') };
    expect(await discover(terminator, { tls })).toHaveLength(1);
    await expect(discover(terminator, { tls: { ca } })).rejects.toMatchObject({ code: 'TLS_FAILED' });
  });
});

describe('a certificate', () => {
  it('that nobody here vouches for ends the attempt, with what to do', async () => {
    const { terminator } = await behindTls();
    await expect(discover(terminator, { tls: {} })).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/authority that is not known/u) as string,
      hint: expect.stringMatching(/\(ca\)/u) as string,
    });
    expect(terminator.secured).toBe(0);
  });

  it('made out to another name, or too old, is refused', async () => {
    const { terminator } = await behindTls();
    await expect(discover(terminator, { tls: { ca, servername: 'another.test' } })).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/made out to DNS:localhost/u) as string,
    });
    await expect(discover(terminator, { tls: { ca, servername: '127.0.0.9' } })).rejects.toMatchObject({
      code: 'TLS_FAILED',
    });
    const old = await behindTls({ cert: 'expired.pem' });
    await expect(discover(old.terminator, { tls: { ca } })).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/has expired/u) as string,
    });
  });

  it('may go unverified when that is asked for, and every such connection is warned of', async () => {
    const { terminator } = await behindTls({ cert: 'expired.pem' });
    const warnings: string[] = [];
    const session = await connect(terminator, {
      target: TARGET,
      tls: { rejectUnauthorized: false },
      onEvent: (event) => event.kind === 'warning' && warnings.push(event.text),
    });
    expect(session.tls).toMatchObject({ verified: false });
    expect(warnings).toEqual([expect.stringMatching(/not verified: anyone in between/u)]);
    await session.logout();
  });
});

describe('what speaks no TLS', () => {
  it.each([
    ['answers in its own way', (socket: Socket) => void socket.on('data', () => socket.end(Buffer.alloc(48, 0x3f)))],
    ['hangs up', (socket: Socket) => void socket.on('data', () => socket.destroy())],
  ])('is told from a target that is down: it %s', async (_what, treat) => {
    const port = await plainServer(treat);
    await expect(discover({ host: '127.0.0.1', port }, { tls: { ca } })).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/does not answer in TLS/u) as string,
      hint: expect.stringMatching(/without TLS/u) as string,
    });
  });

  it('and says nothing is given up when the time to connect is over', async () => {
    const port = await plainServer((socket) => socket.resume());
    const started = performance.now();
    const asked = discover({ host: '127.0.0.1', port }, { tls: { ca }, connectTimeoutMs: 200 });
    await expect(asked).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/did not finish the TLS handshake within 200 ms/u) as string,
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is still told as nothing listening, or no such name', async () => {
    await expect(discover({ host: '127.0.0.1', port: 1 }, { tls: { ca } })).rejects.toMatchObject({
      code: 'CONNECT_REFUSED',
    });
    const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const before = timers();
    await expect(discover({ host: 'no-such-host.invalid' }, { tls: { ca } })).rejects.toMatchObject({
      code: 'NAME_NOT_FOUND',
    });
    expect(timers(), 'nothing is left that keeps the process').toBeLessThanOrEqual(before);
  });
});
