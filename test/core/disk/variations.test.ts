import { describe, expect, it } from 'vitest';
import { MIB, type Bytes, after, text } from './changed-disk.ts';

describe('a filesystem whose superblock says otherwise', () => {
  it.each<[string, string, (disk: Bytes) => void, RegExp]>([
    [
      'btrfs',
      'kept under another checksum',
      ({ put }) => {
        put(65536 + 196, 1);
      },
      /^$/u,
    ],
    [
      'btrfs',
      'on a larger device',
      ({ view }) => {
        view.setBigUint64(65536 + 209, 1n << 50n, true);
      },
      /this device has 1125899906842624 bytes/u,
    ],
    [
      'exfat',
      'with sectors beyond the format',
      ({ put }) => {
        put(108, 20);
      },
      /sector size exponent of 20/u,
    ],
    [
      'ext2',
      'with blocks beyond the format',
      ({ view }) => {
        view.setUint32(1024 + 24, 9, true);
      },
      /block size exponent of 9/u,
    ],
    [
      'xfs',
      'with sectors beyond the format',
      ({ view }) => {
        view.setUint16(102, 1000);
      },
      /sector size of 1000 bytes/u,
    ],
    [
      'xfs',
      'of the version before checksums',
      ({ view }) => {
        view.setUint16(100, 0xb4a4);
      },
      /^$/u,
    ],
    [
      'ntfs',
      'with sectors beyond the format',
      ({ view }) => {
        view.setUint16(11, 8192, true);
      },
      /Sectors of 8192 bytes/u,
    ],
    [
      'ntfs',
      'with no file table where it should be',
      ({ view, bytes }) => {
        const at = Number(view.getBigUint64(48, true)) * view.getUint16(11, true) * (bytes[13] ?? 0);
        bytes.fill(0x58, at, at + 4);
      },
      /does not begin with FILE/u,
    ],
    [
      'ntfs',
      'with file tables past its end',
      ({ view }) => {
        view.setBigUint64(48, 1n << 40n, true);
        view.setBigUint64(56, 1n << 40n, true);
      },
      /^$/u,
    ],
    [
      'fat32',
      'with a damaged information sector',
      ({ put }) => {
        put(512, 0, 0, 0, 0);
      },
      /signatures of the information sector/u,
    ],
    [
      'fat32',
      'without an information sector',
      ({ put }) => {
        put(48, 0, 0);
      },
      /^$/u,
    ],
    [
      'fat32',
      'with its information sector elsewhere',
      ({ put }) => {
        put(48, 0xff, 0xff);
      },
      /signatures of the information sector/u,
    ],
    [
      'luks2',
      'of another version',
      ({ view }) => {
        view.setUint16(6, 3);
      },
      /Version 3 of LUKS/u,
    ],
    [
      'luks2',
      'whose metadata is no JSON',
      ({ put }) => {
        put(4096, ...text('not json'));
      },
      /metadata is no JSON/u,
    ],
    [
      'luks2',
      'whose metadata has no end',
      ({ bytes }) => {
        bytes.fill(0x31, 4096, 16384);
      },
      /^$/u,
    ],
    [
      'luks2',
      'whose metadata names nothing',
      ({ put, zero }) => {
        zero(4096, 12288);
        put(4096, ...text('{"keyslots":7}'));
      },
      /^$/u,
    ],
    [
      'luks2',
      'whose metadata is a mere word',
      ({ put, zero }) => {
        zero(4096, 12288);
        put(4096, ...text('null'));
      },
      /^$/u,
    ],
    [
      'luks2',
      'too small to have metadata',
      ({ view }) => {
        view.setBigUint64(8, 4096n);
      },
      /^$/u,
    ],
    [
      'luks2',
      'too large to have metadata',
      ({ view }) => {
        view.setBigUint64(8, 1n << 40n);
      },
      /^$/u,
    ],
    [
      'luks2',
      'without its second header',
      ({ view, zero }) => {
        zero(Number(view.getBigUint64(8)), 8);
      },
      /^$/u,
    ],
    [
      'lvm',
      'whose header is elsewhere',
      ({ view }) => {
        view.setUint32(512 + 20, 500, true);
      },
      /said to lie at byte 500/u,
    ],
    [
      'md11',
      'whose place is elsewhere',
      ({ view }) => {
        view.setBigUint64(144, 5n, true);
      },
      /^$/u,
    ],
    [
      'md11',
      'with more roles than there can be',
      ({ view }) => {
        view.setUint32(220, 5000, true);
      },
      /5000 roles follow/u,
    ],
    [
      'md11',
      'whose data reaches past its end',
      ({ view }) => {
        view.setBigUint64(136, 1n << 45n, true);
      },
      /past the end of the device/u,
    ],
  ])('%s %s', async (name, _what, change, problem) => {
    const { problems, all } = await after(name, change);
    if (problem.source === '^$') expect(problems.filter((each) => !/checksum|bytes give/u.test(each))).toEqual([]);
    else expect(problems.join('\n')).toMatch(problem);
    expect(all.length === 0).toBe(name === 'md11' && problem.source === '^$');
  });

  it('takes an odd number of RAID roles by half words, and names levels it does not know so', async () => {
    const { all, problems } = await after('md11', ({ view }) => {
      view.setUint32(220, 1, true);
      view.setUint32(72, 77, true);
      view.setUint32(216, 0, true);
      let sum = 0n;
      for (let at = 0; at < 256; at += 4) sum += BigInt(view.getUint32(at, true));
      sum += BigInt(view.getUint16(256, true));
      view.setUint32(216, Number(((sum & 0xffffffffn) + (sum >> 32n)) & 0xffffffffn), true);
    });
    expect(problems).toEqual([]);
    expect(all[0]?.detail).toContain('unknown level');
    const old = await after('md090', ({ view, bytes }) => {
      view.setUint32((bytes.length & ~0xffff) - 0x10000 + 28, 77, true);
    });
    expect(old.all[0]?.detail).toContain('unknown level');
  });

  it.each([
    ['btrfs', 65536 + 299, 256],
    ['ext2', 1024 + 120, 16],
    ['xfs', 108, 12],
    ['swap', 1052, 16],
    ['luks2', 24, 48],
    ['fat16', 43, 11],
  ])('%s without a label shows none', async (name, at, length) => {
    const { all } = await after(name, ({ zero }) => {
      zero(at, length);
    });
    expect(all[0]?.detail).not.toContain('"');
    expect(all[0]?.detail).not.toBe('');
  });

  it('says how many devices share it, and which kind of ext it is', async () => {
    const shared = await after('btrfs', ({ view }) => {
      view.setBigUint64(65536 + 136, 3n, true);
    });
    expect(shared.all[0]?.detail).toContain('3 devices');
    const journal = await after('ext2', ({ view }) => {
      view.setUint32(1024 + 96, 8, true);
    });
    expect([journal.all[0]?.kind, journal.all[0]?.label]).toEqual(['jbd', 'ext journal superblock']);
  });

  it('is FAT by its clusters alone, and none where its numbers make none', async () => {
    const many = await after('fat16', ({ view }) => {
      view.setUint16(19, 0, true);
      view.setUint32(32, 4_000_000, true);
    });
    expect(many.all[0]?.kind).toBe('fat32');
    const unnamed = await after('fat16', ({ put }) => {
      put(43, ...text('NO NAME    '));
    });
    expect(unnamed.all[0]?.detail).not.toContain('NAME');
    for (const change of [
      ({ put, zero }: Bytes) => {
        put(22, 0, 0);
        zero(36, 4);
      },
      ({ zero }: Bytes) => {
        zero(19, 2);
        zero(32, 4);
      },
      ({ put }: Bytes) => {
        put(19, 3, 0);
      },
      ({ put }: Bytes) => {
        put(21, 0x11);
      },
      ({ put }: Bytes) => {
        put(16, 9);
      },
      ({ put }: Bytes) => {
        put(13, 3);
      },
      ({ put }: Bytes) => {
        put(0, 0x90);
      },
    ])
      expect((await after('fat16', change)).all.filter(({ kind }) => kind.startsWith('fat'))).toEqual([]);
  });

  it('reads NTFS clusters that are powers of two', async () => {
    const { all } = await after('ntfs', ({ put }) => {
      put(13, 0xf4);
    });
    expect(all[0]?.detail).toContain(`clusters of ${String(512 * 4096)} bytes`);
  });

  it('looks no further into exFAT that is cut off within its boot region', async () => {
    const { all } = await after('exfat', () => undefined, 2048);
    expect(all[0]?.kind).toBe('exfat');
    expect(all[0]?.problems.join()).toMatch(/past|ends|larger|has/u);
  });

  it('tells ZFS of either byte order, and takes no other word for it', async () => {
    const ring = 128 * 1024;
    const little = await after(MIB, ({ view }) => {
      view.setUint32(ring + 1024, 0x00bab10c, true);
    });
    const big = await after(MIB, ({ view }) => {
      view.setUint32(ring + 4, 0x00bab10c);
    });
    const neither = await after(MIB, ({ view }) => {
      view.setUint32(ring, 0x00bab10c, true);
      view.setUint32(ring + 4, 1, true);
      view.setUint32(ring + 1024, 1);
      view.setUint32(ring + 1028, 0x00bab10c);
    });
    expect([little.all[0]?.detail, big.all[0]?.detail, neither.all]).toEqual(['little-endian', 'big-endian', []]);
  });

  it('tells swap of the old kind too', async () => {
    const { all } = await after('swap', ({ put }) => {
      put(4086, ...text('SWAP-SPACE'));
    });
    expect(all[0]?.kind).toBe('swap');
  });
});
