import { z } from 'zod';

const LONGEST = 1000;
const MOST_TABS = 200;
const MOST_RECENT = 20;
const MOST_EXPANDED = 5000;

/** What a tab shows: a kind that a feature registered, and what it needs to show the same again. */
export const tabPlace = z.object({
  kind: z.string().max(60),
  params: z.record(z.string().max(60), z.string().max(LONGEST)),
});

/** How bytes are laid out in rows. */
export const byteRows = z.object({
  columns: z.number().int().min(8).max(64),
  group: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]),
  endian: z.enum(['little', 'big']),
  encoding: z.enum(['ascii', 'latin1', 'utf-8', 'utf-16']),
  addresses: z.boolean(),
});

/** How the window was left: what was open, and how large. Nothing in it is secret. */
export const layout = z.object({
  tabs: z.array(tabPlace).max(MOST_TABS).default([]),
  /** The position of the tab in front. */
  active: z.number().int().min(0).max(MOST_TABS).default(0),
  area: z.string().max(60).default('explorer'),
  panel: z.string().max(60).default('jobs'),
  visible: z
    .object({ sidebar: z.boolean(), inspector: z.boolean(), panel: z.boolean() })
    .default({ sidebar: true, inspector: false, panel: false }),
  /** Sizes in per cent, by group and panel. */
  sizes: z.record(z.string().max(60), z.record(z.string().max(60), z.number().min(0).max(100))).default({}),
  recent: z
    .array(tabPlace.extend({ title: z.string().max(LONGEST) }))
    .max(MOST_RECENT)
    .default([]),
  expanded: z.array(z.string().max(LONGEST)).max(MOST_EXPANDED).default([]),
  grouping: z.enum(['portal', 'target']).default('portal'),
  rows: byteRows.default({ columns: 16, group: 1, endian: 'little', encoding: 'ascii', addresses: false }),
});

/** How the window was left. */
export type Layout = z.infer<typeof layout>;
/** What a tab shows. */
export type TabPlace = z.infer<typeof tabPlace>;
