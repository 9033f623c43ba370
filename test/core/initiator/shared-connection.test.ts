import { afterEach, describe, expect, it } from 'vitest';
import { ScsiError, TaskError } from '../../../core/errors/index.ts';
import { buildBlockAccess } from '../../../core/scsi/index.ts';
import { FaultStore, MemoryStore } from '../../../core/target/index.ts';
import { Cleanup, patterned, startRig, stuckClock } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

describe('commands that share a connection', () => {
  it('do not end with the reason of one that could not be aborted', async () => {
    const { store } = patterned(64);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ abortTimeoutMs: 100, maxReconnectAttempts: 0 });
    const disk = await session.disk(0);
    // Nothing is read any more, so that neither answer nor abort can be seen.
    session.machine.core.host.setReading(0, false);
    const stop = new AbortController();
    const aborted = session.scsi.inquiry(0, { signal: stop.signal });
    const written = disk.write(0n, new Uint8Array(512));
    const settled = Promise.allSettled([aborted, written]);
    session.machine.core.host.setReading = () => undefined;
    stop.abort();
    const [first, second] = await settled;
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'TASK_UNKNOWN_OUTCOME' } });
    expect((second as PromiseRejectedResult).reason).toBeInstanceOf(TaskError);
    await expect(disk.read(0n, 1)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('a write', () => {
  it('that moves another length than its blocks have is an error', async () => {
    const { store } = patterned(256);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect();
    await expect(session.scsi.writeBlocks(0, 100n, 4096, new Uint8Array(4096))).rejects.toMatchObject({
      code: 'SCSI_SHORT_DATA',
    });
  });
});

describe('a streamed read', () => {
  it('may pause for longer than keepalive and deadline', async () => {
    const { store, bytes } = patterned(8192);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({
      maxRecvDataSegmentLength: 8192,
      keepaliveIntervalMs: 150,
      keepaliveTimeoutMs: 150,
    });
    const stream = session.raw.stream(0, buildBlockAccess(false, 0n, 8192), {
      dataIn: { length: bytes.length },
      noProgressMs: 200,
    });
    let moved = 0;
    for await (const part of stream.data) {
      if (moved === 0) await new Promise((resolve) => setTimeout(resolve, 900));
      moved += part.length;
    }
    expect(moved).toBe(bytes.length);
    expect((await stream.wait()).status).toBe(0);
    expect(session.state).toBe('full');
  });

  it('that is left early is called off, and the connection goes on', async () => {
    const { store } = patterned(16384);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ maxRecvDataSegmentLength: 8192 });
    const stream = session.raw.stream(0, buildBlockAccess(false, 0n, 16384), { dataIn: { length: 16384 * 512 } });
    for await (const part of stream.data) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
    await expect(stream.wait()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await (await session.disk(0)).read(0n, 1)).length).toBe(512);
  });

  it('whose data nobody reads ends all the same', async () => {
    const { store } = patterned(16384);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ maxRecvDataSegmentLength: 8192 });
    const stream = session.raw.stream(0, buildBlockAccess(false, 0n, 16384), { dataIn: { length: 16384 * 512 } });
    expect(await stream.wait()).toMatchObject({ status: 0, bytes: 16384 * 512 });
  });

  it('of an impossible length is refused', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect();
    for (const length of [-5, 1.5, NaN, 2 ** 33])
      expect(() => session.raw.stream(0, buildBlockAccess(false, 0n, 1), { dataIn: { length } })).toThrow(
        /0 to 4294967295/u,
      );
  });
});

describe('a streamed write', () => {
  it('whose source gives nothing is called off before it is sent', async () => {
    const rig = await startRig(cleanup, [patterned(64).store]);
    const session = await rig.connect();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      await new Promise<void>((resolve) => {
        cleanup.add(() => {
          resolve();
          return Promise.resolve();
        });
      });
    }
    const stream = session.raw.stream(0, buildBlockAccess(true, 0n, 8), {
      dataOut: { length: 4096, source: slow() },
      noProgressMs: 50,
    });
    await expect(stream.wait()).rejects.toMatchObject({ code: 'TIMEOUT_NO_PROGRESS' });
  });
});

describe('a deadline', () => {
  it('covers a command with all its retries', async () => {
    const store = new FaultStore(new MemoryStore({ blocks: 64, blockSize: 512 }), stuckClock(cleanup));
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect();
    const disk = await session.disk(0);
    store.faults.failAll = { kind: 'busy' };
    setTimeout(() => {
      store.faults.failAll = undefined;
      store.faults.latencyMs = 60_000;
    }, 1500);
    const started = performance.now();
    await expect(disk.read(0n, 1, { timeoutMs: 2000 })).rejects.toMatchObject({ code: 'TIMEOUT_COMMAND' });
    expect(performance.now() - started).toBeLessThan(3400);
  });
});

describe('listeners', () => {
  it('get each metric once, and none after they have gone', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect();
    for (let i = 0; i < 20; i += 1) session.on('metrics', () => undefined)();
    const seen: [number, number] = [0, 0];
    const count = (index: 0 | 1) => (event: { kind: string }) => {
      if (event.kind === 'command-complete') seen[index] += 1;
    };
    const stops = [session.on('metrics', count(0)), session.on('metrics', count(1))];
    await session.scsi.testUnitReady(0);
    expect(seen).toEqual([1, 1]);
    stops[0]?.();
    await session.scsi.testUnitReady(0);
    expect(seen).toEqual([1, 2]);
    stops[1]?.();
    expect(session.machine.core.hooks.metrics).toBeUndefined();
  });
});

describe('signals', () => {
  it('end the waiting of every call', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect();
    const stop = new AbortController();
    stop.abort();
    const { signal } = stop;
    const calls = [
      session.protocol.ping(new Uint8Array(0), { signal }),
      session.text([{ key: 'SendTargets', value: '' }], 1000, { signal }),
      session.tasks.send({ function: 1, signal }),
      session.scsi.inquiry(0, { signal }),
      session.disk(0, { signal }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(rig.connect({ initiatorName: 'iqn.2026-01.org.lunascope:me', signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(session.scsi.inquiry(-1)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await expect(session.scsi.testUnitReady(0, { timeoutMs: NaN })).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(await session.scsi.testUnitReady(0).catch((error: unknown) => error instanceof ScsiError)).toBeUndefined();
  });
});
