import { z } from 'zod';
import { COPY_FORM_NAMES } from './copy-forms.ts';
import { lunPlace } from './luns.ts';
import { wireErrorSchema } from './wire-error.ts';

const LARGEST_READ = 1_048_576;
const MOST_TICKETS = 1000;
const LONGEST_WORDS = 16_384;
const MOST_BOOKMARKS = 2000;
const LONGEST_NOTE = 2000;
const MOST_BAD = 10_000;

/** A 64-bit number in decimal. */
const long = z.string().regex(/^\d{1,30}$/);
const path = z.string().max(4096);

/** A LUN, and the unit that was met there (`BlockFacts.unit`): once another has taken its place, nothing of that one is given. */
export const unitPlace = lunPlace.extend({ unit: z.number().int().optional() });

/** A range of bytes of a LUN. */
export const byteRange = unitPlace.extend({ offset: long, length: long });
/** A range of blocks of a LUN. */
export const blockRange = unitPlace.extend({ firstLba: long, blocks: long });

/** What the sector view needs to know of a LUN. */
export const blockFacts = z.object({
  /** What the unit calls itself; bookmarks are kept under it. */
  identity: z.string(),
  /** Stands for the unit in its session; changes when another takes its place, or it takes another size. */
  unit: z.number().int(),
  title: z.string(),
  blockSize: z.number().int().positive(),
  blocks: long,
  bytes: long,
  writeProtected: z.boolean(),
  thin: z.boolean(),
  /** Whether unmapped blocks are zero by the unit's own word. */
  readsZero: z.boolean(),
});

/** Bytes to show; the ticket lets a read be called off. */
export const readInput = unitPlace.extend({
  offset: long,
  length: z.number().int().min(1).max(LARGEST_READ),
  ticket: z.number().int().nonnegative(),
});

/** Bytes as the device sent them; what it refused is listed and must not be shown. */
export const readAnswer = z.object({
  bytes: z.instanceof(Uint8Array),
  bad: z.array(z.object({ offset: z.number().int(), length: z.number().int(), error: z.string() })),
});

/** Reads that nobody waits for any more. */
export const cancelReads = z.object({ tickets: z.array(z.number().int()).max(MOST_TICKETS) });

/** A field of a structure on the disk. */
export interface StructureField {
  readonly name: string;
  readonly label: string;
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly meaning: string | null;
  readonly malformed: string | null;
  readonly children: readonly StructureField[];
}

/** A structure on the disk; addresses in decimal. */
export interface DiskStructureEntry {
  readonly kind: string;
  readonly label: string;
  readonly detail: string;
  readonly offset: string;
  readonly length: string;
  readonly fields: readonly StructureField[];
  readonly problems: readonly string[];
  readonly children: readonly DiskStructureEntry[];
}

const structureField: z.ZodType<StructureField> = z.lazy(() =>
  z.object({
    name: z.string(),
    label: z.string(),
    text: z.string(),
    offset: z.number(),
    length: z.number(),
    meaning: z.string().nullable(),
    malformed: z.string().nullable(),
    children: z.array(structureField),
  }),
);
const diskStructure: z.ZodType<DiskStructureEntry> = z.lazy(() =>
  z.object({
    kind: z.string(),
    label: z.string(),
    detail: z.string(),
    offset: long,
    length: long,
    fields: z.array(structureField),
    problems: z.array(z.string()),
    children: z.array(diskStructure),
  }),
);

/** What a disk holds. */
export const diskMap = z.object({ structures: z.array(diskStructure), problems: z.array(z.string()) });

/** Bytes to copy, and how they are written out. */
export const copyInput = byteRange.extend({ form: z.enum(COPY_FORM_NAMES) });

/** The sums of a range. */
export const checksums = z.object({ md5: z.string(), sha1: z.string(), sha256: z.string() });

/** What is searched. */
export const searchInput = unitPlace.extend({
  query: z.object({
    kind: z.enum(['hex', 'text', 'regex', 'number']),
    words: z.string().max(LONGEST_WORDS),
    encoding: z.enum(['ascii', 'latin1', 'utf-8', 'utf-16le', 'utf-16be']).optional(),
    ignoreCase: z.boolean().optional(),
    number: z
      .object({
        type: z.enum(['integer', 'float']),
        size: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]),
        endian: z.enum(['little', 'big']),
      })
      .optional(),
  }),
  from: long,
  to: long,
  backward: z.boolean(),
  limit: z.number().int().min(1).max(100_000),
});

const place = z.object({ offset: long, length: long });

/** What a search has found since the last item, and how it stands; the last item says that it ended. */
export const searchItem = z.object({
  hits: z.array(place),
  ended: z.enum(['no', 'done', 'limit', 'cancelled']),
  /** Not read, because the unit does not map them and says they are zero. */
  skippedBytes: long,
  badBlocks: z.number().int(),
});

/** What two ranges are compared, block by block. */
export const compareInput = blockRange.extend({
  other: z.union([
    z.object({ kind: z.literal('lun'), id: z.string().max(60), lun: z.string().max(16), firstLba: long }),
    // Where it is left open, an image of ours stands as it was saved, any other file from its first block on.
    z.object({ kind: z.literal('file'), path, firstLba: long.nullable() }),
    z.object({ kind: z.literal('snapshot'), snapshot: z.string().max(60) }),
  ]),
});

/** What a comparison has found since the last item. */
export const compareItem = z.object({
  differences: z.array(place.extend({ unknown: z.boolean() })),
  ended: z.enum(['no', 'done', 'limit', 'cancelled']),
});

/** A range kept to compare with later. */
export const snapshot = z.object({
  id: z.string(),
  identity: z.string(),
  at: z.number(),
  firstLba: long,
  blocks: long,
  blockSize: z.number().int(),
  sha256: z.string(),
  /** Blocks that could not be read; they are zeros in the file, and compared with nothing. */
  bad: z.array(long).max(MOST_BAD).default([]),
});

/** A kept range by its name. */
export const snapshotName = z.object({ id: z.string().max(60) });

/** An image that is being made, or was left unfinished. */
export const imageEntry = z.object({
  path,
  title: z.string(),
  identity: z.string(),
  firstLba: long,
  blocks: long,
  state: z.enum(['running', 'paused', 'waiting', 'interrupted', 'done']),
  progress: z.number().min(0).max(1),
  /** Blocks filled with zeros because they could not be read; told whole once it is done. */
  bad: z.array(long).max(MOST_BAD),
  badBlocks: z.number().int(),
  sha256: z.string().nullable(),
  error: wireErrorSchema.nullable(),
});

/** An image by its file. */
export const imagePath = z.object({ path });
export const pauseInput = imagePath.extend({ paused: z.boolean() });
export const resumeInput = unitPlace.extend({ path });
export const chosenFile = z.object({ path: path.nullable() });

/** A place a person marked. */
export const bookmark = z.object({
  id: z.string().max(60),
  offset: long,
  length: long,
  colour: z.number().int().min(1).max(8),
  note: z.string().max(LONGEST_NOTE),
});
export const bookmarkList = z.array(bookmark).max(MOST_BOOKMARKS);
export const bookmarkOwner = z.object({ identity: z.string().max(1000) });

/** What the sector view knows of a LUN. */
export type BlockFacts = z.infer<typeof blockFacts>;
/** What a disk holds. */
export type DiskMapEntry = z.infer<typeof diskMap>;
/** A place a person marked. */
export type Bookmark = z.infer<typeof bookmark>;
/** An image in the making. */
export type ImageEntry = z.infer<typeof imageEntry>;
/** A kept range. */
export type Snapshot = z.infer<typeof snapshot>;
/** Progress of a search. */
export type SearchItem = z.infer<typeof searchItem>;
/** Progress of a comparison. */
export type CompareItem = z.infer<typeof compareItem>;
/** The sums of a range. */
export type Checksums = z.infer<typeof checksums>;
