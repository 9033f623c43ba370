import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError } from '../../core/errors/index.ts';
import { assertSameBytes, failure, Keystream } from './evidence.ts';
import type { Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { withSession } from './sessions.ts';

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
];
