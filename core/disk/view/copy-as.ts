import { toBase64, toHex } from '../../bytes/index.ts';

/** The forms bytes can be copied in. */
export const COPY_FORMS = ['hex', 'hex-spaced', 'c', 'rust', 'python', 'base64', 'hexdump', 'text'] as const;
/** One of them. */
export type CopyForm = (typeof COPY_FORMS)[number];

const PER_LINE = 12;
const DUMP_COLUMNS = 16;

function lines(bytes: Uint8Array, each: (byte: number) => string, separator: string, indent: string): string {
  const out: string[] = [];
  for (let at = 0; at < bytes.length; at += PER_LINE)
    out.push(indent + Array.from(bytes.subarray(at, at + PER_LINE), each).join(separator));
  return out.join(`${separator.trimEnd()}\n`);
}

const hexByte = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/** Rows as hexdump -C prints them, with addresses from `address` on. */
export function hexdump(bytes: Uint8Array, address: bigint): string {
  const end = address + BigInt(bytes.length);
  const digits = Math.max(8, end.toString(16).length);
  const out: string[] = [];
  for (let at = 0; at < bytes.length; at += DUMP_COLUMNS) {
    const row = bytes.subarray(at, at + DUMP_COLUMNS);
    const half = (from: number): string => toHex(row.subarray(from, from + 8), ' ').padEnd(23);
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    out.push(`${(address + BigInt(at)).toString(16).padStart(digits, '0')}  ${half(0)}  ${half(8)}  |${text}|`);
  }
  out.push(end.toString(16).padStart(digits, '0'));
  return `${out.join('\n')}\n`;
}

/** Bytes written out in one of the forms. */
export function copyAs(form: CopyForm, bytes: Uint8Array, address: bigint): string {
  switch (form) {
    case 'hex':
      return toHex(bytes);
    case 'hex-spaced':
      return toHex(bytes, ' ');
    case 'c':
      return `const unsigned char data[${String(bytes.length)}] = {\n${lines(bytes, hexByte, ', ', '  ')}\n};\n`;
    case 'rust':
      return `const DATA: [u8; ${String(bytes.length)}] = [\n${lines(bytes, hexByte, ', ', '    ')},\n];\n`;
    case 'python':
      return `data = bytes.fromhex(\n${pythonLines(bytes)}\n)\n`;
    case 'base64':
      return toBase64(bytes);
    case 'hexdump':
      return hexdump(bytes, address);
    case 'text':
      return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  }
}

function pythonLines(bytes: Uint8Array): string {
  const out: string[] = [];
  for (let at = 0; at < Math.max(1, bytes.length); at += DUMP_COLUMNS)
    out.push(`    "${toHex(bytes.subarray(at, at + DUMP_COLUMNS), ' ')}"`);
  return out.join('\n');
}
