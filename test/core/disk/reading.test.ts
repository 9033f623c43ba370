import { describe, expect, it } from 'vitest';
import { parseHexBytes } from '../../../core/bytes/index.ts';
import { COPY_FORMS, copyAs, hexdump } from '../../../core/disk/view/copy-as.ts';
import { inspect } from '../../../core/disk/view/inspector.ts';

const hex = (text: string): Uint8Array => parseHexBytes(text.replaceAll(' ', ''))!;
const read = (text: string, endian: 'little' | 'big', id: string): string | null =>
  inspect(hex(text)).find((reading) => reading.id === id)?.[endian] ?? null;

describe('the data inspector', () => {
  it.each([
    ['fe', 'little', 'int8', '-2'],
    ['fe', 'little', 'binary', '11111110'],
    ['01 02', 'little', 'uint16', '513'],
    ['01 02', 'big', 'uint16', '258'],
    ['ff ff ff', 'big', 'int24', '-1'],
    ['00 00 00 80', 'little', 'int32', '-2147483648'],
    ['ff ff ff ff ff ff ff ff', 'big', 'uint64', '18446744073709551615'],
    ['00 3c', 'little', 'float16', '1'],
    ['00 c0', 'little', 'float16', '-2'],
    ['7c 00', 'big', 'float16', 'Infinity'],
    ['00 00 c8 42', 'little', 'float32', '100'],
    ['40 09 21 fb 54 44 2d 18', 'big', 'float64', '3.141592653589793'],
    ['00 00 00 00 00 00 00 80', 'little', 'float64', '-0'],
    ['00 00 00 00', 'little', 'unix32', '1970-01-01 00:00:00 UTC'],
    ['ff ff ff 7f', 'little', 'unix32', '2038-01-19 03:14:07 UTC'],
    ['00 80 3e d5 de b1 9d 01', 'little', 'filetime', '1970-01-01 00:00:00 UTC'],
    ['01 9d b1 de d5 3e 80 00', 'big', 'filetime', '1970-01-01 00:00:00 UTC'],
    ['00 00 00 00 00 00 05 dc', 'big', 'unixMs', '1970-01-01 00:00:01.500 UTC'],
    ['7c 25 b0 80', 'big', 'hfs', '1970-01-01 00:00:00 UTC'],
    ['00 00 21 00', 'little', 'dos', '1980-01-01 00:00:00'],
    ['00 00 00 00', 'little', 'dos', null],
    ['28 73 2a c1 1f f8 d2 11 ba 4b 00 a0 c9 3e c9 3b', 'little', 'guid', 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b'],
    ['6c 75 6e 61 73 63 6f 70 65 00 00 00 00 00 00 01', 'big', 'guid', '6c756e61-7363-6f70-6500-000000000001'],
    ['4c 75 6e 61 00', 'little', 'ascii', 'Luna'],
    ['e6 95 b0', 'little', 'utf8', '数 (U+6570)'],
    ['ff', 'little', 'utf8', null],
    ['4c 00 75 00', 'little', 'utf16', 'Lu'],
    ['00 4c 00 75', 'big', 'utf16', 'Lu'],
    ['01', 'little', 'uint16', null],
  ] as const)('%s %s-endian as %s is %s', (bytes, endian, id, text) => {
    expect(read(bytes, endian, id)).toBe(text);
  });
});

describe('copy as', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => 0x41 + i);
  it('writes a C array', () => {
    expect(copyAs('c', bytes.subarray(0, 13), 0n)).toBe(
      'const unsigned char data[13] = {\n  0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c,\n  0x4d\n};\n',
    );
  });
  it('writes a Rust array', () => {
    expect(copyAs('rust', bytes.subarray(0, 2), 0n)).toBe('const DATA: [u8; 2] = [\n    0x41, 0x42,\n];\n');
  });
  it('writes Python', () => {
    expect(copyAs('python', bytes.subarray(0, 17), 0n)).toBe(
      'data = bytes.fromhex(\n    "41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50"\n    "51"\n)\n',
    );
  });
  it('writes hex, base64 and text', () => {
    expect(copyAs('hex', bytes.subarray(0, 3), 0n)).toBe('414243');
    expect(copyAs('hex-spaced', bytes.subarray(0, 3), 0n)).toBe('41 42 43');
    expect(copyAs('base64', bytes.subarray(0, 4), 0n)).toBe('QUJDRA==');
    expect(copyAs('text', hex('41 00 42'), 0n)).toBe('A.B');
  });
  it('writes what hexdump -C prints', () => {
    expect(hexdump(bytes, 0x7ffffffffffffff0n)).toBe(
      '7ffffffffffffff0  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|\n' +
        '8000000000000000  51 52 53 54                                       |QRST|\n' +
        '8000000000000004\n',
    );
  });
  it('has something to say for no bytes at all', () => {
    for (const form of COPY_FORMS) expect(copyAs(form, new Uint8Array(0), 0n)).toBeTypeOf('string');
  });
});
