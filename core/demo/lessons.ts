/** A short exercise with the demo SAN. */
export interface Lesson {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** The target it is about, by the last part of its name, and the LUN where it is about one. */
  readonly target: string;
  readonly lun?: number;
}

/** What there is to try, in the order that makes sense. */
export const LESSONS: readonly Lesson[] = [
  {
    id: 'first-sector',
    title: 'Read a sector',
    text: 'Connect to the target "disks", open LUN 0 and read block 0: the protective MBR of a GPT disk. Block 1 begins with "EFI PART".',
    target: 'disks',
    lun: 0,
  },
  {
    id: 'find-a-file',
    title: 'Find a file without mounting',
    text: 'The first partition of LUN 0 is FAT32. Search the disk for "You found a file" and see at which block README.TXT lies.',
    target: 'disks',
    lun: 0,
  },
  {
    id: 'block-size',
    title: 'Blocks of 4096 bytes',
    text: 'LUN 2 has native 4096-byte blocks: its GPT header lies at byte 4096, not 512.',
    target: 'disks',
    lun: 2,
  },
  {
    id: 'write-protected',
    title: 'Write protection',
    text: 'LUN 3 refuses writes: CHECK CONDITION, DATA PROTECT, 27/00. MODE SENSE shows the WP bit.',
    target: 'disks',
    lun: 3,
  },
  {
    id: 'thin',
    title: 'A thin disk',
    text: 'LUN 0 of "huge" has 8 TiB and uses a few hundred KiB. GET LBA STATUS shows which blocks are mapped.',
    target: 'huge',
    lun: 0,
  },
  {
    id: 'sixteen-byte',
    title: 'Beyond 32 bits',
    text: 'LUN 1 of "huge" has 8 EiB: READ CAPACITY(10) answers ffffffff, and only 16-byte commands reach its end. Every block holds its own address.',
    target: 'huge',
    lun: 1,
  },
  {
    id: 'chap',
    title: 'Log in with CHAP',
    text: 'The target "vault" wants a name and a secret. Try a wrong one first and read the status class and detail.',
    target: 'vault',
  },
  {
    id: 'multipath',
    title: 'One LUN, two paths',
    text: 'Connect to "multipath" over both portals: the same NAA name, two target port groups, two access states.',
    target: 'multipath',
    lun: 0,
  },
  {
    id: 'trouble',
    title: 'Make trouble',
    text: 'Switch on scenarios of "troubled" while you are connected and see in the trace what the wire tells.',
    target: 'troubled',
    lun: 0,
  },
];
