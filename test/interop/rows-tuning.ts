import assert from 'node:assert/strict';
import { assertSameBytes, Keystream } from './evidence.ts';
import type { Row } from './matrix.ts';
import { diskOf, type San, type SanRole } from './san.ts';
import { withSession } from './sessions.ts';

const KiB = 1024;
const roles: readonly SanRole[] = ['gibibyte', 'smallBursts'];

export const tuningRows: readonly Row<San>[] = [
  {
    name: 'bursts tuned for a size of transfer',
    check: async (san) => {
      const said: string[] = [];
      for (const role of roles) {
        const disk = diskOf(san, role);
        for (const transferBytes of [64 * KiB, 1024 * KiB]) {
          const counts = { r2ts: 0, segments: 0 };
          const onPdu = (direction: string, pdu: Uint8Array): void => {
            const opcode = direction === 'received' ? (pdu[0] ?? 0) & 0x3f : -1;
            if (opcode === 0x31) counts.r2ts++;
            if (opcode === 0x25) counts.segments++;
          };
          await withSession(san, { target: disk.target, transferBytes, onPdu }, async (session) => {
            const open = await session.disk(disk.lun);
            const data = new Keystream(`${san.name} ${role} ${String(transferBytes)}`).next(transferBytes);
            const { shape, lengths } = session.tuning;
            assert.ok(shape !== null);
            counts.r2ts = 0;
            await session.scsi.writeBlocks(disk.lun, 0n, open.blockSize, data);
            assert.equal(counts.r2ts, shape.r2ts, `R2Ts of a write of ${String(transferBytes)} bytes`);
            counts.segments = 0;
            const bytes = await session.scsi.readBlocks(disk.lun, 0n, transferBytes / open.blockSize, open.blockSize);
            assertSameBytes(bytes, data, 'read back');
            assert.ok(counts.segments >= shape.readSegments, 'no segment was longer than agreed');
            const [, , burst] = lengths;
            said.push(
              `${String(transferBytes / KiB)} KiB at MaxBurstLength ${String(burst?.result)}: ${String(counts.r2ts)} R2Ts, ${String(counts.segments)} segments`,
            );
          });
        }
      }
      return said.join('; ');
    },
  },
];
