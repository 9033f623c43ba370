import { readU32 } from '../bytes/index.ts';
import { fieldNodes, le, raw } from './fields.ts';
import type { Finder } from './finder.ts';
import { readVolume } from './source.ts';
import { structure } from './structure.ts';
import { le32, textOf } from './values.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const UBERBLOCKS = 128 * KIB;
const UBERBLOCK = 0x00bab10c;
const VMFS_MEMBER = 0xc001d00d;
const VMFS = 0x2fabf15e;

/** A ZFS member by the magic number of its uberblocks, in either byte order. */
export const findZfs: Finder = async (volume) => {
  const ring = await readVolume(volume, UBERBLOCKS, 128 * KIB);
  if (ring === null) return null;
  for (let at = 0; at < ring.length; at += KIB) {
    const little = le32(ring, at) === UBERBLOCK && le32(ring, at + 4) === 0;
    const big = readU32(ring, at + 4) === UBERBLOCK && readU32(ring, at) === 0;
    if (!little && !big) continue;
    return structure('zfs', 'ZFS label', volume.offset, 256 * KIB, {
      detail: little ? 'little-endian' : 'big-endian',
      children: [
        structure('zfs-uberblock', 'Uberblock', volume.offset + BigInt(UBERBLOCKS + at), KIB, {
          fields: fieldNodes(ring.subarray(at, at + 40), [
            raw('magic', 'Magic number', 0, 8),
            raw('version', 'Version', 8, 8),
            raw('transaction', 'Transaction group', 16, 8),
            raw('guidSum', 'Sum of GUIDs', 24, 8),
            raw('time', 'Time', 32, 8),
          ]),
        }),
      ],
    });
  }
  return null;
};

/** A VMware VMFS volume by its two magic numbers, at 1 and 2 MiB. */
export const findVmfs: Finder = async (volume) => {
  const member = await readVolume(volume, MIB, 512);
  const info = await readVolume(volume, 2 * MIB, 512);
  const isMember = member !== null && le32(member, 0) === VMFS_MEMBER;
  const isVolume = info !== null && le32(info, 0) === VMFS;
  if (isVolume)
    return structure('vmfs', 'VMFS volume', volume.offset + BigInt(2 * MIB), 512, {
      detail: textOf(info.subarray(29, 157)),
      fields: fieldNodes(info, [
        le('magic', 'Magic number', 0, 4, { as: 'hex' }),
        le('version', 'Volume version', 4, 4),
      ]),
    });
  if (isMember)
    return structure('vmfs-member', 'VMFS volume member', volume.offset + BigInt(MIB), 512, {
      fields: fieldNodes(member, [le('magic', 'Magic number', 0, 4, { as: 'hex' }), le('version', 'Version', 4, 4)]),
    });
  return null;
};
