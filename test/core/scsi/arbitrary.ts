import fc from 'fast-check';
import type { Field, Layout } from '../../../core/bytes/index.ts';

export { fromHex as hex } from '../../support/bytes.ts';

export type FieldValue = number | bigint | boolean | string | Uint8Array;

/** Any value a field can hold. */
export function fieldArbitrary(field: Field): fc.Arbitrary<FieldValue> {
  switch (field.kind) {
    case 'flag':
      return fc.boolean();
    case 'u64':
      return fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    case 'bytes':
      return fc.uint8Array({ minLength: field.size, maxLength: field.size });
    case 'ascii':
      return fc.stringMatching(new RegExp(`^[!-~]{0,${String(field.size)}}$`, 'u'));
    case 'uint':
    case 'bits': {
      const [high, low] = field.bits ?? [field.size * 8 - 1, 0];
      return fc.integer({ min: 0, max: 2 ** (high - low + 1) - 1 });
    }
  }
}

/** Values for every field of a layout but those named. */
export function layoutArbitrary(
  layout: Layout,
  except: readonly string[] = [],
): fc.Arbitrary<Record<string, FieldValue>> {
  const fields = layout.fields.filter((field) => !except.includes(field.name));
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, fieldArbitrary(field)])));
}

/** The bits a field covers, counted from the first bit of the structure. */
export function bitsOf(field: Field): number[] {
  const [high, low] = field.bits ?? [field.size * 8 - 1, 0];
  const end = (field.offset + field.size) * 8 - 1;
  return Array.from({ length: high - low + 1 }, (_, i) => end - low - i);
}
