import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { LunascopeError, TaskError } from '../../core/errors/index.ts';
import { connect, type ConnectOptions, type Disk, type Session } from '../../core/initiator/index.ts';
import { FaultProxy, type Direction } from '../support/fault-proxy.ts';
import { seeded } from '../support/session-sim.ts';
import { assertSameBytes, Keystream } from './evidence.ts';
import { length } from './length.ts';
import { NotHere, type Row } from './matrix.ts';
import { diskOf, type San, type SanDisk } from './san.ts';
import { portalOf, withSession } from './sessions.ts';

const KiB = 1024;
const quick = { keepaliveIntervalMs: 300, keepaliveTimeoutMs: 300, reconnectBackoffMs: 100 };
const directions: readonly Direction[] = ['toTarget', 'fromTarget'];

export const faultRows: readonly Row<San>[] = [
  {
    name: 'cut at every byte of a login and a read',
    timeoutMs: 180_000,
    check: async (san) => {
      if (san.loginMs > 0) throw new NotHere(`${san.name} takes a second for each of some two thousand logins`);
      const { disk, data } = await prepared(san, 'cut', 64 * KiB);
      return throughProxy(san, async (proxy) => {
        const once = async (): Promise<'right' | LunascopeError> => {
          const options = {
            target: disk.target,
            maxReconnectAttempts: 0,
            loginTimeoutMs: 2000,
            commandTimeoutMs: 2000,
          };
          try {
            const session = await connect(proxy, options);
            try {
              const bytes = await session.scsi.readBlocks(disk.lun, 0n, 1, disk.blockSize);
              assertSameBytes(bytes, data.subarray(0, disk.blockSize), 'the block');
              return 'right';
            } finally {
              session.destroy();
            }
          } catch (error) {
            if (error instanceof LunascopeError) return error;
            throw error;
          }
        };
        assert.equal(await once(), 'right');
        const whole = { ...proxy.carried };
        const codes = new Map<string, number>();
        for (const direction of directions)
          for (let byte = 0; byte < whole[direction]; byte++) {
            proxy.faults.closeAt = { direction, byte };
            const outcome = await once();
            assert.notEqual(outcome, 'right', `cut after ${byte} bytes ${direction}, yet the read came whole`);
            if (outcome !== 'right') codes.set(outcome.code, (codes.get(outcome.code) ?? 0) + 1);
          }
        return [...codes].map(([code, count]) => `${count} ${code}`).join(', ');
      });
    },
  },
  {
    name: 'one byte corrupted, with digests',
    timeoutMs: 180_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'corrupt', 256 * KiB, 'digests');
      // Each costs the two seconds of DefaultTime2Wait.
      const tries = 5;
      return throughProxy(san, async (proxy) => {
        const options: ConnectOptions = {
          target: disk.target,
          headerDigest: ['CRC32C'],
          dataDigest: ['CRC32C'],
          loginTimeoutMs: 5000,
          commandTimeoutMs: 20_000,
          ...quick,
        };
        const session = await connect(proxy, options);
        let seen = 0;
        try {
          const open = await session.disk(disk.lun);
          for (let index = 0; index < tries; index++) {
            const connections = proxy.connections;
            const byte = proxy.carried.fromTarget + 1 + ((index * 41_911) % (200 * KiB));
            proxy.faults.corruptAt = { direction: 'fromTarget', byte };
            assertSameBytes(await readAll(open, data.length), data, `after byte ${byte} was corrupted`);
            proxy.faults.corruptAt = undefined;
            if (proxy.connections > connections) seen++;
          }
        } finally {
          session.destroy();
        }
        assert.ok(seen > 0, 'a digest noticed');
        return `${tries} verified reads, ${seen} logins after a bad digest`;
      });
    },
  },
  {
    name: 'a network that delays, and halves its rate twice',
    timeoutMs: 60_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'slow', 1024 * KiB);
      return throughProxy(san, async (proxy) => {
        const session = await connect(proxy, { target: disk.target });
        try {
          const open = await session.disk(disk.lun);
          proxy.faults.delayMs = 15;
          const took: string[] = [];
          for (const rate of [8 << 20, 4 << 20, 2 << 20]) {
            proxy.faults.bytesPerSecond = rate;
            const started = performance.now();
            assertSameBytes(await readAll(open, data.length), data, `read at ${String(rate)} bytes a second`);
            took.push(`${(performance.now() - started).toFixed(0)} ms`);
          }
          await open.write(0n, data);
          assert.equal(proxy.connections, 1, 'slowness cost no connection');
          return `1 MiB read in ${took.join(', ')}`;
        } finally {
          session.destroy();
        }
      });
    },
  },
  {
    name: 'connections dropped again and again',
    timeoutMs: 600_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'dropped', 4 * 1024 * KiB);
      return throughProxy(san, async (proxy) => {
        const random = seeded(length.seed);
        const session = await connect(proxy, { target: disk.target, loginTimeoutMs: 5000, ...quick });
        const back: number[] = [];
        try {
          const open = await session.disk(disk.lun);
          for (let index = 0; index < length.drops; index++) {
            const reading = readLater(open, data.length);
            await delay(random() * 20);
            const generation = session.generation;
            proxy.cut();
            const cut = performance.now();
            assertSameBytes(await reading, data, `read over drop ${String(index + 1)}`);
            assertSameBytes(await open.read(0n, 8), data.subarray(0, 8 * disk.blockSize), 'read after it');
            if (session.generation > generation) back.push(performance.now() - cut);
          }
        } finally {
          session.destroy();
        }
        assert.ok(back.length > 0, 'the session logged in again');
        const longest = Math.max(...back);
        // The target asks for DefaultTime2Wait=2 s between a loss and the next login.
        assert.ok(longest < 2000 + san.loginMs + 2000, `${longest.toFixed(0)} ms from the drop to the last byte`);
        return `${String(length.drops)} drops, whole again after ${longest.toFixed(0)} ms at most`;
      });
    },
  },
  {
    name: 'the network gone for a while',
    timeoutMs: 180_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'gone', 1024 * KiB);
      return throughProxy(san, async (proxy) => {
        const options = { target: disk.target, loginTimeoutMs: 2000, maxReconnectAttempts: 200, ...quick };
        const session = await connect(proxy, { ...options, commandTimeoutMs: 150_000 });
        try {
          const open = await session.disk(disk.lun);
          proxy.faults.silent = true;
          proxy.shut();
          const reading = readLater(open, data.length);
          await delay(length.outageMs);
          assert.notEqual(session.state, 'full', 'the silence was noticed');
          proxy.cut();
          proxy.faults.silent = false;
          await proxy.reopen();
          const back = performance.now();
          assertSameBytes(await reading, data, 'what was asked for in the silence');
          const took = performance.now() - back;
          // DefaultTime2Wait may still run where the silence was short.
          const rest = Math.max(0, 4000 - length.outageMs);
          assert.ok(took < 2500 + san.loginMs + rest, `read only ${took.toFixed(0)} ms after the network was back`);
          return `away ${String(length.outageMs / 1000)} s, read ${took.toFixed(0)} ms after the network was back`;
        } finally {
          session.destroy();
        }
      });
    },
  },
  {
    name: 'target restarted at random moments',
    timeoutMs: 3_600_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'random', 32 * 1024 * KiB, 'gibibyte');
      return withSession(
        san,
        { target: disk.target, reconnectBackoffMs: 200, maxReconnectAttempts: 500 },
        async (session) => {
          const open = await session.disk(disk.lun);
          const scratch = BigInt((512 * 1024 * KiB) / disk.blockSize);
          const random = seeded(length.seed);
          let unknown = 0;
          let longest = 0;
          for (let index = 0; index < length.restarts; index++) {
            const reading = readLater(open, data.length);
            const writing = open.write(scratch, data).then(
              () => true,
              (error: unknown) => {
                return error instanceof TaskError && error.code === 'TASK_UNKNOWN_OUTCOME' ? false : String(error);
              },
            );
            await delay(random() * 60);
            await san.kill();
            await san.revive();
            const returned = performance.now();
            await (session.state === 'full' ? undefined : loggedIn(session));
            longest = Math.max(longest, performance.now() - returned);
            // A login that began while the target was starting is lost, and costs its time once more.
            assert.ok(longest < 2 * san.loginMs + 2000, `back only ${longest.toFixed(0)} ms after the target`);
            assertSameBytes(await reading, data, `read over restart ${index}`);
            const written = await writing;
            assert.equal(typeof written, 'boolean', String(written));
            if (written === false) unknown++;
            await open.write(scratch, data.subarray(0, 1024 * KiB));
            const bytes = await open.read(scratch, (1024 * KiB) / disk.blockSize);
            assertSameBytes(bytes, data.subarray(0, 1024 * KiB), `written after restart ${index}`);
          }
          return (
            `${length.restarts} restarts (seed ${length.seed}), every read right, ${unknown} writes ended as unknown, ` +
            `back ${longest.toFixed(0)} ms after the target at most`
          );
        },
      );
    },
  },
];

/** A disk with known content from its first block on. */
async function prepared(
  san: San,
  seed: string,
  length: number,
  role: 'plain' | 'digests' | 'gibibyte' = 'plain',
): Promise<{ disk: SanDisk; data: Uint8Array }> {
  const disk = diskOf(san, role);
  const data = new Keystream(`${san.name} ${seed}`).next(length);
  await withSession(san, { target: disk.target }, async (session) => {
    const open = await session.disk(disk.lun);
    await open.write(0n, data);
    await open.flush();
  });
  return { disk, data };
}

async function throughProxy<T>(san: San, work: (proxy: FaultProxy) => Promise<T>): Promise<T> {
  const { host, port } = portalOf(san);
  const proxy = await FaultProxy.start({ host, port: port ?? 3260 });
  try {
    return await work(proxy);
  } finally {
    await proxy.stop();
  }
}

/** Waits until a session is in full feature phase again. */
async function loggedIn(session: Session): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = session.on('state', (to) => {
      if (to !== 'full') return;
      stop();
      resolve();
    });
  });
}

/** A read that is awaited later; what it fails with is met there. */
function readLater(disk: Disk, length: number): Promise<Uint8Array> {
  const reading = readAll(disk, length);
  reading.catch(() => undefined);
  return reading;
}

function readAll(disk: Disk, length: number): Promise<Uint8Array> {
  return disk.read(0n, length / disk.blockSize);
}
