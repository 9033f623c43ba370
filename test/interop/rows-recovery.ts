import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { TaskError, TransportError } from '../../core/errors/index.ts';
import { connect, type Disk, type Session } from '../../core/initiator/index.ts';
import { assertSameBytes, failure, Keystream } from './evidence.ts';
import type { Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { portalOf, withSession } from './sessions.ts';

const MiB = 1 << 20;
const piece = 256 * 1024;

export const recoveryRows: readonly Row<San>[] = [
  {
    name: 'several connections in one session',
    check: async (san) => {
      const disk = diskOf(san, 'connections');
      return withSession(san, { target: disk.target, maxConnections: 4 }, async (session) => {
        assert.equal(session.parameters.maxConnections, 4);
        const open = await session.disk(disk.lun);
        const data = new Keystream(`${san.name} connections`).next(16 * MiB);
        await open.write(0n, data);
        for (const count of [2, 3, 4]) {
          await session.addConnection();
          assert.equal(session.connections.length, count);
          await verifyPieces(open, data);
        }
        for (const connection of session.connections) await session.protocol.ping(new Uint8Array(64), { connection });
        const last = session.connections.at(-1) ?? 0;
        await session.protocol.logoutConnection(last);
        assert.equal(session.connections.length, 3);
        await verifyPieces(open, data);
        return '4 connections, 3 after one logged out';
      });
    },
  },
  {
    name: 'target killed mid read, nobody reconnects',
    check: async (san) => {
      const disk = diskOf(san, 'gibibyte');
      const session = await connect(portalOf(san), { target: disk.target, maxReconnectAttempts: 0 });
      try {
        const open = await session.disk(disk.lun);
        let told = 0;
        const reading = failure(open.read(0n, (512 * MiB) / open.blockSize), Error).finally(() => {
          told = performance.now();
        });
        await delay(20);
        const killed = performance.now();
        await san.kill();
        const error = await reading;
        assert.ok(error instanceof TransportError || error instanceof TaskError, String(error));
        assert.ok(told - killed < 1000, `told after ${(told - killed).toFixed(0)} ms`);
        return error.message;
      } finally {
        session.destroy();
        await san.revive();
      }
    },
  },
  {
    name: 'target restarted mid read, the reads go on',
    timeoutMs: 60_000,
    check: async (san) => {
      const disk = diskOf(san, 'gibibyte');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        const data = new Keystream(`${san.name} restart`).next(64 * MiB);
        await open.write(0n, data);
        await open.flush();
        const generation = session.generation;
        const reading = verifyPieces(open, data);
        await delay(10);
        await san.kill();
        await delay(500);
        await san.revive();
        const returned = performance.now();
        const back = session.state === 'full' ? Promise.resolve(returned) : loggedIn(session);
        const took = (await back) - returned;
        await reading;
        assert.ok(session.generation > generation, 'the session logged in again');
        // A login that was begun too early may have to be begun again.
        assert.ok(took < 2 * san.loginMs + 2000, `back ${took.toFixed(0)} ms after the target`);
        await verifyPieces(open, data);
        return `back ${took.toFixed(0)} ms after the target`;
      });
    },
  },
  {
    name: 'target restarted mid write, nothing is repeated unasked',
    timeoutMs: 60_000,
    check: async (san) => {
      const disk = diskOf(san, 'gibibyte');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        const data = new Keystream(`${san.name} rewrite`).next(256 * MiB);
        const writing = failure(open.write(0n, data), TaskError, 'TASK_UNKNOWN_OUTCOME');
        await delay(20);
        await san.kill();
        await san.revive();
        const error = await writing;
        await open.write(0n, data.subarray(0, 32 * MiB));
        await verifyPieces(open, data.subarray(0, 32 * MiB));
        return error.message;
      });
    },
  },
];

/** The moment a session is in full feature phase again. */
function loggedIn(session: Session): Promise<number> {
  return new Promise((resolve) => {
    const stop = session.on('state', (to) => {
      if (to !== 'full') return;
      stop();
      resolve(performance.now());
    });
  });
}

/** Reads everything in many commands at once and compares every byte. */
async function verifyPieces(disk: Disk, data: Uint8Array): Promise<void> {
  const blocks = piece / disk.blockSize;
  const reads = Array.from({ length: data.length / piece }, async (_, index) => {
    const bytes = await disk.read(BigInt(index * blocks), blocks);
    assertSameBytes(bytes, data.subarray(index * piece, (index + 1) * piece), `piece ${index}`);
  });
  await Promise.all(reads);
}
