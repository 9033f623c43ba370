import type { BlockStore } from '../target/index.ts';

/** A partition to be written into a table. */
export interface PartitionPlan {
  readonly name: string;
  /** As people write GUIDs; the type of a GPT partition. */
  readonly typeGuid: string;
  readonly uniqueGuid: string;
  readonly firstLba: bigint;
  readonly lastLba: bigint;
}

/** Partition types by the names people know them under. */
export const PARTITION_TYPES = {
  basicData: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7',
  linuxData: '0fc63daf-8483-4772-8e79-3d69d8477de4',
} as const;

const ENTRIES = 128;
const ENTRY_BYTES = 128;
const HEADER_BYTES = 92;

/** CRC-32 as zip and GPT use it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** The 16 bytes of a GUID: its first three fields little-endian (UEFI appendix A). */
function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

function bootRecord(blockSize: number): Buffer {
  const bytes = Buffer.alloc(blockSize);
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}

function mbrEntry(bytes: Buffer, index: number, type: number, first: number, count: number): void {
  const at = 446 + index * 16;
  bytes.fill(0xfe, at + 1, at + 4);
  bytes[at + 4] = type;
  bytes.fill(0xfe, at + 5, at + 8);
  bytes.writeUInt32LE(first, at + 8);
  bytes.writeUInt32LE(count, at + 12);
}

/** Writes an MBR with primary partitions. */
export function writeMbr(
  store: BlockStore,
  partitions: readonly { readonly type: number; readonly first: number; readonly count: number }[],
): void {
  const bytes = bootRecord(store.blockSize);
  bytes.writeUInt32LE(0x4c554e41, 440);
  partitions.forEach(({ type, first, count }, index) => mbrEntry(bytes, index, type, first, count));
  void store.write(0n, bytes);
}

/** Writes a GPT: protective MBR, both headers and both tables (UEFI 5.3). */
export function writeGpt(store: BlockStore, diskGuid: string, partitions: readonly PartitionPlan[]): void {
  const { blockSize, blocks } = store;
  const last = blocks - 1n;
  const tableBlocks = BigInt((ENTRIES * ENTRY_BYTES) / blockSize);
  const protective = bootRecord(blockSize);
  mbrEntry(protective, 0, 0xee, 1, last > 0xffffffffn ? 0xffffffff : Number(last));
  void store.write(0n, protective);
  const table = Buffer.alloc(ENTRIES * ENTRY_BYTES);
  partitions.forEach((partition, index) => {
    const at = index * ENTRY_BYTES;
    guidBytes(partition.typeGuid).copy(table, at);
    guidBytes(partition.uniqueGuid).copy(table, at + 16);
    table.writeBigUInt64LE(partition.firstLba, at + 32);
    table.writeBigUInt64LE(partition.lastLba, at + 40);
    table.write(partition.name, at + 56, 72, 'utf16le');
  });
  const header = (own: bigint, other: bigint, tableAt: bigint): Buffer => {
    const bytes = Buffer.alloc(blockSize);
    bytes.write('EFI PART', 0, 'latin1');
    bytes.writeUInt32LE(0x00010000, 8);
    bytes.writeUInt32LE(HEADER_BYTES, 12);
    bytes.writeBigUInt64LE(own, 24);
    bytes.writeBigUInt64LE(other, 32);
    bytes.writeBigUInt64LE(2n + tableBlocks, 40);
    bytes.writeBigUInt64LE(last - 1n - tableBlocks, 48);
    guidBytes(diskGuid).copy(bytes, 56);
    bytes.writeBigUInt64LE(tableAt, 72);
    bytes.writeUInt32LE(ENTRIES, 80);
    bytes.writeUInt32LE(ENTRY_BYTES, 84);
    bytes.writeUInt32LE(crc32(table), 88);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, HEADER_BYTES)), 16);
    return bytes;
  };
  void store.write(2n, table);
  void store.write(1n, header(1n, last, 2n));
  void store.write(last - tableBlocks, table);
  void store.write(last, header(last, 1n, last - tableBlocks));
}
