import { z } from 'zod';

/** One target of the demo SAN, as a discovery of its portals lists it. */
const demoTarget = z.object({
  name: z.string(),
  portals: z.array(z.object({ host: z.string(), port: z.number().int(), groupTag: z.number().int() })),
});

/** Whether the demo SAN runs, and what it holds. */
export const demoState = z.object({
  phase: z.enum(['stopped', 'starting', 'running', 'stopping']),
  portals: z.array(z.object({ host: z.string(), port: z.number().int() })),
  targets: z.array(demoTarget),
});

/** The demo SAN's state. */
export type DemoState = z.infer<typeof demoState>;
