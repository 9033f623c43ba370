import { flag } from '../../bytes/index.ts';
import { blocks, command, dpo, fua, group, lba32, lba64, wrProtect } from './spec.ts';

const BLOCK = { family: 'block' } as const;
const disableWrite = () =>
  flag('disableWrite', 'DISABLE WRITE', 1, 2, { meaning: 'The blocks stay as they are; only the parity is made.' });
const xorInfo = () => flag('xorInfo', 'XORPINFO', 1, 0, { meaning: 'Protection information takes part as data does.' });
const lock = () => flag('lock', 'LOCK', 1, 1, { meaning: 'The blocks are to stay in the cache.' });

/** Commands that earlier editions of SBC had for disks; other kinds of units have others under the same codes. */
export const FORMER_COMMANDS = [
  command(
    'xdWrite10',
    'XDWRITE(10)',
    0x50,
    10,
    'out',
    'SBC-2',
    [wrProtect(), dpo(), fua(), disableWrite(), lba32(2), group(6), blocks(7, 2)],
    BLOCK,
  ),
  command(
    'xpWrite10',
    'XPWRITE(10)',
    0x51,
    10,
    'out',
    'SBC-3',
    [dpo(), fua(), xorInfo(), lba32(2), group(6), blocks(7, 2)],
    BLOCK,
  ),
  command('xdRead10', 'XDREAD(10)', 0x52, 10, 'in', 'SBC-2', [xorInfo(), lba32(2), group(6), blocks(7, 2)], BLOCK),
  command(
    'xdWriteRead10',
    'XDWRITEREAD(10)',
    0x53,
    10,
    'varies',
    'SBC-3',
    [wrProtect(), dpo(), fua(), disableWrite(), xorInfo(), lba32(2), group(6), blocks(7, 2)],
    BLOCK,
  ),
  command(
    'lockUnlockCache10',
    'LOCK UNLOCK CACHE(10)',
    0x36,
    10,
    'none',
    'SBC-2',
    [lock(), lba32(2), blocks(7, 2)],
    BLOCK,
  ),
  command(
    'lockUnlockCache16',
    'LOCK UNLOCK CACHE(16)',
    0x92,
    16,
    'none',
    'SBC-2',
    [lock(), lba64(2), blocks(10, 4)],
    BLOCK,
  ),
] as const;
