import { z } from 'zod';
import type { WireError } from './errors.ts';

/** An error inside a message; the same shape a failed request answers with. */
export const wireErrorSchema = z.object({
  name: z.string(),
  code: z.string() as unknown as z.ZodType<WireError['code']>,
  message: z.string(),
  hint: z.string().nullable(),
  retryable: z.boolean(),
  details: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]),
  ),
  raw: z.object({ status: z.number().int(), sense: z.string(), cdb: z.string() }).nullable(),
});
