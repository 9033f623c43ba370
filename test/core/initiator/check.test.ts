import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../../core/initiator/index.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { Cleanup, patterned, startRig, TARGET } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function rigged(reconnectBackoffMs: number) {
  const rig = await startRig(cleanup, [patterned(16).store]);
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: rig.port });
  cleanup.add(() => proxy.stop());
  const session = await connect(
    { host: proxy.host, port: proxy.port },
    { target: TARGET, keepaliveIntervalMs: 0, reconnectBackoffMs },
  );
  cleanup.add(() => {
    session.destroy();
    return Promise.resolve();
  });
  return { proxy, session };
}

describe('asking a session whether it is still there', () => {
  it('gives a round trip where it is', async () => {
    const { session } = await rigged(10);
    expect(await session.protocol.check(2000)).toBeGreaterThan(0);
    expect(session.state).toBe('full');
  });

  it('gives up a connection that stays silent, so that it is opened again', async () => {
    const { proxy, session } = await rigged(10);
    proxy.faults.silent = true;
    const states: string[] = [];
    session.on('state', (to) => states.push(to));
    await expect(session.protocol.check(200)).rejects.toMatchObject({ code: 'TIMEOUT_KEEPALIVE' });
    expect(states).toEqual(['recovering']);
    proxy.faults.silent = false;
    await expect.poll(() => session.state, { timeout: 20_000 }).toBe('full');
  });

  it('gives nothing up once it is called off', async () => {
    const { proxy, session } = await rigged(10);
    proxy.faults.silent = true;
    const stop = new AbortController();
    const checking = session.protocol.check(20_000, { signal: stop.signal });
    stop.abort();
    await expect(checking).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([session.state, session.connections]).toEqual(['full', [0]]);
  });

  it('makes a reconnect that waits at once', async () => {
    const { proxy, session } = await rigged(25_000);
    const back = new Promise<void>((resolve) =>
      session.on('state', (to) => {
        if (to === 'full') resolve();
      }),
    );
    const lost = new Promise<void>((resolve) =>
      session.on('state', (to) => {
        if (to === 'recovering') resolve();
      }),
    );
    proxy.cut();
    await lost;
    const began = performance.now();
    await session.protocol.check(2000);
    await back;
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});
