const LENGTH_BYTES = 2;
/** Kept of fixed format: response code with its valid bit, key, length, code and qualifier (SPC-5 4.4.3). */
const FIXED_KEPT = [0, 2, 7, 12, 13];
/** Kept of descriptor format: response code, key, code, qualifier, length (SPC-5 4.4.2). */
const DESCRIPTOR_KEPT = [0, 1, 2, 3, 7];
const DESCRIPTORS_AT = 8;
const INFORMATION = 0;
const INFORMATION_LENGTH = 10;
const LAST_STANDARD_TYPE = 0x0e;
const FIRST_VENDOR_TYPE = 0x80;
const VALID = 0x80;

/** Sense data behind its two length bytes with all but its codes, and what the standard says of its information, zeroed. */
export function shareSense(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  out.set(data.subarray(0, LENGTH_BYTES));
  const from = data.subarray(LENGTH_BYTES);
  const to = out.subarray(LENGTH_BYTES);
  const code = (from[0] ?? 0) & 0x7f;
  if (code === 0x70 || code === 0x71) {
    keep(from, to, FIXED_KEPT);
    if (((from[0] ?? 0) & VALID) !== 0) to.set(from.subarray(3, 7), Math.min(3, to.length));
  } else if (code === 0x72 || code === 0x73) {
    keep(from, to, DESCRIPTOR_KEPT);
    keepDescriptors(from, to);
  } else keep(from, to, [0]);
  return out;
}

function keep(from: Uint8Array, to: Uint8Array, places: readonly number[]): void {
  for (const at of places) if (at < from.length) to[at] = from[at] as number;
}

/** Keeps types and lengths, so that the descriptors can still be told apart, and an information that is valid. */
function keepDescriptors(from: Uint8Array, to: Uint8Array): void {
  for (let at = DESCRIPTORS_AT; at + 2 <= from.length;) {
    const [type, length] = [from[at] as number, from[at + 1] as number];
    if ((type > LAST_STANDARD_TYPE && type < FIRST_VENDOR_TYPE) || at + 2 + length > from.length) return;
    keep(from, to, [at, at + 1]);
    const informs = type === INFORMATION && length === INFORMATION_LENGTH && ((from[at + 2] as number) & VALID) !== 0;
    if (informs)
      keep(
        from,
        to,
        [2, 4, 5, 6, 7, 8, 9, 10, 11].map((place) => at + place),
      );
    at += 2 + length;
  }
}
