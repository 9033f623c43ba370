import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../core/errors/index.ts';
import type { ConnectOptions, Disk } from '../../core/initiator/index.ts';
import { run } from '../support/real/child.ts';
import { iscsiReadCapacity16, qemuIo } from '../support/real/initiators.ts';
import { assertSameBytes, failure, hashFilePart, Keystream, readFilePart, sha256 } from './evidence.ts';
import type { Row } from './matrix.ts';
import { diskOf, type San, type SanDisk } from './san.ts';
import { urlOf, withSession } from './sessions.ts';

const MiB = 1 << 20;

export const dataRows: readonly Row<San>[] = [
  { name: '512-byte blocks', check: (san) => bothWays(san, diskOf(san, 'plain')) },
  { name: '4096-byte blocks', check: (san) => bothWays(san, diskOf(san, 'blocks4096')) },
  {
    name: 'small bursts, R2T for every write',
    check: (san) =>
      bothWays(san, diskOf(san, 'smallBursts'), {
        initialR2T: true,
        immediateData: false,
        firstBurstLength: 4096,
        maxBurstLength: 16_384,
      }),
  },
  {
    name: 'write and read back 1 GiB, equal hashes',
    timeoutMs: 240_000,
    check: (san) => gibibyte(san, diskOf(san, 'gibibyte')),
  },
  {
    name: '1 GiB read by the command line, in bounded memory',
    timeoutMs: 120_000,
    check: (san) => boundedMemory(urlOf(san, diskOf(san, 'gibibyte')), diskOf(san, 'gibibyte')),
  },
  {
    name: 'beyond 2 TiB',
    check: async (san) => {
      const disk = diskOf(san, 'beyond2TiB');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        assert.equal(open.blocks * BigInt(open.blockSize), BigInt(disk.sizeBytes));
        assert.equal(open.blocks, (await iscsiReadCapacity16(urlOf(san, disk))).blocks);
        const last = open.blocks - 9n;
        const data = new Keystream(`${san.name} far`).next(9 * disk.blockSize);
        await open.write(last, data);
        await open.flush();
        assertSameBytes(await open.read(last, 9), data, 'the last blocks read back');
        if (disk.image !== undefined)
          assertSameBytes(await readFilePart(disk.image, disk.sizeBytes - data.length, data.length), data, 'the file');
        await failure(open.read(open.blocks, 1), UsageError, 'OUT_OF_RANGE');
        return `last block ${String(open.blocks - 1n)}`;
      });
    },
  },
  {
    name: 'thin provisioning, UNMAP',
    check: async (san) => {
      const disk = diskOf(san, 'thin');
      return withSession(san, { target: disk.target }, async (session) => {
        const open = await session.disk(disk.lun);
        assert.equal(open.capacity.thin, true);
        const blocks = (2 * MiB) / disk.blockSize;
        const data = new Keystream(`${san.name} thin`).next(2 * MiB);
        await open.write(2048n, data);
        await open.unmap([{ lba: 2048n + 1024n, blocks: 2048 }]);
        const expected = data.slice();
        expected.fill(0, 1024 * disk.blockSize, 3072 * disk.blockSize);
        assertSameBytes(await open.read(2048n, blocks), expected, 'zeros where it was unmapped');
        return undefined;
      });
    },
  },
];

/** Our bytes are read by strangers and by the file behind the LUN, and a stranger's bytes are read by us. */
async function bothWays(san: San, disk: SanDisk, options: Omit<ConnectOptions, 'target'> = {}): Promise<string> {
  const url = urlOf(san, disk);
  return withSession(san, { ...options, target: disk.target }, async (session) => {
    if (options.maxBurstLength !== undefined)
      assert.ok(session.parameters.maxBurstLength <= options.maxBurstLength, 'the bursts are as small as asked');
    if (options.immediateData === false) assert.equal(session.parameters.immediateData, false);
    const open = await session.disk(disk.lun);
    assert.equal(open.blockSize, disk.blockSize);
    assert.equal(open.blocks, BigInt(disk.sizeBytes / disk.blockSize));
    assert.equal(open.blocks, (await iscsiReadCapacity16(url)).blocks, 'iscsi-readcapacity16 agrees');

    await open.write(at(open, MiB), new Uint8Array(MiB).fill(0x5a));
    await open.flush();
    await qemuIo(url, 'read -P 0x5a 1M 1M');

    await qemuIo(url, 'write -P 0xc3 3M 1M', 'flush');
    assertSameBytes(
      await open.read(at(open, 3 * MiB), MiB / open.blockSize),
      new Uint8Array(MiB).fill(0xc3),
      'qemu-io',
    );

    const data = new Keystream(`${san.name} ${disk.target} ${disk.lun}`).next(5 * MiB);
    await open.write(at(open, 5 * MiB), data);
    await open.flush();
    for (const length of [1, 2, 3, 7, 8, 255, 256, 257]) {
      const from = length * 3;
      const part = await open.read(at(open, 5 * MiB) + BigInt(from), length);
      const expected = data.subarray(from * open.blockSize, (from + length) * open.blockSize);
      assertSameBytes(part, expected, `${length} blocks from ${from}`);
    }
    if (disk.image !== undefined)
      assertSameBytes(await readFilePart(disk.image, 5 * MiB, data.length), data, 'the file');
    return `${String(open.blocks)} blocks of ${open.blockSize}`;
  });
}

function at(disk: Disk, offset: number): bigint {
  return BigInt(offset / disk.blockSize);
}

/** A process says on its way out how much memory it had at most, in KiB; maxRSS would count its parent's too. */
const TELL_PEAK = `data:text/javascript,import { readFileSync } from 'node:fs';
process.on('exit', () => process._rawDebug(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]))`;
const ALLOWED_OVER_BARE_NODE_MIB = 25;

async function peakOf(...args: readonly string[]): Promise<{ readonly mib: number; readonly out: string }> {
  const { stdout, stderr } = await run(process.execPath, ['--import', TELL_PEAK, ...args], { timeoutMs: 90_000 });
  const peak = Number(stderr.trim());
  assert.ok(peak > 0, stderr);
  return { mib: peak / 1024, out: stdout };
}

/** The command line as npm starts it reads the whole disk. */
async function boundedMemory(url: string, disk: SanDisk): Promise<string> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: { cli: string } };
  const cli = scripts.cli.split(' ').slice(1);
  const count = String((1024 * MiB) / disk.blockSize);
  const bare = await peakOf('-e', '0');
  // The first run may have to make the bundle that later ones use.
  await peakOf(...cli, '--help');
  const reading = await peakOf(...cli, 'read', url, '--count', count, '--out', '/dev/null', '--json');
  const { bytes, sha256: found } = JSON.parse(reading.out) as { bytes: number; sha256: string };
  assert.equal(bytes, 1024 * MiB);
  if (disk.image !== undefined) assert.equal(found, await hashFilePart(disk.image, 0, bytes), "the target's own file");
  const over = reading.mib - bare.mib;
  assert.ok(over <= ALLOWED_OVER_BARE_NODE_MIB, `${reading.mib.toFixed(1)} MiB, ${over.toFixed(1)} over bare Node`);
  return `${reading.mib.toFixed(1)} MiB at most, ${over.toFixed(1)} over bare Node`;
}

async function gibibyte(san: San, disk: SanDisk): Promise<string> {
  const part = 4 * MiB;
  const total = 1024 * MiB;
  return withSession(san, { target: disk.target }, async (session) => {
    const open = await session.disk(disk.lun);
    const stream = new Keystream(`${san.name} gibibyte`);
    const written = sha256();
    const writing = performance.now();
    for (let offset = 0; offset < total; offset += part) {
      const data = stream.next(part);
      written.update(data);
      await open.write(at(open, offset), data);
    }
    await open.flush();
    const reading = performance.now();
    const read = sha256();
    const into = new Uint8Array(part);
    for (let offset = 0; offset < total; offset += part) {
      await open.read(at(open, offset), part / open.blockSize, { into });
      read.update(into);
    }
    const done = performance.now();
    const expected = written.digest('hex');
    assert.equal(read.digest('hex'), expected, 'what was read back');
    if (disk.image !== undefined)
      assert.equal(await hashFilePart(disk.image, 0, total), expected, "the target's own file");
    const rate = (ms: number): string => `${((1024 / ms) * 1000).toFixed(0)} MiB/s`;
    return `written at ${rate(reading - writing)}, read at ${rate(done - reading)}, hashing included, sha256 ${expected.slice(0, 16)}`;
  });
}
