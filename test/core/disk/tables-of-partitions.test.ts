import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MIB, type Bytes, after, text } from './changed-disk.ts';

describe('LVM metadata', () => {
  /** Where the metadata area's header lies: the second extent list of the physical volume header. */
  const AREA = 4096;

  it.each<[string, (disk: Bytes) => void, RegExp]>([
    [
      'that holds no text yet',
      ({ view }) => {
        view.setBigUint64(AREA + 48, 0n, true);
      },
      /^lvm,lvm-metadata$/u,
    ],
    [
      'whose text is said to be vast',
      ({ view }) => {
        view.setBigUint64(AREA + 48, 1n << 40n, true);
      },
      /^lvm,lvm-metadata$/u,
    ],
    [
      'whose text leaves its area',
      ({ view }) => {
        view.setBigUint64(AREA + 40, 1n << 40n, true);
      },
      /^lvm,lvm-metadata$/u,
    ],
    [
      'whose header is not there',
      ({ zero }) => {
        zero(AREA, 64);
      },
      /^lvm$/u,
    ],
  ])('%s', async (_what, change, kinds) => {
    const { all } = await after('lvm', change);
    expect(all.map(({ kind }) => kind).join()).toMatch(kinds);
  });

  it('of no group and no version shows neither', async () => {
    const { all } = await after('lvm', ({ view, bytes }) => {
      const at = AREA + Number(view.getBigUint64(AREA + 40, true));
      bytes.fill(0x20, at, at + Number(view.getBigUint64(AREA + 48, true)));
    });
    const own = all.find(({ kind }) => kind === 'lvm-text');
    expect(own?.detail).toBe('');
    expect(own?.problems.join()).toMatch(/checksum of the metadata text/u);
  });
});

describe('ISO 9660 descriptors', () => {
  const FIRST = 16 * 2048;

  it('of kinds nobody knows are shown as such, and the rest is read', async () => {
    const { all } = await after('iso', ({ bytes, put }) => {
      let at = FIRST;
      while (bytes[at] !== 0xff) at += 2048;
      bytes.copyWithin(at + 2 * 2048, at, at + 2048);
      bytes.copyWithin(at + 2048, FIRST, FIRST + 2048);
      bytes.copyWithin(at, FIRST, FIRST + 2048);
      put(at, 77);
      put(at + 2048, 0);
    });
    const labels = all.filter(({ kind }) => kind === 'iso9660-descriptor').map(({ label }) => label);
    expect(labels).toContain('Volume descriptor');
    expect(labels.at(-1)).toMatch(/end|terminator/iu);
  });

  it('without an end are told of, and so are too many', async () => {
    const endless = await after('iso', ({ bytes, zero }) => {
      let at = FIRST;
      while (bytes[at] !== 0xff) at += 2048;
      zero(at, 2048);
    });
    expect(endless.problems).toContain('The volume descriptors have no end.');
    const many = await after(MIB, ({ put, bytes }) => {
      for (let at = FIRST; at < bytes.length; at += 2048) put(at, 3, ...text('CD001'), 1);
    });
    expect(many.problems).toContain('Only the first 32 volume descriptors are shown.');
    expect(many.all[0]?.detail).toBe('');
  });
});

describe('a table of partitions', () => {
  const entry = (status: number, type: number, start: number, count: number): Uint8Array => {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    bytes[0] = status;
    bytes[4] = type;
    view.setUint32(8, start, true);
    view.setUint32(12, count, true);
    return bytes;
  };
  const record = ({ bytes, put }: Bytes, at: number, ...entries: Uint8Array[]): void => {
    entries.forEach((each, i) => {
      bytes.set(each, at * 512 + 446 + i * 16);
    });
    put(at * 512 + 510, 0x55, 0xaa);
  };

  it('with partitions over one another says which', async () => {
    const { map } = await after(MIB, (disk) => {
      record(
        disk,
        0,
        entry(0, 0x83, 1000, 100),
        entry(0x80, 0x83, 100, 100),
        entry(0, 0x07, 150, 100),
        entry(0, 0xa9, 100, 20),
      );
    });
    expect(map).toEqual(['Partitions 2 and 4 overlap.', 'Partitions 2 and 3 overlap.']);
  });

  it('of kinds nobody knows is a table all the same; one with odd states is none', async () => {
    const known = await after(MIB, (disk) => {
      record(disk, 0, entry(0, 0x3f, 100, 100), entry(0, 0x83, 200, 99_999));
    });
    expect(known.all.find(({ kind }) => kind === 'partition')?.detail).toContain('Unknown type');
    expect(known.problems.join()).toMatch(/Partition 2 ends at block 100198; the disk ends at 2047/u);
    expect(known.problems).toContain('It reaches past the end of the disk.');
    const none = await after(MIB, (disk) => {
      record(disk, 0, entry(0x11, 0x83, 100, 100));
    });
    expect(none.all).toEqual([]);
  });

  it('goes on in a chain, whose links may be empty, unknown, outside, or too many', async () => {
    const { all, problems } = await after(MIB, (disk) => {
      record(disk, 0, entry(0, 0x05, 100, 1000));
      record(disk, 100, entry(0, 0, 0, 0), entry(0, 0x05, 50, 50));
      record(disk, 150, entry(0, 0x3f, 1, 10), entry(0, 0x05, 90, 50));
      record(disk, 190, entry(0, 0x83, 1, 90_000), entry(0, 0x05, 5000, 50));
    });
    expect(all.filter(({ kind }) => kind === 'ebr').map(({ detail }) => detail.split(',')[0])).toEqual([
      'empty',
      'partition 5',
      'partition 6',
    ]);
    expect(problems.join('\n')).toMatch(/Partition 6 ends at block 90190/u);
    expect(problems.join('\n')).toMatch(/block 5100, outside the extended partition/u);
    const long = await after(MIB, (disk) => {
      record(disk, 0, entry(0, 0x05, 10, 2000));
      for (let i = 0; i < 200; i += 1) record(disk, 10 + i, entry(0, 0x83, 1, 1), entry(0, 0x05, i + 1, 1));
    });
    expect(long.problems.join('\n')).toMatch(/longer than 128; the rest was left out/u);
  });

  /** A GPT of the given entries, put together as UEFI 5.3 draws it. */
  const gpt = (
    disk: Bytes,
    at: number,
    my: number,
    other: number,
    entries: readonly (readonly [first: number, last: number, name: string])[],
    count = 128,
    guid = 7,
  ): void => {
    const { bytes, view, zero } = disk;
    const table = at * 512;
    zero(table, count * 128);
    entries.forEach(([first, last, name], i) => {
      bytes.fill(0x11 + i, table + i * 128, table + i * 128 + 32);
      view.setBigUint64(table + i * 128 + 32, BigInt(first), true);
      view.setBigUint64(table + i * 128 + 40, BigInt(last), true);
      bytes.set(Buffer.from(name, 'utf16le'), table + i * 128 + 56);
    });
    const head = my * 512;
    zero(head, 512);
    bytes.set(text('EFI PART'), head);
    view.setUint32(head + 8, 0x00010000, true);
    view.setUint32(head + 12, 92, true);
    view.setBigUint64(head + 24, BigInt(my), true);
    view.setBigUint64(head + 32, BigInt(other), true);
    view.setBigUint64(head + 40, 34n, true);
    view.setBigUint64(head + 48, 2000n, true);
    bytes.fill(guid, head + 56, head + 72);
    view.setBigUint64(head + 72, BigInt(at), true);
    view.setUint32(head + 80, count, true);
    view.setUint32(head + 84, 128, true);
    view.setUint32(head + 88, crc32(bytes.subarray(table, table + count * 128)), true);
    view.setUint32(head + 16, crc32(bytes.subarray(head, head + 92)), true);
  };

  it('in GPT may name partitions backwards, without a name, of no known kind', async () => {
    const { all, problems } = await after(MIB, (disk) => {
      gpt(disk, 2, 1, 2047, [
        [100, 200, ''],
        [400, 300, 'backwards'],
        [500, 9000, 'beyond'],
      ]);
      gpt(disk, 1900, 2047, 1, [[100, 200, '']]);
    });
    expect(problems.join('\n')).toMatch(/ends at block 300, before it begins at 400/u);
    expect(problems.join('\n')).toMatch(/ends at block 9000, past the end/u);
    expect(all.filter(({ kind }) => kind === 'partition').map(({ detail }) => detail)).toEqual([
      'Unknown type, 50.5 KiB',
    ]);
  });

  it('in GPT may differ from its copy, be cut, or be alone', async () => {
    const differ = await after(MIB, (disk) => {
      gpt(disk, 2, 1, 2047, [[100, 200, 'a']]);
      gpt(disk, 1900, 2047, 1, [[100, 200, 'b']]);
    });
    expect(differ.map).toEqual(['The primary and the backup GPT differ.']);
    const grown = await after(MIB, (disk) => {
      gpt(disk, 2, 1, 1000, [[100, 200, 'a']]);
      gpt(disk, 900, 1000, 1, [[100, 200, 'a']]);
    });
    expect(grown.map.join()).toMatch(/lies at block 1000, not in the last block 2047/u);
    const elsewhere = await after(MIB, (disk) => {
      gpt(disk, 2, 1, 1000, [[100, 200, 'a']]);
      gpt(disk, 1900, 2047, 1, [[100, 200, 'a']]);
    });
    expect(elsewhere.all.filter(({ kind }) => kind === 'gpt-header')).toHaveLength(2);
    const broken = await after(MIB, (disk) => {
      gpt(disk, 2, 1, 99_999, [[100, 200, 'a']]);
      disk.put(512 + 60, 1);
    });
    expect(broken.map.join()).toMatch(/no backup GPT header at block 2047/u);
    expect(broken.all.filter(({ kind }) => kind === 'partition')).toHaveLength(1);
    const backupOnly = await after(MIB, (disk) => {
      gpt(disk, 1900, 2047, 1, [[100, 200, 'a']]);
      disk.put(2047 * 512 + 60, 1);
    });
    expect(backupOnly.map.join()).toMatch(/primary GPT header is missing/u);
    const unreadable = await after(MIB, (disk) => {
      gpt(disk, 1900, 2047, 1, []);
      disk.view.setUint32(2047 * 512 + 84, 8, true);
    });
    expect(unreadable.problems.join()).toMatch(/Entries of 8 bytes cannot be read/u);
  });

  it('in GPT shows no more entries, and looks into no more partitions, than anyone reads', async () => {
    const entries = Array.from({ length: 1100 }, (_, i) => [300 + i, 300 + i, 'x'] as const);
    const { map, problems, all } = await after(MIB, (disk) => {
      gpt(disk, 2, 1, 2047, entries, 1104);
    });
    expect(problems).toContain('Only the first 1024 used entries are shown.');
    expect(map).toContain('Only the first 256 partitions were looked into.');
    expect(all.filter(({ kind }) => kind === 'partition')).toHaveLength(256);
  });
});
