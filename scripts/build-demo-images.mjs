/**
 * Makes the small filesystems of the demo SAN with mkfs and writes them as sparse, deflated, base64 modules to
 * core/demo/images. Needs dosfstools, mtools, e2fsprogs, ntfs-3g and xorriso; run it only to change what they hold.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

const out = join(dirname(fileURLToPath(import.meta.url)), '..', 'core', 'demo', 'images');
const EPOCH = 1767225600;
const MIB = 1024 * 1024;
const RUN = 512;

const files = {
  'README.TXT':
    'You found a file by reading raw sectors over iSCSI.\r\nNo driver mounted this disk: every byte came in a Data-In PDU.\r\n',
  'PORTALS.CSV': 'portal,group,role\r\n127.0.0.1,1,active optimized\r\n127.0.0.1,2,active non-optimized\r\n',
  'LOG.TXT': Array.from(
    { length: 200 },
    (_, i) =>
      `2026-01-01 ${String(i >> 2).padStart(2, '0')}:${String((i & 3) * 15).padStart(2, '0')} volume check ${i} ok\n`,
  ).join(''),
};

const work = mkdtempSync(join(tmpdir(), 'demo-images-'));
const tree = join(work, 'tree');
mkdirSync(join(tree, 'DOCS'), { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(tree, name), text);
writeFileSync(join(tree, 'DOCS', 'HELLO.TXT'), 'Hello from a directory.\n');
for (const name of ['README.TXT', 'PORTALS.CSV', 'LOG.TXT', 'DOCS/HELLO.TXT', 'DOCS', '.'])
  utimesSync(join(tree, name), EPOCH, EPOCH);

const env = {
  ...process.env,
  SOURCE_DATE_EPOCH: String(EPOCH),
  E2FSPROGS_FAKE_TIME: String(EPOCH),
  TZ: 'UTC',
  MTOOLS_SKIP_CHECK: '1',
};
const run = (command, ...args) => execFileSync(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
const blank = (name, bytes) => {
  const path = join(work, name);
  writeFileSync(path, '');
  truncateSync(path, bytes);
  return path;
};
const fillFat = (path) => {
  for (const name of Object.keys(files)) run('mcopy', '-m', '-i', path, join(tree, name), '::');
  run('mcopy', '-s', '-m', '-i', path, join(tree, 'DOCS'), '::');
};

const images = {
  fat32: () => {
    const path = blank('fat32', 34 * MIB);
    run('mkfs.vfat', '--invariant', '-F', '32', '-s', '1', '-n', 'DEMO-FAT', '-i', '1a2b3c4d', path);
    fillFat(path);
    return path;
  },
  fat12: () => {
    const path = blank('fat12', 1440 * 1024);
    run('mkfs.vfat', '--invariant', '-F', '12', '-n', 'ARCHIVE', '-i', '5e6f7081', path);
    fillFat(path);
    return path;
  },
  ext4: () => {
    const path = blank('ext4', 8 * MIB);
    run(
      'mke2fs',
      '-q',
      '-t',
      'ext4',
      '-b',
      '4096',
      '-N',
      '64',
      '-O',
      '^has_journal,^resize_inode',
      '-L',
      'demo-ext4',
      '-U',
      '6c756e61-7363-6f70-6500-000000000001',
      '-E',
      'hash_seed=6c756e61-7363-6f70-6500-000000000002,root_owner=0:0',
      '-d',
      tree,
      path,
    );
    return path;
  },
  ntfs: () => {
    const path = blank('ntfs', 12 * MIB);
    run('mkntfs', '-q', '-F', '-Q', '-s', '512', '-H', '16', '-S', '63', '-p', '2048', '-L', 'Demo NTFS', path);
    for (const name of Object.keys(files)) run('ntfscp', '-q', path, join(tree, name), name);
    return path;
  },
  iso: () => {
    const path = join(work, 'iso');
    run('xorriso', '-as', 'mkisofs', '-quiet', '-V', 'LUNASCOPE_DEMO', '-J', '-R', '-o', path, tree);
    return path;
  },
};

/** Runs of 512-byte blocks that are not all zero: start and count as 32-bit numbers, big-endian, then the blocks. */
function sparse(bytes) {
  const parts = [];
  const zero = Buffer.alloc(RUN);
  const blocks = Math.ceil(bytes.length / RUN);
  const isZero = (block) => bytes.compare(zero, 0, RUN, block * RUN, (block + 1) * RUN) === 0;
  for (let block = 0; block < blocks; block += 1) {
    if (isZero(block)) continue;
    let end = block + 1;
    while (end < blocks && !isZero(end)) end += 1;
    const head = Buffer.alloc(8);
    head.writeUInt32BE(block, 0);
    head.writeUInt32BE(end - block, 4);
    parts.push(head, bytes.subarray(block * RUN, end * RUN));
    block = end;
  }
  return Buffer.concat(parts);
}

/** Replaces each little-endian 16-bit word by its difference to the one before: tables that count up become constant. */
function differences(bytes) {
  const result = Buffer.from(bytes);
  for (let at = result.length - (result.length % 2) - 2; at >= 2; at -= 2)
    result.writeUInt16LE((result.readUInt16LE(at) - result.readUInt16LE(at - 2)) & 0xffff, at);
  return result;
}

try {
  mkdirSync(out, { recursive: true });
  for (const [name, make] of Object.entries(images)) {
    const bytes = readFileSync(make());
    const padded = bytes.length % RUN === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(RUN - (bytes.length % RUN))]);
    const filtered = name === 'ntfs';
    const runs = sparse(padded);
    const packed = deflateRawSync(filtered ? differences(runs) : runs, { level: 9 }).toString('base64');
    const lines = packed.match(/.{1,110}/g).map((line) => `  '${line}',`);
    writeFileSync(
      join(out, `${name}.ts`),
      `/* Written by scripts/build-demo-images.mjs. */\n/* prettier-ignore */\n/** The ${name} filesystem: sparse runs, deflated, as base64. */\nexport const ${name.toUpperCase()}_IMAGE = {\n  bytes: ${padded.length},\n  differences: ${filtered},\n  packed: [\n${lines.join('\n')}\n  ],\n} as const;\n`,
    );
    process.stdout.write(`${name}: ${padded.length} bytes, ${packed.length} characters\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
