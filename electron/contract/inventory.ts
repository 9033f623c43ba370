import { z } from 'zod';

/** One LUN over one path, as an inventory lists it; a portal or target without more gives a row with less. */
export const inventoryRow = z.object({
  portal: z.string(),
  groupTag: z.string(),
  target: z.string(),
  lun: z.string(),
  vendor: z.string(),
  product: z.string(),
  revision: z.string(),
  serial: z.string(),
  names: z.string(),
  blockSize: z.string(),
  blocks: z.string(),
  bytes: z.string(),
  readOnly: z.string(),
  thin: z.string(),
  path: z.string(),
  note: z.string(),
});

/** An inventory as it is saved. */
export const inventory = z.object({
  format: z.literal('lunascope-inventory'),
  version: z.literal(1),
  at: z.string(),
  initiatorName: z.string(),
  rows: z.array(inventoryRow).max(500_000),
});

/** What is different from a saved inventory. */
export const inventoryChanges = z.object({
  file: z.string(),
  savedAt: z.string(),
  same: z.number().int(),
  changes: z.array(
    z.object({
      kind: z.enum(['new', 'gone', 'changed']),
      what: z.string(),
      fields: z.array(z.object({ name: z.string(), before: z.string(), now: z.string() })),
    }),
  ),
});

/** An inventory. */
export type Inventory = z.infer<typeof inventory>;
/** One row of it. */
export type InventoryRow = z.infer<typeof inventoryRow>;
/** What is different from a saved one. */
export type InventoryChanges = z.infer<typeof inventoryChanges>;
