import { describe, expect, it } from 'vitest';
import { examineDisk, locate, type DiskStructure } from '../../../core/disk/index.ts';
import { loadImage, memorySource } from './images.ts';

const flatten = (list: readonly DiskStructure[]): DiskStructure[] =>
  list.flatMap((each) => [each, ...flatten(each.children)]);
const allProblems = (list: readonly DiskStructure[]): string[] => flatten(list).flatMap(({ problems }) => problems);
const valueOf = (one: DiskStructure | undefined, name: string): unknown =>
  one?.fields.find((field) => field.name === name)?.value;
const textOf = (one: DiskStructure | undefined, name: string): string | undefined =>
  one?.fields.find((field) => field.name === name)?.text;
const hex8 = (value: unknown): string => (value as number).toString(16).toUpperCase().padStart(8, '0');
const dashed = (text: string): string => `${text.slice(0, 4)}-${text.slice(4)}`;

async function examine(name: string, blockSize = 512) {
  const { facts, bytes } = loadImage(name);
  const map = await examineDisk(memorySource(bytes, blockSize));
  return { facts, bytes, map, all: flatten(map.structures) };
}

/** Where blkid's LABEL and UUID are found, by filesystem. */
const FILESYSTEMS = [
  ['ext2', 'ext2', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['ext3', 'ext3', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['ext4', 'ext4', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['xfs', 'xfs', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['btrfs', 'btrfs', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['fat12', 'fat12', (one: DiskStructure) => [valueOf(one, 'label'), dashed(hex8(valueOf(one, 'serial')))]],
  ['fat16', 'fat16', (one: DiskStructure) => [valueOf(one, 'label'), dashed(hex8(valueOf(one, 'serial')))]],
  ['fat32', 'fat32', (one: DiskStructure) => [valueOf(one, 'label'), dashed(hex8(valueOf(one, 'serial')))]],
  ['swap', 'swap', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['swap64k', 'swap', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['luks2', 'luks2', (one: DiskStructure) => [valueOf(one, 'label'), valueOf(one, 'uuid')]],
  ['md10', 'mdraid', (one: DiskStructure) => [valueOf(one, 'name'), valueOf(one, 'set')]],
  ['md11', 'mdraid', (one: DiskStructure) => [valueOf(one, 'name'), valueOf(one, 'set')]],
  ['md12', 'mdraid', (one: DiskStructure) => [valueOf(one, 'name'), valueOf(one, 'set')]],
] as const;

describe('filesystems that real tools made, held to blkid', () => {
  it.each(FILESYSTEMS)('%s', async (name, kind, labelAndUuid) => {
    const { facts, map } = await examine(name);
    expect(map.structures.map((one) => one.kind)).toEqual([kind]);
    expect(labelAndUuid(map.structures[0]!)).toEqual([facts.blkid['LABEL'], facts.blkid['UUID']]);
    expect(allProblems(map.structures)).toEqual([]);
    expect(map.problems).toEqual([]);
  });

  it.each(['ext2', 'ext3', 'ext4'])('%s says what dumpe2fs says', async (name) => {
    const { facts, map } = await examine(name);
    const told = facts.dumpe2fs!;
    const own = map.structures[0];
    const number = (key: string): number => Number(told[key]);
    expect(valueOf(own, 'inodes')).toBe(number('Inode count'));
    expect(valueOf(own, 'blocksLow')).toBe(number('Block count'));
    expect(valueOf(own, 'freeLow')).toBe(number('Free blocks'));
    expect(valueOf(own, 'inodeSize')).toBe(number('Inode size'));
    expect(1024 << (valueOf(own, 'logBlockSize') as number)).toBe(number('Block size'));
    const features = ['compat', 'incompat', 'roCompat'].flatMap((field) =>
      textOf(own, field)!.replace(/ \(.*/u, '').split(', '),
    );
    expect(features.filter((word) => word !== 'none').sort()).toEqual(told['Filesystem features']!.split(' ').sort());
  });

  it('NTFS, with its file table and the copy of its boot sector', async () => {
    const { facts, map, all } = await examine('ntfs');
    expect((valueOf(map.structures[0], 'serial') as bigint).toString(16).toUpperCase()).toBe(facts.blkid['UUID']);
    expect(all.map(({ kind }) => kind)).toEqual(['ntfs', 'ntfs-record', 'ntfs-record', 'ntfs-copy']);
    expect(all.at(-1)?.offset).toBe(BigInt(facts.size) - 512n);
    expect(allProblems(map.structures)).toEqual([]);
  });

  it('exFAT, its boot checksum included', async () => {
    const { facts, bytes, map } = await examine('exfat');
    expect(dashed(hex8(valueOf(map.structures[0], 'serial')))).toBe(facts.blkid['UUID']);
    expect(allProblems(map.structures)).toEqual([]);
    bytes[600] = 1;
    const changed = await examineDisk(memorySource(bytes));
    expect(allProblems(changed.structures)[0]).toMatch(/checksum of the boot region/u);
  });

  it('ISO 9660 with Joliet', async () => {
    const { facts, map } = await examine('iso', 2048);
    expect(map.structures[0]?.detail).toContain(`"${facts.blkid['LABEL']!}"`);
    expect(map.structures[0]?.children.map(({ label }) => label)).toEqual([
      'Primary volume descriptor',
      'Joliet volume descriptor',
      'End of volume descriptors',
    ]);
    expect(valueOf(map.structures[0]?.children[0], 'publisher')).toBe(facts.blkid['PUBLISHER_ID']);
  });

  it('LVM2 with its volume group', async () => {
    const { facts, map, all } = await examine('lvm');
    expect(valueOf(map.structures[0], 'uuid')).toBe(facts.blkid['UUID']);
    expect(all.find(({ kind }) => kind === 'lvm-text')?.detail).toBe('volume group "lunavg", version 1');
    expect(allProblems(map.structures)).toEqual([]);
  });

  it('LUKS1 with its key slots', async () => {
    const { facts, map } = await examine('luks1');
    expect(valueOf(map.structures[0], 'uuid')).toBe(facts.blkid['UUID']);
    expect(map.structures[0]?.fields.filter(({ name }) => name.startsWith('slot')).map(({ text }) => text)).toEqual([
      'in use',
      ...Array<string>(7).fill('not in use'),
    ]);
  });

  it('LUKS2 with both headers and its JSON', async () => {
    const { all } = await examine('luks2');
    expect(all.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['luks2', '"lunar", 6c756e61-7363-6f70-6500-000000000001'],
      ['luks-json', '1 key slots, 1 segments'],
      ['luks2-second', 'sequence 3'],
      ['luks-json', '1 key slots, 1 segments'],
    ]);
  });

  it('Linux RAID 0.90', async () => {
    const { facts, map } = await examine('md090');
    expect(map.structures[0]?.offset).toBe(BigInt(facts.size - 65536));
    expect(facts.blkid['VERSION']).toBe('0.90.1');
    expect(allProblems(map.structures)).toEqual([]);
  });

  it.each([
    ['ext4', 1024 + 900, 'superblock'],
    ['xfs', 250, 'superblock'],
    ['btrfs', 65536 + 1000, 'superblock'],
    ['lvm', 512 + 100, 'label'],
    ['md12', 4096 + 33, 'superblock'],
  ])('%s with one byte changed has a wrong checksum', async (name, at, what) => {
    const { bytes } = loadImage(name);
    bytes[at]! ^= 1;
    const map = await examineDisk(memorySource(bytes));
    expect(allProblems(map.structures)[0]).toMatch(new RegExp(`checksum of the ${what}`, 'u'));
  });

  it('ZFS and VMFS by their signatures', async () => {
    const bytes = new Uint8Array(4 * 1024 * 1024);
    new DataView(bytes.buffer).setBigUint64(131072 + 3072, 0x00bab10cn, true);
    expect((await examineDisk(memorySource(bytes))).structures.map(({ kind }) => kind)).toEqual(['zfs']);
    bytes.fill(0);
    bytes.set([0x0d, 0xd0, 0x01, 0xc0], 0x100000);
    expect((await examineDisk(memorySource(bytes))).structures.map(({ kind }) => kind)).toEqual(['vmfs-member']);
    bytes.set([0x5e, 0xf1, 0xab, 0x2f], 0x200000);
    expect((await examineDisk(memorySource(bytes))).structures.map(({ kind }) => kind)).toEqual(['vmfs']);
  });
});

describe('partition tables, held to sfdisk', () => {
  it.each(['mbr', 'gpt'])('%s', async (name) => {
    const { facts, map } = await examine(name);
    const found = map.structures.filter(({ kind }) => kind === 'partition');
    const told = facts
      .sfdisk!.partitions.filter(({ type }) => type !== '5')
      .map(({ start, size }) => [BigInt(start) * 512n, BigInt(size) * 512n])
      .sort((a, b) => Number(a[0]! - b[0]!));
    expect(found.map(({ offset, length }) => [offset, length]).sort((a, b) => Number(a[0]! - b[0]!))).toEqual(told);
    expect(allProblems(map.structures)).toEqual([]);
    expect(map.problems).toEqual([]);
  });

  it('numbers partitions as the system does', async () => {
    const { map } = await examine('mbr');
    expect(map.structures.filter(({ kind }) => kind === 'partition').map(({ label }) => label)).toEqual(
      [1, 3, 5, 6, 7].map((number) => `Partition ${String(number)}`),
    );
  });

  it('names GPT partitions and their types, and finds both copies', async () => {
    const { facts, map, all } = await examine('gpt');
    expect(
      all.filter(({ kind }) => kind === 'gpt-header').map(({ label, offset, detail }) => [label, offset, detail]),
    ).toEqual([
      ['GPT header (primary)', 512n, 'both checksums correct'],
      ['GPT header (backup)', BigInt(facts.size) - 512n, 'both checksums correct'],
    ]);
    expect(map.structures[0]?.kind).toBe('protective-mbr');
    const entries = all.filter(({ kind }) => kind === 'gpt-entry').slice(0, 2);
    expect(entries.map(({ detail }) => detail)).toEqual([
      'EFI system, EFI system',
      'Müller Daten 数据, Linux filesystem',
    ]);
    expect(entries.map((one) => String(valueOf(one, 'unique')).toUpperCase())).toEqual(
      facts.sfdisk!.partitions.map(({ uuid }) => uuid),
    );
  });

  it.each([
    ['the header', 512 + 60, 'header'],
    ['the entries', 1024 + 60, 'entries'],
  ])('notices a changed byte in %s and takes the backup', async (_where, at, what) => {
    const { bytes } = loadImage('gpt');
    bytes[at]! ^= 1;
    const map = await examineDisk(memorySource(bytes));
    expect(allProblems(map.structures)[0]).toMatch(new RegExp(`checksum of the ${what}`, 'u'));
    expect(map.structures.filter(({ kind }) => kind === 'partition')).toHaveLength(2);
  });

  it('takes the backup where the primary is gone, and says so', async () => {
    const { bytes } = loadImage('gpt');
    bytes.fill(0, 512, 2048);
    const map = await examineDisk(memorySource(bytes));
    expect(map.problems).toContain('The primary GPT header is missing; the backup was used.');
    expect(map.structures.filter(({ kind }) => kind === 'partition')).toHaveLength(2);
  });

  it('says that a disk has grown past its backup', async () => {
    const { bytes } = loadImage('gpt');
    const grown = new Uint8Array(bytes.length + 1024 * 1024);
    grown.set(bytes);
    const map = await examineDisk(memorySource(grown));
    expect(map.problems[0]).toMatch(/not in the last block/u);
  });

  it('cuts a chain of boot records that loops', async () => {
    const { bytes } = loadImage('mbr');
    const view = new DataView(bytes.buffer);
    view.setUint32(4194304 + 446 + 16 + 8, 0, true);
    const map = await examineDisk(memorySource(bytes));
    expect(allProblems(map.structures)).toContain('The chain of extended boot records comes back to block 8192.');
  });

  it('reads a GPT of 4096-byte blocks', async () => {
    const { bytes } = loadImage('gpt');
    const wide = new Uint8Array(64 * 4096);
    const view = new DataView(wide.buffer);
    wide.set(bytes.subarray(0, 512));
    wide.set(bytes.subarray(512, 512 + 92), 4096);
    view.setBigUint64(4096 + 32, 63n, true);
    view.setBigUint64(4096 + 72, 2n, true);
    wide.set(bytes.subarray(1024, 1536), 2 * 4096);
    const map = await examineDisk(memorySource(wide, 4096));
    const header = map.structures.find(({ kind }) => kind === 'gpt-header');
    expect(header?.offset).toBe(4096n);
    // The header was moved by hand, so its own checksum must be noticed, and nothing else of it.
    expect(header?.problems).toEqual([expect.stringMatching(/checksum of the header/u)]);
  });
});

describe('the byte under the cursor', () => {
  it('is found in the innermost structure and field', async () => {
    const { map } = await examine('gpt');
    const inEntry = locate(map.structures, 1024n + 128n + 56n);
    expect(inEntry.path.map(({ kind }) => kind)).toEqual(['gpt-entries', 'gpt-entry']);
    expect(inEntry.field?.name).toBe('name');
    expect(locate(map.structures, 512n).field?.name).toBe('signature');
    expect(locate(map.structures, 446n + 4n).field?.name).toBe('type');
    expect(locate(map.structures, 400000n).path).toEqual([]);
  });
});

describe('a disk that fails', () => {
  it('says what could not be read, and reads around it', async () => {
    const { bytes } = loadImage('gpt');
    const source = memorySource(bytes);
    const map = await examineDisk({
      blockSize: 512,
      blocks: source.blocks,
      read: (lba, count) =>
        lba <= 3n && lba + BigInt(count) > 3n ? Promise.reject(new Error('medium error')) : source.read(lba, count),
    });
    expect(map.structures.map(({ label }) => label)).toContain('GPT header (primary)');
    expect(map.problems.join()).toContain('medium error');
  });

  it('throws only when it is called off', async () => {
    const stop = new AbortController();
    stop.abort();
    const source = { blockSize: 512, blocks: 100n, read: () => Promise.reject(new Error('stopped')) };
    await expect(examineDisk(source, stop.signal)).rejects.toThrow('stopped');
    const map = await examineDisk(source);
    expect(map.structures).toEqual([]);
    expect(map.problems.join()).toContain('stopped');
  });
});
