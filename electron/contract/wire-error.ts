import { z } from 'zod';
import type { WireError, WireErrorCode } from './errors.ts';

const word = z.union([z.string(), z.number()]);

/** An error inside a message; the same shape a failed request answers with. */
export const wireErrorSchema: z.ZodType<WireError> = z.object({
  name: z.string(),
  code: z.custom<WireErrorCode>((value) => typeof value === 'string'),
  message: z.string(),
  hint: z.string().nullable(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.union([word, z.boolean(), z.null(), z.array(word).readonly()])),
  raw: z.object({ status: z.number().int(), sense: z.string(), cdb: z.string() }).nullable(),
  recorded: z.string().optional(),
});
