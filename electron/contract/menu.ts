import { z } from 'zod';

const MOST = 100;

/** One command of the window as the native menu shows it. */
const menuItem = z.object({
  command: z.string().max(100),
  title: z.string().max(200),
  key: z.string().max(60).nullable(),
  /** A line is drawn above it. */
  divided: z.boolean(),
});

/** The native menu, made from the window's commands. */
export const menu = z
  .array(z.object({ title: z.enum(['File', 'View', 'Go', 'Session', 'Help']), items: z.array(menuItem).max(MOST) }))
  .max(10);

/** The native menu. */
export type MenuModel = z.infer<typeof menu>;
