import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, toHex } from '../../../core/bytes/index.ts';
import { ProtocolError } from '../../../core/errors/index.ts';
import {
  buildPdu,
  framePdu,
  isInitiatorOpcode,
  NO_DIGESTS,
  PduFramer,
  type Digests,
  type OutgoingPdu,
} from '../../../core/pdu/index.ts';
import { concat } from '../../support/bytes.ts';

interface Seen {
  readonly header: string;
  readonly data: string;
  readonly good: boolean;
}

interface Setup {
  readonly digests?: Digests;
  readonly limit?: number;
  readonly place?: (length: number) => Uint8Array | undefined;
}

function framer({ digests = NO_DIGESTS, limit = 8192, place = () => undefined }: Setup = {}): {
  framer: PduFramer;
  seen: Seen[];
  /** The PDUs whose data was said to stand in the buffer of the header too, as it does. */
  onWire: string[];
} {
  const seen: Seen[] = [];
  const onWire: string[] = [];
  const take = (bytes: Uint8Array, at: number, ahs: number, data: Uint8Array, good: boolean): void => {
    seen.push({ header: toHex(bytes.subarray(at, at + 48 + ahs)), data: toHex(data), good });
  };
  const made = new PduFramer(
    {
      placeData: (_bytes, _at, _ahs, length) => place(length),
      handlePdu: (bytes, at, ahs, data, wireAt) => {
        if (wireAt >= 0) onWire.push(toHex(bytes.subarray(wireAt, wireAt + data.length)));
        take(bytes, at, ahs, data, true);
      },
      handleDataDigestError: (bytes, at, ahs, data) => {
        take(bytes, at, ahs, data, false);
      },
    },
    { maxDataSegmentLength: limit, accepts: (opcode) => !isInitiatorOpcode(opcode) },
  );
  made.setDigests(digests);
  return { framer: made, seen, onWire };
}

const SAMPLE: readonly OutgoingPdu[] = [
  buildPdu('nopIn', { itt: 1 }),
  buildPdu(
    'dataIn',
    { itt: 2, dataSn: 3 },
    Uint8Array.from({ length: 33 }, (_, i) => i),
  ),
  buildPdu('textResponse', { itt: 3 }, Uint8Array.of(1, 2, 3, 4)),
  buildPdu('scsiResponse', { itt: 4 }, Uint8Array.of(9), Uint8Array.of(0, 1, 7, 0)),
  buildPdu('reject', { itt: 5 }),
];
const WANTED: readonly Seen[] = SAMPLE.map((pdu) => ({
  header: toHex(concat(pdu.bhs, pdu.ahs ?? new Uint8Array(0))),
  data: toHex(pdu.data ?? new Uint8Array(0)),
  good: true,
}));

const EVERY_DIGEST: readonly (readonly [string, Digests])[] = [
  ['no digests', NO_DIGESTS],
  ['a header digest', { header: crc32c, order: 'little' }],
  ['a data digest', { data: crc32c, order: 'little' }],
  ['both, big endian', { header: crc32c, data: crc32c, order: 'big' }],
];

describe.each(EVERY_DIGEST)('a stream with %s', (_name, digests) => {
  const stream = concat(...SAMPLE.map((pdu) => framePdu(pdu, digests)));

  it('is cut into its PDUs however it is split in two', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const { framer: made, seen } = framer({ digests });
      made.receive(stream.subarray(0, cut));
      made.receive(stream.subarray(cut));
      expect(seen, `cut at ${String(cut)}`).toEqual(WANTED);
      expect(made.idle).toBe(true);
    }
  });

  it('says where data stands on the wire only where the PDU came in one piece', () => {
    const whole = framer({ digests, place: (length) => new Uint8Array(length) });
    whole.framer.receive(concat(Uint8Array.of(1, 2, 3), stream), 3);
    expect(whole.onWire).toEqual(WANTED.map((pdu) => pdu.data));
    const pieces = framer({ digests, place: (length) => new Uint8Array(length) });
    for (const byte of stream) pieces.framer.receive(Uint8Array.of(byte));
    expect(pieces.onWire).toEqual([]);
  });

  it('is cut into its PDUs byte by byte, and at random', () => {
    const one = framer({ digests });
    for (const byte of stream) one.framer.receive(Uint8Array.of(byte));
    expect(one.seen).toEqual(WANTED);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (sizes) => {
        const { framer: made, seen } = framer({ digests });
        let at = 0;
        for (const size of sizes) {
          made.receive(stream, at, Math.min(stream.length, at + size));
          at = Math.min(stream.length, at + size);
        }
        made.receive(stream, at);
        expect(seen).toEqual(WANTED);
      }),
    );
  });

  it('is placed where the sink wants it', () => {
    for (const size of [1, 7, 49, stream.length]) {
      const places: Uint8Array[] = [];
      const { framer: made, seen } = framer({
        digests,
        place: (length) => {
          const buffer = new Uint8Array(length);
          places.push(buffer);
          return buffer;
        },
      });
      for (let at = 0; at < stream.length; at += size) made.receive(stream.slice(at, at + size));
      expect(seen).toEqual(WANTED);
      expect(places.map((place) => toHex(place))).toEqual(WANTED.map((pdu) => pdu.data).filter((data) => data !== ''));
    }
  });
});

describe('data that is read in place', () => {
  const digests: Digests = { header: crc32c, data: crc32c, order: 'little' };
  const data = Uint8Array.from({ length: 400_001 }, (_, i) => (i * 3) & 0xff);
  const stream = concat(
    framePdu(buildPdu('dataIn', { itt: 1 }, data), digests),
    framePdu(buildPdu('nopIn', { itt: 2 }), digests),
  );

  it.each([
    [NO_DIGESTS, 48],
    [digests, 52],
  ])('arrives whole, wherever the direct reads begin and end', (used, headerLength) => {
    const bytes =
      used === digests
        ? stream
        : concat(framePdu(buildPdu('dataIn', { itt: 1 }, data)), framePdu(buildPdu('nopIn', { itt: 2 })));
    for (const first of [headerLength, headerLength + 1, headerLength + 60_000]) {
      const place = new Uint8Array(data.length);
      const { framer: made, seen } = framer({ digests: used, limit: 1 << 20, place: () => place });
      made.receive(bytes.subarray(0, first));
      let at = first;
      for (let missing = made.missingData(1); missing !== undefined; missing = made.missingData(1)) {
        const part = bytes.subarray(at, Math.min(at + missing.length, at + 33_333));
        missing.set(part);
        made.receiveDirect(part.length);
        at += part.length;
      }
      made.receive(bytes.subarray(at));
      expect(seen.map((each) => each.good)).toEqual([true, true]);
      expect(Buffer.compare(place, data)).toBe(0);
      expect(made.idle).toBe(true);
    }
  });

  it('is not asked for where little is missing, or nothing is expected', () => {
    const { framer: made } = framer({ limit: 1 << 20 });
    expect(made.missingData(1)).toBeUndefined();
    made.receive(framePdu(buildPdu('dataIn', {}, new Uint8Array(1000))).subarray(0, 100));
    expect(made.missingData(949)).toBeUndefined();
    expect(made.missingData(948)).toHaveLength(948);
  });
});

describe('a damaged stream', () => {
  const digests: Digests = { header: crc32c, data: crc32c, order: 'little' };

  it('reports every single flipped bit, in the header as an error and in the data as a damaged PDU', () => {
    const pdu = framePdu(buildPdu('dataIn', { itt: 2 }, Uint8Array.of(1, 2, 3, 4, 5)), digests);
    for (let bit = 0; bit < pdu.length * 8; bit += 1) {
      const copy = pdu.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      for (const split of [0, 30, 54, pdu.length]) {
        const { framer: made, seen } = framer({ digests });
        const run = (): void => {
          made.receive(copy.subarray(0, split));
          made.receive(copy.subarray(split));
        };
        if (bit < 52 * 8) {
          let error: unknown;
          try {
            run();
          } catch (caught) {
            error = caught;
          }
          expect(error instanceof ProtocolError || !made.idle, `bit ${String(bit)}`).toBe(true);
          expect(seen).toEqual([]);
        } else {
          run();
          expect(seen.map((each) => each.good)).toEqual([false]);
        }
      }
    }
  });
});

describe('what cannot be a PDU', () => {
  it('is refused from its header alone, before any data is taken', () => {
    const { framer: made } = framer({ limit: 100 });
    const header = buildPdu('dataIn', {}).bhs;
    header[7] = 101;
    expect(() => {
      made.receive(header);
    }).toThrow(/101 bytes; at most 100/u);
    const banner = new TextEncoder().encode('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3 and some more words');
    expect(() => {
      framer().framer.receive(banner);
    }).toThrow(/text, not iSCSI: "SSH-2.0-OpenSSH/u);
    expect(() => {
      framer().framer.receive(new Uint8Array(48).fill(0x1f));
    }).toThrow(/Opcode 0x1f, which has no place here/u);
    expect(() => {
      framer().framer.receive(buildPdu('nopOut', {}).bhs);
    }).toThrow(/NOP-Out/u);
  });

  it('is told of before the error, with its header and what there is of its data, however it was cut', () => {
    const data = Uint8Array.from({ length: 40 }, (_, i) => i + 1);
    const ahs = Uint8Array.of(0, 1, 7, 0);
    const unplaced = (): never => {
      throw new ProtocolError('PROTOCOL_UNEXPECTED', 'Nobody asked for this.');
    };
    for (const [what, change, limit, place, damage] of [
      ['an opcode', (bytes: Uint8Array) => bytes.set([0x1d]), 8192, undefined, undefined],
      ['its length', () => undefined, 39, undefined, undefined],
      ['its place', () => undefined, 8192, unplaced, undefined],
      ['its header digest', (bytes: Uint8Array) => bytes.set([0x55], 20), 8192, undefined, 'header'],
    ] as const)
      for (const [name, digests] of EVERY_DIGEST) {
        if (damage === 'header' && digests.header === undefined) continue;
        const wire = framePdu(buildPdu('dataIn', { itt: 2 }, data, ahs), digests);
        change(wire);
        for (let cut = 0; cut <= wire.length; cut += 1) {
          const told: { header: string; data: string; damage: unknown }[] = [];
          const sink = {
            placeData: place ?? (() => undefined),
            handlePdu: unplaced,
            handleDataDigestError: unplaced,
            handleRefused: (bytes: Uint8Array, at: number, length: number, rest: Uint8Array, which?: string) => {
              told.push({ header: toHex(bytes.subarray(at, at + 48 + length)), data: toHex(rest), damage: which });
            },
          };
          const made = new PduFramer(sink, { maxDataSegmentLength: limit, accepts: (opcode) => opcode === 0x25 });
          made.setDigests(digests);
          const where = `${what}, ${name}, cut at ${String(cut)}`;
          expect(() => {
            made.receive(wire.subarray(0, cut));
            made.receive(wire.subarray(cut));
          }, where).toThrow(ProtocolError);
          // As much as had come when it was refused; of some that is not even all of the header.
          const wanted = toHex(data);
          const early = (what === 'an opcode' || what === 'its length') && cut >= 48 && cut < 52;
          expect(told.length, where).toBe(early ? 0 : 1);
          for (const one of told) {
            expect(one.header, where).toBe(toHex(wire.subarray(0, 52)));
            expect(wanted.startsWith(one.data), where).toBe(true);
            if (cut === 0) expect(one.data).toBe(wanted);
            expect(one.damage).toBe(damage);
          }
        }
      }
  });

  it('ends in a ProtocolError, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 3 }), (bytes, which) => {
        const { framer: made } = framer({ digests: EVERY_DIGEST[which]?.[1] ?? NO_DIGESTS });
        try {
          made.receive(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
