/** Bytes of hex digits; blanks are for the eye. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/gu, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/iu.test(digits)) throw new Error(`Not whole bytes of hex: ${text}`);
  return Uint8Array.from(digits.match(/../gu) ?? [], (byte) => parseInt(byte, 16));
}

/** Several byte strings after one another. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
