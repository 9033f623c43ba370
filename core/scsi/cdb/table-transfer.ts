import { bits, uint } from '../../bytes/index.ts';
import {
  blocks,
  bytChk,
  command,
  dpo,
  fua,
  group,
  lba32,
  lba64,
  protectionTags,
  rarc,
  rdProtect,
  variableCommand,
  vrProtect,
  wrProtect,
} from './spec.ts';

const SBC = 'SBC-4';
const BLOCK = { family: 'block' } as const;
/** The 21-bit LBA and eight-bit length of six-byte commands, where a length of 0 means 256 blocks. */
const short = () =>
  [
    bits('lba', 'Logical block address', 1, [20, 0], { size: 3 }),
    uint('blocks', 'Transfer length', 4, 1, { meaning: 'Counted in logical blocks; 0 means 256.' }),
  ] as const;
const readFlags = () => [rdProtect(), dpo(), fua(), rarc()] as const;
const writeFlags = () => [wrProtect(), dpo(), fua()] as const;
const verifyFlags = () => [vrProtect(), dpo(), bytChk()] as const;
const writeVerifyFlags = () => [wrProtect(), dpo(), bytChk()] as const;
const wide = () => [lba64(2), blocks(10, 4), group(14, 5)] as const;
const verified = (at: number, size: 2 | 4) => blocks(at, size, 'Verification length');

/** READ and WRITE in their five sizes, VERIFY and WRITE AND VERIFY. */
export const TRANSFER_COMMANDS = [
  command('read6', 'READ(6)', 0x08, 6, 'in', 'SBC-3', short(), BLOCK),
  command('read10', 'READ(10)', 0x28, 10, 'in', SBC, [...readFlags(), lba32(2), group(6), blocks(7, 2)]),
  command('read12', 'READ(12)', 0xa8, 12, 'in', SBC, [...readFlags(), lba32(2), blocks(6, 4), group(10)]),
  command('read16', 'READ(16)', 0x88, 16, 'in', SBC, [...readFlags(), ...wide()], BLOCK),
  variableCommand(
    'read32',
    'READ(32)',
    0x0009,
    'in',
    SBC,
    [group(6), rdProtect(10), dpo(10), fua(10), rarc(10), lba64(12), ...protectionTags(), blocks(28, 4)],
    BLOCK,
  ),
  command('write6', 'WRITE(6)', 0x0a, 6, 'out', 'SBC-3', short(), BLOCK),
  command('write10', 'WRITE(10)', 0x2a, 10, 'out', SBC, [...writeFlags(), lba32(2), group(6), blocks(7, 2)]),
  command('write12', 'WRITE(12)', 0xaa, 12, 'out', SBC, [...writeFlags(), lba32(2), blocks(6, 4), group(10)]),
  command('write16', 'WRITE(16)', 0x8a, 16, 'out', SBC, [...writeFlags(), ...wide()], BLOCK),
  variableCommand(
    'write32',
    'WRITE(32)',
    0x000b,
    'out',
    SBC,
    [group(6), wrProtect(10), dpo(10), fua(10), lba64(12), ...protectionTags(), blocks(28, 4)],
    BLOCK,
  ),
  command('writeAndVerify10', 'WRITE AND VERIFY(10)', 0x2e, 10, 'out', SBC, [
    ...writeVerifyFlags(),
    lba32(2),
    group(6),
    blocks(7, 2),
  ]),
  command('writeAndVerify12', 'WRITE AND VERIFY(12)', 0xae, 12, 'out', SBC, [
    ...writeVerifyFlags(),
    lba32(2),
    blocks(6, 4),
    group(10),
  ]),
  command('writeAndVerify16', 'WRITE AND VERIFY(16)', 0x8e, 16, 'out', SBC, [...writeVerifyFlags(), ...wide()], BLOCK),
  variableCommand(
    'writeAndVerify32',
    'WRITE AND VERIFY(32)',
    0x000c,
    'out',
    SBC,
    [group(6), wrProtect(10), dpo(10), bytChk(10), lba64(12), ...protectionTags(), blocks(28, 4)],
    BLOCK,
  ),
  command('verify10', 'VERIFY(10)', 0x2f, 10, 'varies', SBC, [...verifyFlags(), lba32(2), group(6), verified(7, 2)]),
  command('verify12', 'VERIFY(12)', 0xaf, 12, 'varies', SBC, [...verifyFlags(), lba32(2), verified(6, 4), group(10)]),
  command(
    'verify16',
    'VERIFY(16)',
    0x8f,
    16,
    'varies',
    SBC,
    [...verifyFlags(), lba64(2), verified(10, 4), group(14, 5)],
    BLOCK,
  ),
  variableCommand(
    'verify32',
    'VERIFY(32)',
    0x000a,
    'varies',
    SBC,
    [group(6), vrProtect(10), dpo(10), bytChk(10), lba64(12), ...protectionTags(), verified(28, 4)],
    BLOCK,
  ),
] as const;
