import { z } from 'zod';
import { wireErrorSchema } from './wire-error.ts';

/** A target of this computer's own initiator; host and port as it writes them. */
const systemTarget = z.object({
  portal: z.string().max(300),
  groupTag: z.string().max(20),
  target: z.string().max(223),
});

/** This computer's own initiator: its names and its sessions, or why nothing can be said. */
export const systemInitiator = z.object({
  names: z.array(z.string()),
  /** Why the names cannot be told. */
  namesError: wireErrorSchema.nullable(),
  sessions: z.array(systemTarget.extend({ state: z.string(), persistent: z.string() })),
  /** Why there are no sessions to list. */
  sessionsNote: z.string().nullable(),
  /** Why it cannot be asked to do anything. */
  actsNote: z.string().nullable(),
});

/** What it can be asked to do. */
export const systemAct = z.discriminatedUnion('action', [
  z.object({ action: z.literal('discover'), address: z.string().min(1).max(300) }),
  z.object({ action: z.literal('login'), at: systemTarget }),
  z.object({ action: z.literal('logout'), at: systemTarget }),
  z.object({ action: z.literal('rescan') }),
]);

/** What came of it: the targets a discovery found; else none. */
export const systemOutcome = z.object({ found: z.array(systemTarget) });

/** This computer's own initiator. */
export type SystemState = z.infer<typeof systemInitiator>;
/** What it can be asked to do. */
export type SystemAct = z.infer<typeof systemAct>;
/** A target it found. */
export type SystemFound = z.infer<typeof systemOutcome>['found'][number];
