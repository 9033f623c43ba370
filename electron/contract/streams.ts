import { z } from 'zod';
import { compareInput, compareItem, imageEntry, searchInput, searchItem, snapshot } from './blocks.ts';
import { demoState } from './demo.ts';
import { attemptId, attemptStep, explorerState, opened } from './explorer.ts';
import { job, logLine } from './jobs.ts';
import { sessionDetail, sessionEntry, sessionId, sessionsRate } from './sessions.ts';
import { sharedImage } from './share.ts';
import { traceStreams } from './trace.ts';
import type { StreamName } from './names.ts';

const nothing = z.undefined();
/** A command of the window, by its id; one that the window does not have is passed over. */
const commandId = z.string().max(100);

/** What each stream takes, and what its items are. */
export const streams = {
  'app.commands': { params: nothing, item: commandId },
  /** Links and files opened from outside; those that came before anyone listened come first. */
  'app.opened': { params: nothing, item: opened },
  'demo.state': { params: nothing, item: demoState },
  /** Every job, whole, at each change. */
  'jobs.state': { params: nothing, item: z.array(job) },
  'log.lines': { params: nothing, item: logLine },
  'attempt.steps': { params: z.object({ attempt: attemptId }), item: attemptStep },
  'explorer.state': { params: nothing, item: explorerState },
  /** Every session, whole, at each change. */
  'sessions.state': { params: nothing, item: z.array(sessionEntry) },
  'sessions.detail': { params: z.object({ id: sessionId }), item: sessionDetail },
  'blocks.search': { params: searchInput, item: searchItem },
  'blocks.compare': { params: compareInput, item: compareItem },
  'blocks.images': { params: nothing, item: z.array(imageEntry) },
  'blocks.snapshots': { params: nothing, item: z.array(snapshot) },
  'sessions.rate': { params: nothing, item: sessionsRate },
  'share.state': { params: nothing, item: z.array(sharedImage) },
  ...traceStreams,
} as const satisfies Record<StreamName, { params: z.ZodType; item: z.ZodType }>;

/** What a subscription takes. */
export type StreamParams<N extends StreamName> = z.input<(typeof streams)[N]['params']>;
/** What a stream's source is given. */
export type ParsedParams<N extends StreamName> = z.output<(typeof streams)[N]['params']>;
/** One item of a stream. */
export type StreamItem<N extends StreamName> = z.output<(typeof streams)[N]['item']>;

/** Parses what a subscription asks with. */
export function parseParams(name: StreamName, params: unknown): { readonly success: boolean; readonly data?: unknown } {
  const schema: z.ZodType = streams[name].params;
  return schema.safeParse(params);
}

/** What the window says about a stream; `id` is the window's own number for the subscription. */
export const openMessage = z.object({ id: z.number().int().nonnegative(), name: z.string(), params: z.unknown() });
export const creditMessage = z.object({ id: z.number().int().nonnegative(), credit: z.number().int().min(1).max(64) });
export const closeMessage = z.object({ id: z.number().int().nonnegative() });
