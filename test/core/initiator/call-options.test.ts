import { afterEach, describe, expect, it } from 'vitest';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { connectRaw } from './raw-peer.ts';
import { Cleanup } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const TEST_UNIT_READY = new Uint8Array(6);

describe('what goes with a single call', () => {
  it('is refused where it is out of its range, before anything is sent', async () => {
    const target = new RawTarget();
    const session = await connectRaw(cleanup, target);
    const before = target.received.length;
    for (const ms of [0, -1, NaN, 25 * 3600 * 1000]) {
      const refused = { code: 'OUT_OF_RANGE', details: { value: ms } };
      await expect(session.raw.execute(0, TEST_UNIT_READY, { timeoutMs: ms })).rejects.toMatchObject(refused);
      await expect(session.raw.execute(0, TEST_UNIT_READY, { noProgressMs: ms })).rejects.toMatchObject(refused);
      await expect(session.scsi.testUnitReady(0, { timeoutMs: ms })).rejects.toMatchObject(refused);
      await expect(session.tasks.lunReset(0, { timeoutMs: ms })).rejects.toMatchObject(refused);
      expect(() => session.raw.stream(0, TEST_UNIT_READY, { noProgressMs: ms })).toThrow(/noProgressMs/u);
    }
    const attribute = 7 as unknown as 4;
    await expect(session.raw.execute(0, TEST_UNIT_READY, { attribute })).rejects.toThrow(
      /attribute is a whole number/u,
    );
    expect(target.received).toHaveLength(before);
  });

  it('may be a signal: task management is waited for no longer', async () => {
    const target = new RawTarget();
    const stop = new AbortController();
    target.on(0x02, () => {
      stop.abort();
      return true;
    });
    const session = await connectRaw(cleanup, target);
    const { signal } = stop;
    await expect(session.tasks.abortTaskSet(0, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    for (const run of [
      () => session.tasks.abortTask(0, 1, { signal }),
      () => session.tasks.clearAca(0, { signal }),
      () => session.tasks.clearTaskSet(0, { signal }),
      () => session.tasks.lunReset(0, { signal }),
      () => session.tasks.targetWarmReset({ signal }),
      () => session.tasks.targetColdReset({ signal }),
      () => session.tasks.reassign(0, 1, { signal }),
    ])
      await expect(run()).rejects.toMatchObject({ code: 'CANCELLED' });
    // Those were called off before they were sent.
    expect(target.received.filter((each) => each.opcode === 0x02)).toHaveLength(1);
  });

  it('may be how long task management is waited for', async () => {
    const target = new RawTarget();
    target.on(0x02, () => true);
    const session = await connectRaw(cleanup, target);
    const from = performance.now();
    await expect(session.tasks.lunReset(0, { timeoutMs: 30 })).rejects.toMatchObject({ code: 'TIMEOUT_COMMAND' });
    expect(performance.now() - from).toBeLessThan(4000);
  });

  it('may be a signal: a connection that comes up too late is left again', async () => {
    const target = new RawTarget({ keys: { MaxConnections: '2' } });
    const session = await connectRaw(cleanup, target, { maxConnections: 2 });
    const stop = new AbortController();
    let answer: () => void = () => undefined;
    target.on(0x03, (connection, request) => {
      answer = () => {
        connection.login(request);
      };
      stop.abort();
      return true;
    });
    await expect(session.addConnection(undefined, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const left = new Promise<void>((resolve) => {
      session.on('event', (event) => {
        if (event.kind === 'connection' && event.change === 'closed') resolve();
      });
    });
    target.rules.length = 0;
    answer();
    await left;
    expect(session.connections).toEqual([0]);
  });
});
