/**
 * Makes the disk images that test/core/disk reads, with the tools people make disks with, and keeps of each only the blocks
 * that are not zero. Beside them goes what blkid and sfdisk say. Needs those tools, and root for the loop device that LVM wants.
 * Run: node scripts/build-disk-fixtures.mjs [NAME...]
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MIB = 1024 * 1024;
const PIECE = 512;
const target = join(import.meta.dirname, '..', 'test', 'fixtures', 'disks');
const UUID = '6c756e61-7363-6f70-6500-000000000001';
const sh = (command, more = {}) =>
  execFileSync('/bin/sh', ['-ec', command], { stdio: ['ignore', 'pipe', 'pipe'], ...more }).toString();

const onLoop = (file, command) =>
  sh(`loop=$(losetup -f --show ${file}); trap "losetup -d $loop" EXIT; ${command.replaceAll('LOOP', '$loop')}`);

/** A version 1 superblock by hand (the kernel's md_p.h), since mdadm makes one only with the kernel's help; mdadm reads it back. */
function writeMd1(file, size, superSector, dataSector) {
  const block = Buffer.alloc(256 + 4);
  block.writeUInt32LE(0xa92b4efc, 0);
  block.writeUInt32LE(1, 4);
  Buffer.from(UUID.replaceAll('-', ''), 'hex').copy(block, 16);
  block.write('host:luna', 32);
  block.writeBigUInt64LE(1767225600n, 64);
  block.writeInt32LE(1, 72);
  block.writeBigUInt64LE(8192n, 80);
  block.writeUInt32LE(2, 92);
  block.writeBigUInt64LE(BigInt(dataSector), 128);
  block.writeBigUInt64LE(BigInt(size / 512 - Math.max(dataSector, superSector === 16368 ? 32 : 0)), 136);
  block.writeBigUInt64LE(BigInt(superSector), 144);
  Buffer.from('6c756e61736368696672000000000001'.slice(0, 32), 'hex').copy(block, 168);
  block.writeBigUInt64LE(1767225700n, 192);
  block.writeBigUInt64LE(17n, 200);
  block.writeBigUInt64LE(0xffffffffffffffffn, 208);
  block.writeUInt32LE(2, 220);
  block.writeUInt16LE(0, 256);
  block.writeUInt16LE(0xffff, 258);
  let sum = 0n;
  for (let at = 0; at < block.length; at += 4) sum += BigInt(block.readUInt32LE(at));
  block.writeUInt32LE(Number((sum & 0xffffffffn) + (sum >> 32n)), 216);
  putAt(file, block, superSector * 512);
}

/** A version 0.90 superblock by hand. */
function writeMd090(file, size) {
  const block = Buffer.alloc(4096);
  block.writeUInt32LE(0xa92b4efc, 0);
  block.writeUInt32LE(90, 8);
  block.writeUInt32LE(1, 12);
  block.writeUInt32LE(0x6c756e61, 20);
  block.writeUInt32LE(1767225600, 24);
  block.writeUInt32LE(1, 28);
  block.writeUInt32LE((size - 65536) / 1024, 32);
  [2, 2, 7, 0, 0x11111111, 0x22222222, 0x33333333].forEach((value, i) => block.writeUInt32LE(value, 36 + i * 4));
  block.writeUInt32LE(1767225700, 128);
  [1, 1, 1, 0, 0].forEach((value, i) => block.writeUInt32LE(value, 132 + i * 4));
  block.writeUInt32LE(17, 156);
  for (const at of [512, 3968]) [0, 8, 1, 0, 6].forEach((value, i) => block.writeUInt32LE(value, at + i * 4));
  let sum = 0n;
  for (let at = 0; at < block.length; at += 4) sum += BigInt(block.readUInt32LE(at));
  block.writeUInt32LE(Number((sum & 0xffffffffn) + (sum >> 32n)), 152);
  putAt(file, block, size - 65536);
}

function putAt(file, bytes, at) {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
  const said = sh(`mdadm --examine ${file}`);
  if (!/Checksum : \S+ - correct/.test(said)) throw new Error(said);
}

const plans = {
  ext2: { size: 2 * MIB, make: (f) => sh(`mkfs.ext2 -q -U ${UUID} -L second ${f}`) },
  ext3: { size: 8 * MIB, make: (f) => sh(`mkfs.ext3 -q -U ${UUID} -L third ${f}`) },
  ext4: { size: 16 * MIB, make: (f) => sh(`mkfs.ext4 -q -O metadata_csum,64bit -U ${UUID} -L fourth ${f}`) },
  xfs: { size: 300 * MIB, make: (f) => sh(`mkfs.xfs -q -m uuid=${UUID} -L tall ${f}`) },
  btrfs: { size: 128 * MIB, make: (f) => sh(`mkfs.btrfs -q -U ${UUID} -L butter ${f}`) },
  fat12: { size: 2 * MIB, make: (f) => sh(`mkfs.vfat -F 12 -i 12345678 -n SMALL ${f}`) },
  fat16: { size: 16 * MIB, make: (f) => sh(`mkfs.vfat -F 16 -i 12345679 -n MIDDLE ${f}`) },
  fat32: { size: 40 * MIB, make: (f) => sh(`mkfs.vfat -F 32 -i 1234567a -n LARGE ${f}`) },
  exfat: { size: 8 * MIB, make: (f) => sh(`mkfs.exfat -L extended ${f}`) },
  ntfs: { size: 4 * MIB, make: (f) => sh(`mkfs.ntfs -q -F -f -T -L windows ${f}`) },
  iso: {
    size: 0,
    make: (f, d) =>
      sh(
        `mkdir ${d}/tree; echo hello > ${d}/tree/hello.txt; genisoimage -quiet -J -R -V DISC -publisher Lunascope -o ${f} ${d}/tree`,
      ),
  },
  lvm: {
    size: 8 * MIB,
    make: (f) =>
      onLoop(
        f,
        `pvcreate -qq --uuid 6c756e-6173-636f-7065-0000-0000-000001 --norestorefile --config 'devices{filter=["a|.*|"]}' LOOP; vgcreate -qq --config 'devices{filter=["a|.*|"]}' lunavg LOOP; lvcreate -qq -an -Zn --config 'devices{filter=["a|.*|"]}' -n lunalv -l 1 lunavg || true`,
      ),
  },
  luks1: {
    size: 4 * MIB,
    make: (f) =>
      sh(`printf secret | cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 --uuid ${UUID} ${f} -`),
    keep: 4096,
  },
  luks2: {
    size: 20 * MIB,
    make: (f) =>
      sh(
        `printf secret | cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label lunar --uuid ${UUID} ${f} -`,
      ),
    keep: 32768,
  },
  swap: { size: 1 * MIB, make: (f) => sh(`mkswap -U ${UUID} -L paging ${f}`) },
  swap64k: { size: 2 * MIB, make: (f) => sh(`mkswap -p 65536 -U ${UUID} -L bigpages ${f}`) },
  mbr: {
    size: 32 * MIB,
    make: (f) =>
      sh(
        `printf 'label: dos\\nlabel-id: 0x4c554e41\\nstart=2048,size=4096,type=83,bootable\\nstart=8192,size=40960,type=5\\nstart=10240,size=2048,type=7\\nstart=14336,size=4096,type=82\\nstart=20480,size=8192,type=83\\nstart=51200,size=4096,type=c\\n' | sfdisk -q ${f}`,
      ),
  },
  gpt: {
    size: 16 * MIB,
    make: (f) =>
      sh(
        `printf 'label: gpt\\nlabel-id: ${UUID}\\nstart=2048,size=4096,type=uefi,name="EFI system",uuid=${UUID}\\nstart=8192,size=8192,type=linux,name="Müller Daten 数据",uuid=6c756e61-7363-6f70-6500-000000000002\\n' | sfdisk -q ${f}`,
      ),
  },
  md090: { size: 8 * MIB, make: (f) => writeMd090(f, 8 * MIB) },
  md10: { size: 8 * MIB, make: (f) => writeMd1(f, 8 * MIB, 16368, 0) },
  md11: { size: 8 * MIB, make: (f) => writeMd1(f, 8 * MIB, 0, 2048) },
  md12: { size: 8 * MIB, make: (f) => writeMd1(f, 8 * MIB, 8, 2048) },
};

/** `[offset, length]` of what is kept, and its bytes. */
function keepNonZero(bytes, { keep = bytes.length, tail = 0 }) {
  const extents = [];
  const parts = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    if (at >= keep && at < bytes.length - tail) continue;
    const piece = bytes.subarray(at, at + PIECE);
    if (piece.every((byte) => byte === 0)) continue;
    const last = extents.at(-1);
    if (last !== undefined && last[0] + last[1] === at) last[1] += piece.length;
    else extents.push([at, piece.length]);
    parts.push(piece);
  }
  return { extents, data: Buffer.concat(parts) };
}

const asked = process.argv.slice(2);
mkdirSync(target, { recursive: true });
const failed = [];
for (const [name, plan] of Object.entries(plans)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), 'disk-fixture-'));
  const file = join(folder, 'disk.img');
  try {
    if (plan.size > 0) {
      const handle = openSync(file, 'w');
      ftruncateSync(handle, plan.size);
      closeSync(handle);
    }
    plan.make(file, folder);
    const bytes = readFileSync(file);
    const { extents, data } = keepNonZero(bytes, plan);
    const blkid = Object.fromEntries(
      sh(`blkid -p -o export ${file} || true`)
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
    const sfdisk = ['mbr', 'gpt'].includes(name) ? JSON.parse(sh(`sfdisk -J ${file}`)).partitiontable : undefined;
    if (sfdisk !== undefined) delete sfdisk.device;
    for (const partition of sfdisk?.partitions ?? []) delete partition.node;
    const ext = name.startsWith('ext')
      ? Object.fromEntries(
          sh(`dumpe2fs -h ${file} 2>/dev/null`)
            .split('\n')
            .filter((l) => l.includes(':'))
            .map((l) => l.split(/:\s+(.*)/s).slice(0, 2)),
        )
      : undefined;
    const facts = {
      size: bytes.length,
      extents,
      blkid,
      ...(sfdisk ? { sfdisk } : {}),
      ...(ext ? { dumpe2fs: ext } : {}),
    };
    writeFileSync(join(target, `${name}.json`), `${JSON.stringify(facts, null, 1)}\n`);
    writeFileSync(join(target, `${name}.bin.gz`), gzipSync(data, { level: 9 }));
    process.stdout.write(
      `${name}: ${extents.length} extents, ${data.length} bytes kept, ${blkid.TYPE ?? blkid.PTTYPE ?? '?'}\n`,
    );
  } catch (error) {
    failed.push(name);
    process.stderr.write(`${name}: ${error.stderr ?? error.message}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
process.exitCode = failed.length === 0 ? 0 : 1;
