import { GeneratedStore, SparseStore, type BlockStore } from '../target/index.ts';
import { unpackImage } from './image.ts';
import { EXT4_IMAGE } from './images/ext4.ts';
import { FAT12_IMAGE } from './images/fat12.ts';
import { FAT32_IMAGE } from './images/fat32.ts';
import { ISO_IMAGE } from './images/iso.ts';
import { NTFS_IMAGE } from './images/ntfs.ts';
import { PARTITION_TYPES, writeGpt, writeMbr } from './partition-tables.ts';

const MIB = 1024 * 1024;
const guid = (n: number): string => `6c756e61-7363-6f70-6500-${n.toString(16).padStart(12, '0')}`;

/** A 64 MiB disk with a GPT, a FAT32 and an ext4 partition. */
export function gptDisk(): BlockStore {
  const store = new SparseStore({ blocks: (64 * MIB) / 512, thin: false });
  const fatBlocks = BigInt(FAT32_IMAGE.bytes / 512);
  const extFirst = 2048n + 35n * 2048n;
  writeGpt(store, guid(0x10), [
    {
      name: 'Documents',
      typeGuid: PARTITION_TYPES.basicData,
      uniqueGuid: guid(0x11),
      firstLba: 2048n,
      lastLba: 2047n + fatBlocks,
    },
    {
      name: 'System',
      typeGuid: PARTITION_TYPES.linuxData,
      uniqueGuid: guid(0x12),
      firstLba: extFirst,
      lastLba: extFirst - 1n + BigInt(EXT4_IMAGE.bytes / 512),
    },
  ]);
  unpackImage(FAT32_IMAGE, store, MIB);
  unpackImage(EXT4_IMAGE, store, Number(extFirst) * 512);
  return store;
}

/** A 16 MiB disk with an MBR and an NTFS partition. */
export function mbrDisk(): BlockStore {
  const store = new SparseStore({ blocks: (16 * MIB) / 512, thin: false });
  writeMbr(store, [{ type: 0x07, first: 2048, count: NTFS_IMAGE.bytes / 512 }]);
  unpackImage(NTFS_IMAGE, store, MIB);
  return store;
}

/** A 32 MiB disk with blocks of 4096 bytes, a GPT and an ext4 partition. */
export function fourKnDisk(): BlockStore {
  const store = new SparseStore({ blockSize: 4096, blocks: (32 * MIB) / 4096, thin: false });
  const first = 256n;
  const lastLba = first - 1n + BigInt(EXT4_IMAGE.bytes / 4096);
  writeGpt(store, guid(0x20), [
    { name: 'Four K native', typeGuid: PARTITION_TYPES.linuxData, uniqueGuid: guid(0x21), firstLba: first, lastLba },
  ]);
  unpackImage(EXT4_IMAGE, store, Number(first) * 4096);
  return store;
}

/** A disk without partitions: FAT from its first block on. */
export function archiveDisk(): BlockStore {
  const store = new SparseStore({ blocks: FAT12_IMAGE.bytes / 512, thin: false });
  unpackImage(FAT12_IMAGE, store, 0);
  return store;
}

/** A data disc with blocks of 2048 bytes. */
export function opticalDisc(): BlockStore {
  const store = new SparseStore({ blockSize: 2048, blocks: Math.ceil(ISO_IMAGE.bytes / 2048), thin: false });
  unpackImage(ISO_IMAGE, store, 0);
  return store;
}

/** An 8 TiB thin disk: a GPT, and a few islands of data far apart. */
export function thinDisk(): BlockStore {
  const store = new SparseStore({ blocks: (8n * 1024n ** 4n) / 512n });
  writeGpt(store, guid(0x30), [
    {
      name: 'Mostly empty',
      typeGuid: PARTITION_TYPES.linuxData,
      uniqueGuid: guid(0x31),
      firstLba: 2048n,
      lastLba: store.blocks - 2049n,
    },
  ]);
  const island = new Uint8Array(64 * 1024);
  for (const tebibyte of [1n, 3n, 5n]) {
    island.fill(Number(tebibyte));
    store.write(tebibyte * 2n ** 31n, island);
  }
  return store;
}

/** 8 EiB in which every block can be computed, and so verified. */
export function generatedDisk(): BlockStore {
  return new GeneratedStore({ blocks: 2n ** 54n });
}

/** A small disk of one repeated line of text. */
export function textDisk(line: string, bytes = 4 * MIB): BlockStore {
  const store = new SparseStore({ blocks: bytes / 512, thin: false });
  const block = Buffer.alloc(64 * 1024, `${line}\n`);
  for (let at = 0; at < bytes; at += block.length) store.write(BigInt(at / 512), block);
  return store;
}
