import { z } from 'zod';
import { sessionId } from './sessions.ts';
import { wireErrorSchema } from './wire-error.ts';

/** Most characters of a filter. */
export const LONGEST_FILTER = 10_000;

/** Names a recording in the program's own folder; the same after a restart. */
export const recordingId = z.string().regex(/^[\w-]{1,80}$/);

/** How much of each PDU a recording keeps. */
export const recordMode = z.enum(['off', 'headers', 'full']);

/** A recording in the program's folder. */
export const recording = z.object({
  id: recordingId,
  /** The session it follows while it is under way. */
  session: sessionId.nullable(),
  /** What it was made of in this run, also when that has ended or never came up: a session, or a discovery. */
  about: z.string().max(60).nullable(),
  kind: z.enum(['session', 'discovery']),
  /** Of the session; 0 for a discovery. */
  number: z.number().int(),
  /** From 1: what is recorded of a session may change while it is up, and a new recording begins then. */
  part: z.number().int(),
  /** Empty for a discovery. */
  target: z.string(),
  portal: z.string(),
  mode: z.enum(['headers', 'full']),
  /** Whether CHAP responses were kept; with them a weak secret can be guessed. */
  chapKept: z.boolean(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  bytes: z.number(),
  capBytes: z.number(),
  droppedBytes: z.number(),
  state: z.enum(['recording', 'ended', 'failed']),
  error: wireErrorSchema.nullable(),
});

const columns = z.object({
  order: z.array(z.string().max(40)).max(40),
  hidden: z.array(z.string().max(40)).max(40),
  widths: z.record(z.string().max(40), z.number().int().min(24).max(2000)),
});

const prefs = {
  mode: recordMode,
  /** Keep CHAP responses in recordings to come. They let a weak secret be guessed: the window warns before it is set. */
  keepChap: z.boolean(),
  sessionCapBytes: z.number().int().min(1_048_576),
  totalCapBytes: z.number().int().min(16_777_216),
  retentionDays: z.number().int().min(1).max(3650),
  filters: z.array(z.object({ name: z.string().min(1).max(100), expression: z.string().max(LONGEST_FILTER) })).max(200),
  history: z.array(z.string().max(LONGEST_FILTER)).max(50),
  columns: z.record(z.string().max(20), columns),
};

/** What a person has set up for traces. */
export const tracePrefs = z.object({
  mode: prefs.mode.default('headers'),
  keepChap: prefs.keepChap.default(false),
  sessionCapBytes: prefs.sessionCapBytes.default(1_073_741_824),
  totalCapBytes: prefs.totalCapBytes.default(8_589_934_592),
  retentionDays: prefs.retentionDays.default(30),
  filters: prefs.filters.default([]),
  history: prefs.history.default([]),
  columns: prefs.columns.default({}),
});

/** A change of it. */
export const prefsPatch = z.object(prefs).partial();

/** Recordings there are, and what holds for new ones. */
export const traceLibrary = z.object({
  folder: z.string(),
  recordings: z.array(recording),
  captures: z.array(z.string()),
  prefs: tracePrefs,
});
