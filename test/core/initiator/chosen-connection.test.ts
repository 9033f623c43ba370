import { afterEach, describe, expect, it } from 'vitest';
import { SessionPool, type Session } from '../../../core/initiator/index.ts';
import { shareStore } from '../../../core/node/index.ts';
import { Cleanup, patterned, sameBytes } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const TEST_UNIT_READY = new Uint8Array(6);

/** PDUs each connection has sent so far. */
function sent(session: Session): number[] {
  return session.connections.map((id) => session.machine.core.connections.get(id)?.counters.pdusOut ?? -1);
}

describe('a session with several connections', () => {
  it('runs raw and typed commands over the one that is chosen, and says where there is none', async () => {
    const { store, bytes } = patterned(64);
    const share = await shareStore(store, { port: 0, writable: true });
    cleanup.add(() => share.close());
    const pool = new SessionPool();
    cleanup.add(() => pool.close());
    const options = { target: share.targetName, maxConnections: 3, keepaliveIntervalMs: 0 };
    const { id, session } = await pool.open({ host: '127.0.0.1', port: share.port }, options);
    await session.addConnection();
    await session.addConnection();
    expect(session.connections).toEqual([0, 1, 2]);
    const disk = await session.disk(0);
    for (const connection of [2, 0, 1]) {
      const before = sent(session);
      for (let i = 0; i < 3; i += 1) await pool.execute(id, 0, TEST_UNIT_READY, { connection });
      await session.scsi.testUnitReady(0, { connection });
      expect(sameBytes(await disk.read(5n, 1, { connection }), bytes.subarray(5 * 512, 6 * 512))).toBe(true);
      await disk.write(9n, bytes.subarray(0, 512), { connection });
      await session.protocol.ping(new Uint8Array(8), { connection });
      const after = sent(session);
      expect(after.map((count, i) => count - (before[i] ?? 0))).toEqual(
        session.connections.map((each) => (each === connection ? 7 : 0)),
      );
    }
    await expect(session.scsi.testUnitReady(0, { connection: 3 })).rejects.toThrow(/no open connection 3/u);
    await expect(pool.execute(id, 0, TEST_UNIT_READY, { connection: 3 })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    await session.protocol.logoutConnection(2);
    await expect(disk.read(0n, 1, { connection: 2 })).rejects.toThrow(/no open connection 2/u);
    await session.scsi.testUnitReady(0);
  });
});
