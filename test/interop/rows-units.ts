import assert from 'node:assert/strict';
import { ScsiError, UsageError } from '../../core/errors/index.ts';
import { buildBlockAccess, buildCdb, decodeSense } from '../../core/scsi/index.ts';
import { assertSameBytes, failure, readFilePart } from './evidence.ts';
import { NotHere, type Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { withSession } from './sessions.ts';

const checkCondition = 0x02;
const notReady = 0x02;
const illegalRequest = 0x05;
const unitAttention = 0x06;
const dataProtect = 0x07;

export const unitRows: readonly Row<San>[] = [
  {
    name: 'several LUNs',
    check: async (san) =>
      withSession(san, { target: san.luns.target }, async (session) => {
        const luns = await session.luns();
        assert.deepEqual(
          luns.map(({ number }) => number),
          san.luns.numbers,
        );
        let disks = 0;
        for (const { lun } of luns) {
          const { deviceType } = await session.scsi.inquiry(lun);
          assert.ok(deviceType !== undefined);
          if (deviceType !== 0) continue;
          const disk = await session.disk(lun);
          assert.equal((await disk.read(0n, 1)).length, disk.blockSize);
          disks++;
        }
        return `${luns.length} LUNs, a block read from each of ${disks} disks`;
      }),
  },
  {
    name: 'read-only LUN',
    check: async (san) => {
      const disk = diskOf(san, 'readOnly');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        const first = await open.read(0n, 4);
        if (disk.image !== undefined)
          assertSameBytes(first, await readFilePart(disk.image, 0, first.length), 'the blocks');
        const block = new Uint8Array(open.blockSize);
        const sent = await session.raw.execute(disk.lun, buildBlockAccess(true, 0n, 1), { dataOut: block });
        assert.equal(sent.status, checkCondition, 'the target refuses the write');
        const key = decodeSense(sent.sense)?.key;
        assert.ok(key === dataProtect || key === illegalRequest, `sense key ${String(key)}`);
        assertSameBytes(await open.read(0n, 4), first, 'unchanged');
        if (!open.writeProtected) {
          await failure(open.write(0n, block), ScsiError, 'SCSI_CHECK_CONDITION');
          return 'the write protect bit is not set, the write is refused';
        }
        await failure(open.write(0n, block), UsageError, 'WRITE_PROTECTED');
        return undefined;
      });
    },
  },
  {
    name: 'units that are no disks',
    check: async (san) => {
      if (san.otherUnits.length === 0) throw new NotHere(san.absent.otherUnits ?? `${san.name} has disks only`);
      for (const { target, lun, deviceType } of san.otherUnits)
        await withSession(san, { target }, async (session) => {
          assert.equal((await session.scsi.inquiry(lun)).deviceType, deviceType);
          if (deviceType === 0x05) assert.ok((await session.disk(lun)).blocks > 0n, 'a disc has blocks');
          else await failure(session.disk(lun), UsageError, 'UNSUPPORTED');
        });
      return san.otherUnits.map(({ deviceType }) => `type ${deviceType.toString(16)}`).join(', ');
    },
  },
  {
    name: 'an empty drive',
    check: async (san) => {
      const drive = san.emptyDrive;
      if (drive === undefined) throw new NotHere(san.absent.emptyDrive ?? `${san.name} has no drive`);
      return withSession(san, { target: drive.target }, async (session) => {
        const error = await failure(session.scsi.testUnitReady(drive.lun), ScsiError, 'SCSI_CHECK_CONDITION');
        const sense = decodeSense(error.sense);
        assert.equal(sense?.key, notReady);
        assert.equal(sense.asc, 0x3a, 'medium not present');
        return error.message;
      });
    },
  },
  {
    name: 'sense for a read past the end',
    check: async (san) => {
      const disk = diskOf(san, 'plain');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        const cdb = buildBlockAccess(false, open.blocks, 1);
        const result = await session.raw.execute(disk.lun, cdb, { dataIn: open.blockSize });
        assert.equal(result.status, checkCondition);
        const sense = decodeSense(result.sense);
        // istgt answers CHECK CONDITION without any sense data, which must be told apart from sense key 0.
        if (result.sense.length === 0) {
          assert.equal(sense, undefined);
          return 'CHECK CONDITION without sense data';
        }
        assert.equal(sense?.key, illegalRequest);
        assert.equal(sense.asc, 0x21);
        return 'LBA out of range';
      });
    },
  },
  {
    name: 'task management',
    check: async (san) => {
      const { target, lun } = diskOf(san, 'plain');
      return withSession(san, { target }, async (session) => {
        await session.scsi.testUnitReady(lun);
        const unknown = await session.tasks.abortTask(lun, 0x7fff_0001);
        assert.ok(unknown.response === 1 || unknown.response === 0, `unknown task: ${unknown.name}`);
        const set = await session.tasks.abortTaskSet(lun);
        assert.ok(set.complete || set.response === 5, `abort task set: ${set.name}`);
        const reset = await session.tasks.lunReset(lun);
        assert.ok(reset.complete, `LUN reset: ${reset.name}`);
        const after = await session.raw.execute(lun, buildCdb('testUnitReady', {}));
        if (san.attentionAfterReset) {
          assert.equal(after.status, checkCondition);
          assert.equal(decodeSense(after.sense)?.key, unitAttention);
        }
        await session.tasks.lunReset(lun);
        // The typed tier notes the attention and goes on.
        await session.scsi.testUnitReady(lun);
        assert.ok((await session.disk(lun)).blocks > 0n);
        return `unknown task: ${unknown.name}; abort task set: ${set.name}; LUN reset: ${reset.name}`;
      });
    },
  },
];
