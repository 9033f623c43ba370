import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, describeLun, discover, discoverAll, identityOf, measure } from '../../../core/initiator/index.ts';
import { FaultStore, MemoryStore } from '../../../core/target/index.ts';
import { Cleanup, patterned, startRig, stuckClock, TARGET } from './support.ts';

const cleanup = new Cleanup();
const clock = {
  now: () => performance.now(),
  wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};
afterEach(() => cleanup.run());

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('discovery', () => {
  it('lists what the portal offers', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const targets = await discover({ host: '127.0.0.1', port: rig.port });
    expect(targets).toEqual([{ name: TARGET, portals: [{ host: '127.0.0.1', port: rig.port, groupTag: 1 }] }]);
  });

  it('of many portals lets a dead one delay no other', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const silent = await listen(createServer((socket) => void socket.resume().on('error', () => undefined)));
    const order: number[] = [];
    const outcomes = await discoverAll(
      [
        { host: '127.0.0.1', port: silent },
        { host: '127.0.0.1', port: 1 },
        { host: '127.0.0.1', port: rig.port },
      ],
      { loginTimeoutMs: 1500, connectTimeoutMs: 1500 },
      (outcome) => order.push(outcome.portal.port ?? 0),
    );
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
      'LOGIN_TIMEOUT',
      'CONNECT_REFUSED',
      'ok',
    ]);
    expect(order.at(-1)).toBe(silent);
  });

  it('can be called off', async () => {
    const silent = await listen(createServer((socket) => void socket.resume()));
    const stop = new AbortController();
    const asked = discover({ host: '127.0.0.1', port: silent }, { signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 10);
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a session', () => {
  it('says why it cannot begin', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const portal = { host: '127.0.0.1', port: rig.port };
    await expect(connect(portal, { target: 'iqn.2026-01.org.lunascope:none' })).rejects.toMatchObject({
      code: 'LOGIN_REFUSED',
      details: { statusClass: 2, statusDetail: 3 },
    });
    await expect(connect({ host: '', port: 1 }, { target: TARGET })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(connect(portal, { target: TARGET, maxRecvDataSegmentLength: 100 })).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
    });
    await expect(connect(portal, { target: TARGET, firstBurstLength: 4096, maxBurstLength: 2048 })).rejects.toThrow(
      /must not be above/u,
    );
    await expect(connect(portal, { target: TARGET, isid: new Uint8Array(5) })).rejects.toThrow(/ISID has 6 bytes/u);
    await expect(connect(portal, { target: TARGET, chap: { user: '', secret: 'x' } })).rejects.toThrow(/user name/u);
    await expect(connect({ host: 'no-such-host.invalid' }, { target: TARGET })).rejects.toMatchObject({
      code: 'NAME_NOT_FOUND',
    });
  });

  it('lists LUNs, describes them and counts', async () => {
    const rig = await startRig(cleanup, [patterned(16).store, new MemoryStore({ blocks: 8, blockSize: 4096 })]);
    const events: string[] = [];
    const session = await rig.connect({ metrics: (kind) => events.push(kind) });
    expect((await session.luns()).map((entry) => entry.number)).toEqual([0, 1]);
    const facts = await describeLun(session, 1);
    expect(facts.inquiry.ok && facts.inquiry.value.deviceType).toBe(0);
    expect(facts.capacity?.ok === true && facts.capacity.value.blocks).toBe(8n);
    expect(facts.vpd.map((page) => page.pageCode)).toContain(0x83);
    expect(facts.vpd.every((page) => page.fact.ok)).toBe(true);
    expect(identityOf(facts).serial).toContain('SN1');
    expect(identityOf(facts).designators.length).toBeGreaterThan(0);
    expect(new Set(events)).toEqual(new Set(['pdu-sent', 'pdu-received', 'command-complete', 'bytes-in']));
  });

  it('shows every PDU to whoever listens, and nothing to who does not', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect();
    const seen: string[] = [];
    const stop = session.on('pdu', (direction, pdu) =>
      seen.push(`${direction} ${((pdu[0] ?? 0) & 0x3f).toString(16)} ${String(pdu.length)}`),
    );
    await session.scsi.readBlocks(0, 0n, 1, 512);
    stop();
    await session.scsi.testUnitReady(0);
    expect(seen).toEqual(['sent 1 48', 'received 25 560']);
  });

  it('waits out BUSY and gives up at its deadline', async () => {
    const store = new FaultStore(new MemoryStore({ blocks: 64, blockSize: 512 }), clock);
    const rig = await startRig(cleanup, [store]);
    const warnings: string[] = [];
    const session = await rig.connect({ onEvent: (event) => event.kind === 'warning' && warnings.push(event.text) });
    const disk = await session.disk(0);
    store.faults.failAll = { kind: 'busy' };
    await expect(disk.read(0n, 1, { timeoutMs: 700 })).rejects.toMatchObject({ code: 'SCSI_BUSY' });
    expect(warnings.some((text) => text.includes('busy'))).toBe(true);
    const reading = disk.read(0n, 1);
    setTimeout(() => {
      store.faults.failAll = undefined;
    }, 60);
    expect((await reading).length).toBe(512);
  });

  it('ends every task with a typed error when its target is gone', async () => {
    const store = new FaultStore(new MemoryStore({ blocks: 64, blockSize: 512 }), stuckClock(cleanup));
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ maxReconnectAttempts: 0 });
    const disk = await session.disk(0);
    store.faults.latencyMs = 60_000;
    let sent = 0;
    const underWay = new Promise<void>((resolve) => {
      session.on('pdu', (direction) => {
        if (direction === 'sent' && (sent += 1) === 2) resolve();
      });
    });
    const reading = disk.read(0n, 1);
    const writing = disk.write(0n, new Uint8Array(512));
    const ended = Promise.allSettled([reading, writing]);
    await underWay;
    void rig.host.close();
    const [read, write] = await ended;
    expect(read).toMatchObject({ status: 'rejected' });
    expect(write).toMatchObject({ status: 'rejected', reason: { code: 'TASK_UNKNOWN_OUTCOME' } });
  });

  it('measures, and refuses sizes that do not fit', async () => {
    const { store } = patterned(4096);
    const rig = await startRig(cleanup, [store, { store, unit: { maxTransferBytes: 8192 } }]);
    const session = await rig.connect({ maxReconnectAttempts: 0 });
    const found = await measure(session, 0, { access: 'randread', blockBytes: 4096, queueDepth: 8, seconds: 0.2 });
    expect(found.operations).toBeGreaterThan(10);
    expect(found.histogram.reduce((sum, count) => sum + count, 0)).toBe(found.operations);
    expect(found.p99Us).toBeGreaterThanOrEqual(found.p50Us);
    await expect(measure(session, 0, { access: 'read', blockBytes: 1000, queueDepth: 1, seconds: 1 })).rejects.toThrow(
      /multiple of 512/u,
    );
    const large = { access: 'read', blockBytes: 16_384, queueDepth: 1, seconds: 1 } as const;
    await expect(measure(session, 1, large)).rejects.toThrow(/takes 8192 bytes at most in one command/u);
    const huge = { access: 'read', blockBytes: 1 << 20, queueDepth: 4096, seconds: 1 } as const;
    await expect(measure(session, 0, huge)).rejects.toThrow(/more than 1 GiB of memory/u);
  });

  it('counts nothing before its ramp is over', async () => {
    let reads = 0;
    const store = new (class extends MemoryStore {
      override read(lba: bigint, into: Uint8Array): undefined {
        reads += 1;
        super.read(lba, into);
      }
    })({ blocks: 4096 });
    const session = await (await startRig(cleanup, [store])).connect({ maxReconnectAttempts: 0 });
    const ramped: number[] = [];
    const found = await measure(session, 0, {
      access: 'randread',
      blockBytes: 4096,
      queueDepth: 8,
      rampSeconds: 0.2,
      seconds: 0.1,
      onCounting: () => ramped.push(reads),
    });
    expect(ramped[0]).toBeGreaterThan(8);
    expect(found.operations).toBeLessThanOrEqual(reads - (ramped[0] as number) + 8);
    expect(found.histogram.reduce((sum, count) => sum + count, 0)).toBe(found.operations);
    expect(found.seconds).toBeGreaterThanOrEqual(0.1);
    expect(ramped).toHaveLength(1);
  });

  it('ends at once where it is told to, whatever the target does, and with nothing before anything was counted', async () => {
    let stop = new AbortController();
    const silent = Object.assign(new MemoryStore({ blocks: 4096 }), {
      read: () => {
        stop.abort();
        return new Promise<undefined>(() => undefined);
      },
    });
    const session = await (await startRig(cleanup, [silent])).connect({ maxReconnectAttempts: 0 });
    const plan = { access: 'read', blockBytes: 4096, queueDepth: 4, seconds: 60 } as const;
    expect(await measure(session, 0, { ...plan, stop: stop.signal })).toMatchObject({ operations: 0, iops: 0 });
    stop = new AbortController();
    const early = { ...plan, rampSeconds: 60 };
    await expect(measure(session, 0, { ...early, stop: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(measure(session, 0, { ...early, stop: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('manages tasks and pings', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect();
    expect(await session.protocol.ping(Uint8Array.of(1, 2, 3))).toBeGreaterThanOrEqual(0);
    session.protocol.sendExpStatSnConfirmation();
    expect(await session.tasks.lunReset(0)).toMatchObject({ complete: true, response: 0 });
    expect(await session.tasks.abortTask(0, 0x1234)).toMatchObject({ complete: false, response: 1 });
    await session.scsi.testUnitReady(0);
    expect((await session.logout())?.response).toBe(0);
    await expect(session.scsi.testUnitReady(0)).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });
});
