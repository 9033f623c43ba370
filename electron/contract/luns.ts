import { z } from 'zod';
import { lunHex, sessionId } from './sessions.ts';
import { wireErrorSchema } from './wire-error.ts';

/** A field of an answer: its words and the bytes it stands for. */
export interface FactField {
  readonly label: string;
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly bits: string | null;
  readonly meaning: string | null;
  readonly clause: string | null;
  readonly malformed: string | null;
  readonly children: readonly FactField[];
}

/** A field of an answer. */
export const factField: z.ZodType<FactField> = z.lazy(() =>
  z.object({
    label: z.string(),
    text: z.string(),
    offset: z.number(),
    length: z.number(),
    bits: z.string().nullable(),
    meaning: z.string().nullable(),
    clause: z.string().nullable(),
    malformed: z.string().nullable(),
    children: z.array(factField),
  }),
);

/** What one command answered: decoded, and the bytes as they came, in hex. */
const factPage = z.object({
  id: z.string(),
  title: z.string(),
  group: z.enum(['identity', 'vpd', 'mode', 'capacity', 'paths', 'reservations', 'commands', 'log']),
  command: z.string(),
  cdb: z.string(),
  bytes: z.string(),
  tree: factField.nullable(),
  warnings: z.array(z.string()),
  error: wireErrorSchema.nullable(),
});

/** Everything a LUN says of itself. */
export const lunFacts = z.object({
  at: z.number(),
  pages: z.array(factPage),
  provisioning: z
    .object({ type: z.string(), thin: z.boolean(), readsZero: z.boolean().nullable(), unmap: z.boolean().nullable() })
    .nullable(),
  pathStates: z.array(
    z.object({
      group: z.number().int(),
      state: z.string(),
      preferred: z.boolean(),
      ports: z.array(z.number().int()),
      own: z.boolean(),
    }),
  ),
  reservation: z.object({ key: z.string(), type: z.string() }).nullable(),
  registrants: z.array(z.object({ key: z.string(), holder: z.boolean(), initiator: z.string() })),
  commands: z.array(z.object({ opcode: z.string(), name: z.string(), cdbLength: z.number().int() })),
});

export const lunPlace = z.object({ id: sessionId, lun: lunHex });

/** A read-only probe. */
export const measureInput = lunPlace.extend({
  access: z.enum(['read', 'randread']),
  blockBytes: z.number().int().min(512).max(4_194_304),
  queueDepth: z.number().int().min(1).max(256),
  seconds: z.number().int().min(1).max(120),
});

/** What it found; latencies are microseconds. */
export const measurement = z.object({
  operations: z.number(),
  seconds: z.number(),
  iops: z.number(),
  mbps: z.number(),
  p50Us: z.number(),
  p99Us: z.number(),
  /** Where each bucket begins and how many fell into it. */
  histogram: z.array(z.object({ fromUs: z.number(), toUs: z.number(), count: z.number().int() })),
});

/** How long single reads of one block took over one path, in milliseconds. */
export const roundTrips = z.object({
  reads: z.number().int(),
  leastMs: z.number(),
  medianMs: z.number(),
  mostMs: z.number(),
});

/** Whether two LUNs are the same disk, and why that is said. */
export const comparison = z.object({
  verdict: z.enum(['same', 'different', 'doubtful', 'unknown']),
  sentence: z.string(),
  rows: z.array(z.object({ fact: z.string(), a: z.string(), b: z.string(), equal: z.boolean() })),
});

/** Everything a LUN says of itself. */
export type LunFacts = z.infer<typeof lunFacts>;
/** What one command answered. */
export type FactPage = z.infer<typeof factPage>;
/** What a probe found. */
export type MeasurementResult = z.infer<typeof measurement>;
/** How long single reads took over one path. */
export type RoundTrips = z.infer<typeof roundTrips>;
/** Whether two LUNs are the same disk. */
export type Comparison = z.infer<typeof comparison>;
