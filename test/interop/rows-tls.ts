import assert from 'node:assert/strict';
import { TransportError } from '../../core/errors/index.ts';
import { connect, discover } from '../../core/initiator/index.ts';
import { TlsTerminator, tlsFixture } from '../support/tls-terminator.ts';
import { assertSameBytes, failure, Keystream, readFilePart } from './evidence.ts';
import type { Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { portalOf } from './sessions.ts';

const MiB = 1 << 20;

export const tlsRows: readonly Row<San>[] = [
  {
    name: 'inside TLS, through a terminator',
    timeoutMs: 60_000,
    check: async (san) => {
      const disk = diskOf(san, 'plain');
      const { host, port } = portalOf(san);
      const terminator = await TlsTerminator.start({ host, port: port ?? 3260 });
      const tls = { ca: tlsFixture('ca.pem') };
      try {
        const found = await discover(terminator, { tls });
        assert.deepEqual(
          san.targets.filter((name) => !found.some((each) => each.name === name)),
          [],
          'targets not found through TLS',
        );
        const seen = new Set<number>();
        const session = await connect(terminator, {
          target: disk.target,
          tls,
          onPdu: (_direction, pdu) => seen.add((pdu[0] ?? 0) & 0x3f),
        });
        try {
          const open = await session.disk(disk.lun);
          const data = new Keystream(`${san.name} tls`).next(16 * MiB);
          await open.write(0n, data);
          await open.flush();
          assertSameBytes(await open.read(0n, data.length / disk.blockSize), data, 'read inside TLS');
          if (disk.image !== undefined)
            assertSameBytes(await readFilePart(disk.image, 0, data.length), data, 'in the file behind the LUN');
          for (const opcode of [0x03, 0x23, 0x01, 0x25]) assert.ok(seen.has(opcode), `opcode ${opcode} was recorded`);
          assert.equal(session.tls?.verified, true);
          await session.logout();
        } finally {
          session.destroy();
        }
        await failure(discover(terminator, { tls: {} }), TransportError, 'TLS_FAILED');
        await failure(discover(portalOf(san), { tls, connectTimeoutMs: 2000 }), TransportError, 'TLS_FAILED');
        return `${String(terminator.secured)} handshakes, ${session.tls.protocol}`;
      } finally {
        await terminator.stop();
      }
    },
  },
];
