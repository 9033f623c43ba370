import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, runOk } from '../support/real/child.ts';
import { iscsiInq, iscsiLs, iscsiPerf, iscsiReadCapacity16, qemuImg, qemuIo } from '../support/real/initiators.ts';
import { startOurTarget } from '../support/real/our-target.ts';
import { makeScratch, removeScratch } from '../support/real/scratch.ts';
import { requireTool } from '../support/real/tools.ts';
import { hashFilePart, Keystream } from './evidence.ts';
import { NotHere, type Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { urlOf } from './sessions.ts';

const MiB = 1 << 20;

/** Other people's initiators at a target; what they write is compared with the file behind the LUN. */
export const strangerRows: readonly Row<San>[] = [
  {
    name: 'iscsi-ls',
    check: async (san) => {
      const { targets } = await iscsiLs(urlOf(san, { target: '', lun: 0 }).replace('/0', ''), { luns: false });
      assert.deepEqual([...new Set(targets.map(({ name }) => name))].sort(), [...san.targets].sort());
      // With LUNs it ends at the first target that refuses it, so that list is asked of one that does not.
      const single = await startOurTarget(['--memory', '16M']);
      try {
        const { targets: open, result } = await iscsiLs(`iscsi://127.0.0.1:${single.port}/`);
        assert.equal(result.code, 0);
        assert.equal(open.length, 1);
        assert.deepEqual(open[0]?.luns, [{ lun: 0, type: 'DIRECT_ACCESS (Size:15M)' }]);
      } finally {
        await single.kill();
      }
      return `${targets.length} targets`;
    },
  },
  {
    name: 'iscsi-inq, standard page and VPD pages',
    check: async (san) => {
      const url = urlOf(san, diskOf(san, 'plain'));
      assert.match(await iscsiInq(url), /Peripheral Device Type:DIRECT_ACCESS/);
      const pages = [0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2];
      for (const page of pages) assert.doesNotMatch(await iscsiInq(url, page), /failed|error/i);
      return `${pages.length} VPD pages`;
    },
  },
  {
    name: 'iscsi-readcapacity16',
    check: async (san) => {
      for (const role of ['plain', 'blocks4096', 'beyond2TiB'] as const) {
        const disk = diskOf(san, role);
        const { blocks, blockSize } = await iscsiReadCapacity16(urlOf(san, disk));
        assert.equal(blockSize, disk.blockSize);
        assert.equal(blocks, BigInt(disk.sizeBytes / disk.blockSize));
      }
      return undefined;
    },
  },
  {
    name: 'iscsi-perf',
    check: async (san) => {
      const { iops } = await iscsiPerf(urlOf(san, diskOf(san, 'plain')), { seconds: 3, random: true });
      assert.ok(iops > 100);
      return `${iops} random 4 KiB reads a second`;
    },
  },
  {
    name: 'qemu-img convert both ways, equal hashes',
    timeoutMs: 90_000,
    check: async (san) => {
      const disk = diskOf(san, 'plain');
      const folder = await makeScratch('convert');
      const [source, back] = [join(folder, 'source.img'), join(folder, 'back.img')];
      await writeFile(source, new Keystream(`${san.name} convert`).next(disk.sizeBytes));
      const url = urlOf(san, disk);
      await qemuImg('convert', '-n', '-f', 'raw', '-O', 'raw', source, url);
      await qemuImg('convert', '-f', 'raw', '-O', 'raw', url, back);
      const expected = await hashFilePart(source, 0, disk.sizeBytes);
      assert.equal(await hashFilePart(back, 0, disk.sizeBytes), expected, 'read back');
      if (disk.image !== undefined)
        assert.equal(await hashFilePart(disk.image, 0, disk.sizeBytes), expected, 'the file');
      assert.match(await qemuImg('compare', '-f', 'raw', '-F', 'raw', source, url), /identical/);
      await removeScratch(folder);
      return `${disk.sizeBytes / MiB} MiB, sha256 ${expected.slice(0, 16)}`;
    },
  },
  {
    name: 'qemu-img map and discard on a thin disk',
    check: async (san) => {
      const url = urlOf(san, diskOf(san, 'thin'));
      await qemuIo(
        url,
        'write -P 0x11 0 4M',
        'discard 1M 1M',
        'read -P 0x11 0 1M',
        'read -P 0 1M 1M',
        'read -P 0x11 2M 2M',
      );
      const map = JSON.parse(await qemuImg('map', '--output=json', '-f', 'raw', url)) as {
        start: number;
        data: boolean;
      }[];
      assert.ok(
        map.some(({ start, data }) => start >= 4 * MiB && !data),
        'what was never written is a hole',
      );
      return `${map.length} extents`;
    },
  },
  {
    name: 'libiscsi with CHAP and mutual CHAP',
    check: async (san) => {
      const { user, password } = san.account;
      const { user: targetUser, password: targetPassword } = san.targetAccount;
      await iscsiInq(urlOf(san, diskOf(san, 'chap'), { user, password }));
      await iscsiInq(urlOf(san, diskOf(san, 'mutual'), { user, password, targetUser, targetPassword }));
      const inq = requireTool('iscsi-inq');
      const wrong = await run(inq, [urlOf(san, diskOf(san, 'chap'), { user, password: 'not the secret' })]);
      assert.notEqual(wrong.code, 0);
      assert.match(wrong.stdout + wrong.stderr, /Authentication failure|login/i);
      return undefined;
    },
  },
  {
    name: 'libiscsi with header digests',
    check: async (san) => {
      assert.match(await iscsiInq(urlOf(san, diskOf(san, 'plain'), { headerDigest: 'crc32c' })), /DIRECT_ACCESS/);
      return undefined;
    },
  },
  {
    name: "uiscsi, the Go module's initiator",
    timeoutMs: 120_000,
    check: async (san) => {
      const go = requireTool('go');
      const folder = await makeScratch('uiscsi');
      const program = join(folder, 'uiscsi');
      const sources = fileURLToPath(new URL('../support/real/uiscsi', import.meta.url));
      // An older Go or no way to the module shows here; that our program builds with it is part of the row.
      const module = await run(go, ['mod', 'download'], { cwd: sources, timeoutMs: 60_000 });
      if (module.code !== 0) throw new NotHere(`the Go module cannot be had here: ${module.stderr.trim()}`);
      await runOk(go, ['build', '-o', program, '.'], { cwd: sources, timeoutMs: 100_000 });
      const disk = diskOf(san, 'plain');
      const where = ['-portal', `${san.host}:${san.port}`, '-target', disk.target, '-lun', String(disk.lun)];
      for (const digests of [[], ['-digests']]) {
        const report = JSON.parse(await runOk(program, [...where, '-lba', '5000', ...digests])) as {
          blockSize: number;
          blocks: number;
          written: string;
          read: string;
          reset: number;
        };
        assert.equal(report.blockSize, disk.blockSize);
        assert.equal(report.blocks, disk.sizeBytes / disk.blockSize);
        assert.equal(report.read, report.written);
        assert.equal(report.reset, 0);
        const offset = 5000 * disk.blockSize;
        if (disk.image !== undefined)
          assert.equal(await hashFilePart(disk.image, offset, 64 * disk.blockSize), report.written, 'the file');
      }
      await removeScratch(folder);
      return 'without and with both digests';
    },
  },
];
