import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError, TaskError, TransportError } from '../../core/errors/index.ts';
import { connect } from '../../core/initiator/index.ts';
import { assertSameBytes, failure, Keystream } from './evidence.ts';
import type { Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { portalOf, withSession } from './sessions.ts';

const MiB = 1 << 20;

export const loadRows: readonly Row<San>[] = [
  {
    name: '512 reads at once through a small window',
    check: async (san) => {
      const disk = diskOf(san, 'plain');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        const data = new Keystream(`${san.name} window`).next(2 * MiB);
        await open.write(8192n, data);
        const reads = Array.from({ length: 512 }, (_, index) => open.read(8192n + BigInt(index * 8), 8));
        for (const [index, bytes] of (await Promise.all(reads)).entries())
          assertSameBytes(bytes, data.subarray(index * 4096, index * 4096 + 4096), `read ${index}`);
        return undefined;
      });
    },
  },
  {
    name: 'a read called off, the session goes on',
    check: async (san) => {
      const disk = diskOf(san, 'gibibyte');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        const expected = await open.read(0n, 64);
        const stop = new AbortController();
        const reading = open.read(0n, (256 * MiB) / open.blockSize, { signal: stop.signal });
        await delay(5);
        stop.abort();
        await failure(reading, CancelledError, 'CANCELLED');
        assertSameBytes(await open.read(0n, 64), expected, 'a read after it');
        assert.equal(session.state, 'full');
        return undefined;
      });
    },
  },
  {
    name: 'ping',
    check: async (san) =>
      withSession(san, { target: diskOf(san, 'plain').target }, async (session) => {
        const ms = await session.protocol.ping(new Keystream('ping').next(512));
        session.protocol.sendExpStatSnConfirmation();
        // tgt leaves the PDU after such a NOP-Out lying until one more arrives, so two are sent.
        await Promise.all([session.protocol.ping(), session.protocol.ping()]);
        assert.ok((await session.luns()).length > 0);
        return `${ms.toFixed(1)} ms`;
      }),
  },
  {
    name: 'target killed and restarted mid read',
    timeoutMs: 60_000,
    check: async (san) => {
      const disk = diskOf(san, 'gibibyte');
      const session = await connect(portalOf(san), { target: disk.target });
      try {
        const open = await session.disk(disk.lun);
        const expected = await open.read(1024n, 256);
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
        await san.revive();
        const after = await withSession(san, { target: disk.target }, async (again) =>
          (await again.disk(disk.lun)).read(1024n, 256),
        );
        assertSameBytes(after, expected, 'the same blocks after the restart');
        return error.message;
      } finally {
        session.destroy();
      }
    },
  },
];
