const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex of `bytes`, with `separator` between them. */
export function toHex(bytes: Uint8Array, separator = ''): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 1) out += (i === 0 ? '' : separator) + (HEX[bytes[i] as number] as string);
  return out;
}

/** Bytes of an even or odd run of hex digits (an odd run gets a leading zero); undefined on anything else. */
export function parseHexBytes(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]+$/u.test(text)) return undefined;
  const even = text.length % 2 === 0 ? text : `0${text}`;
  const out = new Uint8Array(even.length / 2);
  for (let i = 0; i < out.length; i += 1) out[i] = parseInt(even.slice(i * 2, i * 2 + 2), 16);
  return out;
}

/** A decimal number without sign, blank or excess leading zero, as a bigint; undefined on anything else. */
export function parseDecimal(text: string): bigint | undefined {
  return /^(?:0|[1-9][0-9]{0,19})$/u.test(text) ? BigInt(text) : undefined;
}

/** A hex number written `0x..`, as a bigint; undefined on anything else. */
export function parseHexNumber(text: string): bigint | undefined {
  return /^0[xX][0-9a-fA-F]{1,16}$/u.test(text) ? BigInt(text) : undefined;
}

/** RFC 4648 base64 with its padding. */
export function toBase64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    out += BASE64.charAt(group >>> 18) + BASE64.charAt((group >>> 12) & 63);
    out += left > 1 ? BASE64.charAt((group >>> 6) & 63) : '=';
    out += left > 2 ? BASE64.charAt(group & 63) : '=';
  }
  return out;
}

/** Bytes of strict RFC 4648 base64: whole groups, right padding, no blanks, no stray bits; undefined on anything else. */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/u.test(text)) return undefined;
  const pad = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const out = new Uint8Array((text.length / 4) * 3 - pad);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    let group = 0;
    for (let j = 0; j < 4; j += 1) group = (group << 6) | Math.max(0, BASE64.indexOf(text.charAt(i + j)));
    const spare = text.charAt(i + 2) === '=' ? 0xffff : text.charAt(i + 3) === '=' ? 0xff : 0;
    if ((group & spare) !== 0) return undefined;
    for (let shift = 16; shift >= 0 && at < out.length; shift -= 8) {
      out[at] = group >>> shift;
      at += 1;
    }
  }
  return out;
}
