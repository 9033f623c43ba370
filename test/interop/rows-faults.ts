import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { LunascopeError, TaskError } from '../../core/errors/index.ts';
import { connect, type ConnectOptions, type Disk } from '../../core/initiator/index.ts';
import { FaultProxy, type Direction } from '../support/fault-proxy.ts';
import { assertSameBytes, Keystream } from './evidence.ts';
import { NotHere, type Row } from './matrix.ts';
import { diskOf, type San, type SanDisk } from './san.ts';
import { portalOf, withSession } from './sessions.ts';

const KiB = 1024;
const quick = { keepaliveIntervalMs: 300, keepaliveTimeoutMs: 300, reconnectBackoffMs: 100 };
const directions: readonly Direction[] = ['toTarget', 'fromTarget'];

/** How often the target is restarted; the long run sets it to 200. */
const restarts = Number(process.env['INTEROP_RESTARTS'] ?? '3');

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
    name: 'a slow network with delays',
    timeoutMs: 60_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'slow', 1024 * KiB);
      return throughProxy(san, async (proxy) => {
        const session = await connect(proxy, { target: disk.target });
        try {
          const open = await session.disk(disk.lun);
          proxy.faults.delayMs = 15;
          proxy.faults.bytesPerSecond = 4 << 20;
          assertSameBytes(await readAll(open, data.length), data, 'through the slow network');
          await open.write(0n, data);
        } finally {
          session.destroy();
        }
        return undefined;
      });
    },
  },
  {
    name: 'the network gone for a while',
    timeoutMs: 60_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'gone', 1024 * KiB);
      return throughProxy(san, async (proxy) => {
        const session = await connect(proxy, { target: disk.target, loginTimeoutMs: 2000, ...quick });
        try {
          const open = await session.disk(disk.lun);
          proxy.faults.silent = true;
          const reading = readAll(open, data.length);
          await delay(3000);
          assert.notEqual(session.state, 'full', 'the silence was noticed');
          proxy.cut();
          proxy.faults.silent = false;
          const back = performance.now();
          assertSameBytes(await reading, data, 'what was asked for in the silence');
          return `read ${(performance.now() - back).toFixed(0)} ms after the network was back`;
        } finally {
          session.destroy();
        }
      });
    },
  },
  {
    name: `target restarted ${restarts} times at random moments`,
    timeoutMs: 60_000 + restarts * 10_000,
    check: async (san) => {
      const { disk, data } = await prepared(san, 'random', 32 * 1024 * KiB, 'gibibyte');
      return withSession(san, { target: disk.target, reconnectBackoffMs: 200 }, async (session) => {
        const open = await session.disk(disk.lun);
        const scratch = BigInt((512 * 1024 * KiB) / disk.blockSize);
        let unknown = 0;
        for (let index = 0; index < restarts; index++) {
          const reading = readAll(open, data.length);
          const writing = open.write(scratch, data).then(
            () => true,
            (error: unknown) => {
              assert.ok(error instanceof TaskError && error.code === 'TASK_UNKNOWN_OUTCOME', String(error));
              return false;
            },
          );
          await delay(Math.random() * 60);
          await san.kill();
          await san.revive();
          assertSameBytes(await reading, data, `read over restart ${index}`);
          if (!(await writing)) unknown++;
          await open.write(scratch, data.subarray(0, 1024 * KiB));
          const bytes = await open.read(scratch, (1024 * KiB) / disk.blockSize);
          assertSameBytes(bytes, data.subarray(0, 1024 * KiB), `written after restart ${index}`);
        }
        return `every read right; ${unknown} writes ended as unknown`;
      });
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

function readAll(disk: Disk, length: number): Promise<Uint8Array> {
  return disk.read(0n, length / disk.blockSize);
}
