import { z } from 'zod';
import { wireErrorSchema } from './wire-error.ts';

/** Long work: what it is, how far it is, how it ended. Times are milliseconds of this computer's clock. */
export const job = z.object({
  id: z.string(),
  title: z.string(),
  /** What it is doing now, or what came of it. */
  detail: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** From 0 to 1; null where nobody can tell. */
  progress: z.number().min(0).max(1).nullable(),
  /** In words, such as `312 MB/s`. */
  rate: z.string().nullable(),
  etaMs: z.number().nullable(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  cancellable: z.boolean(),
  error: wireErrorSchema.nullable(),
});

/** Long work. */
export type Job = z.infer<typeof job>;

/** One line of the program's own log. */
export const logLine = z.object({
  n: z.number().int(),
  at: z.number(),
  level: z.enum(['info', 'warning', 'error']),
  /** Where it comes from: a target, a portal, the program. */
  source: z.string(),
  text: z.string(),
});

/** One line of the log. */
export type LogLine = z.infer<typeof logLine>;
