/** A number in two's complement, least significant byte first. */
export function writeLittle(value: bigint, size: number): Uint8Array {
  let rest = BigInt.asUintN(size * 8, value);
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i += 1) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return out;
}
