import { z } from 'zod';

const portal = z.object({ host: z.string(), port: z.number().int(), groupTag: z.number().int().nullable() });

/** One LUN of the demo SAN, as the SAN itself describes it. */
const demoLun = z.object({
  lun: z.number().int(),
  title: z.string(),
  description: z.string(),
  blockSize: z.number().int(),
  /** A 64-bit number in decimal. */
  blocks: z.string(),
  writable: z.boolean(),
  url: z.string(),
});

/** One target of the demo SAN: found by a discovery of its portals, described by the SAN. */
const demoTarget = z.object({
  name: z.string(),
  alias: z.string(),
  description: z.string(),
  portals: z.array(portal),
  /** Demo credentials protect nothing, and are shown so that a login can be tried. */
  credentials: z.object({ user: z.string(), secret: z.string() }).nullable(),
  luns: z.array(demoLun),
});

/** Trouble that can be switched on, and whether it is. */
const demoScenario = z.object({ id: z.string(), title: z.string(), description: z.string(), on: z.boolean() });

/** Something to try. */
const demoLesson = z.object({ id: z.string(), title: z.string(), text: z.string() });

/** Whether the demo SAN runs, and what it holds. */
export const demoState = z.object({
  phase: z.enum(['stopped', 'starting', 'running', 'stopping']),
  portals: z.array(portal),
  targets: z.array(demoTarget),
  lessons: z.array(demoLesson),
  scenarios: z.array(demoScenario),
  /** How many initiators are logged in. */
  initiators: z.number().int(),
});

/** Which trouble to switch. */
export const demoSwitch = z.object({ id: z.string().max(100), on: z.boolean() });

/** The demo SAN's state. */
export type DemoState = z.infer<typeof demoState>;
/** One of its targets. */
export type DemoTarget = DemoState['targets'][number];
