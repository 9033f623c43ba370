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
    name: 'pings among reads',
    check: async (san) =>
      withSession(san, { target: diskOf(san, 'plain').target }, async (session) => {
        const open = await session.disk(diskOf(san, 'plain').lun);
        const data = new Keystream(`${san.name} pings`).next(2 * MiB);
        await open.write(0n, data);
        const warnings: string[] = [];
        session.on('event', (event) => event.kind === 'warning' && warnings.push(event.text));
        const { generation } = session;
        let pings = 0;
        for (let round = 0; round < 8; round++) {
          const reads = Array.from({ length: 256 }, (_, index) => open.read(BigInt(index * 16), 16));
          const echoes = Array.from({ length: 32 }, () => session.protocol.ping(new Uint8Array(32)));
          const [blocks, times] = await Promise.all([Promise.all(reads), Promise.all(echoes)]);
          for (const [index, bytes] of blocks.entries())
            assertSameBytes(bytes, data.subarray(index * 8192, index * 8192 + 8192), `read ${index}`);
          pings += times.length;
        }
        assert.equal(session.generation, generation, 'the session never had to come back');
        return `${pings} pings${warnings.length === 0 ? '' : `, ${warnings.join(' ')}`}`;
      }),
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
