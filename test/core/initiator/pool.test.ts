import { afterEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../core/errors/index.ts';
import { SessionPool } from '../../../core/initiator/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { listenRaw } from './raw-peer.ts';
import { Cleanup } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const listening = (target: RawTarget): Promise<number> => listenRaw(cleanup, target);

const OPTIONS = { target: 'iqn.2026-01.test:raw', keepaliveIntervalMs: 0 };

describe('a pool', () => {
  it('opens many sessions, runs commands in each, and lets go of those that end', async () => {
    const port = await listening(new RawTarget());
    const pool = new SessionPool({ logins: 3 });
    const opened = await Promise.all(Array.from({ length: 12 }, () => pool.open({ host: '127.0.0.1', port }, OPTIONS)));
    expect(pool.sessions.map((each) => each.id).sort((a, b) => a - b)).toEqual(
      opened.map((each) => each.id).sort((a, b) => a - b),
    );
    for (const { id } of opened) expect((await pool.execute(id, 0, new Uint8Array(6))).status).toBe(0);
    opened[0]?.session.destroy();
    expect(pool.sessions).toHaveLength(11);
    await expect(pool.execute(opened[0]?.id ?? 0, 0, new Uint8Array(6))).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    await pool.close();
    expect(pool.sessions).toEqual([]);
    await expect(pool.open({ host: '127.0.0.1', port }, OPTIONS)).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });

  it('holds no more sessions than it may', async () => {
    const port = await listening(new RawTarget());
    const pool = new SessionPool({ sessions: 1 });
    await pool.open({ host: '127.0.0.1', port }, OPTIONS);
    await expect(pool.open({ host: '127.0.0.1', port }, OPTIONS)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    await pool.close();
  });

  it('is closed in less than three seconds when every target is silent', async () => {
    const target = new RawTarget();
    const port = await listening(target);
    const pool = new SessionPool();
    const opened = await Promise.all(Array.from({ length: 20 }, () => pool.open({ host: '127.0.0.1', port }, OPTIONS)));
    target.rules.push(() => true);
    const hanging = opened.map(({ session }) =>
      session.raw.execute(0, new Uint8Array(6)).catch((error: unknown) => error),
    );
    const late = pool.open({ host: '127.0.0.1', port }, OPTIONS).catch((error: unknown) => error);
    const started = performance.now();
    await pool.close();
    expect(performance.now() - started).toBeLessThan(3000);
    for (const outcome of await Promise.all(hanging)) expect(outcome).toHaveProperty('code');
    expect(await late).toBeInstanceOf(CancelledError);
  });
});
