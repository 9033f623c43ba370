import { expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';

const bytes = (make: (i: number) => number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => make(i));

/** RFC 7143 Appendix A.4 prints these as bytes on the wire; as a number the first byte is the least significant. */
it.each([
  ['32 zero bytes', bytes(() => 0), 0x8a9136aa],
  ['32 bytes of ones', bytes(() => 0xff), 0x62a8ab43],
  ['32 incrementing bytes', bytes((i) => i), 0x46dd794e],
  ['32 decrementing bytes', bytes((i) => 31 - i), 0x113fdb5c],
])('gives the CRC32C of %s that RFC 7143 prints', (_name, data, sum) => {
  expect(crc32c(data)).toBe(sum);
});

it('gives the sum of the iSCSI READ(10) PDU that RFC 7143 prints', () => {
  const pdu = Uint8Array.from(
    (
      '01c00000000000000000000000000000' +
      '14000000000004000000001400000018' +
      '28000000000000000200000000000000'
    ).match(/../gu) ?? [],
    (byte) => parseInt(byte, 16),
  );
  expect(crc32c(pdu)).toBe(0xd9963a56);
});

it('can be computed in any number of pieces', () => {
  const data = Uint8Array.from({ length: 301 }, (_, i) => (i * 7) & 0xff);
  for (let cut = 0; cut <= data.length; cut += 1)
    expect(crc32c(data.subarray(cut), crc32c(data.subarray(0, cut)))).toBe(crc32c(data));
});
