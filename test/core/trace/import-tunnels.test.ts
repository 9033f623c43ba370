import { describe, expect, it } from 'vitest';
import { ENVELOPES, ipv4Packet, join, pcapFile, TUNNELS, type TimedFrame } from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';
import { A, B, opcodes, simple, WHOLE, Wire } from './wire.ts';

const SIX: Wire['ends'] = [
  { ip: 'fd00::1', port: 50_000 },
  { ip: 'fd00::2', port: 3260 },
];

/** No packet here has more headers than this. */
const HEADERS = 130;

/** The same conversation in packets around its own. */
function framesIn(around: (packet: Uint8Array) => Uint8Array, ends: Wire['ends'] = [A, B]): TimedFrame[] {
  return simple(new Wire(101, ends)).frames.map(({ timeNs, bytes }) => ({ timeNs, bytes: around(bytes) }));
}

const read = (frames: readonly TimedFrame[], linkType: number) => readTrace(pcapFile(frames, { linkType })).trace;

describe.each([
  ['IPv4', [A, B]],
  ['IPv6', SIX],
] as const)('%s', (_version, ends) => {
  it.each([
    ...Object.entries(TUNNELS).map(([name, around]) => [name, around, 101] as const),
    ...Object.entries(ENVELOPES).map(([name, around]) => [name, around, 1] as const),
  ])('is read in %s', (_name, around, linkType) => {
    const trace = read(framesIn(around, ends), linkType);
    expect(opcodes(trace)).toEqual(WHOLE);
    expect(trace.connections[0]!.endpoints).toMatchObject({ initiatorHost: ends[0].ip, targetHost: ends[1].ip });
    // Bytes are found again where they lie in the capture.
    expect(trace.readPdu(3).data).toEqual(new Uint8Array(512).fill(0xee));
    expect(trace.notes).toEqual([]);
  });
});

describe('tunnels', () => {
  it.each(Object.entries({ ...TUNNELS, ...ENVELOPES }))(
    '%s that is cut anywhere reads as less, or nothing',
    (name, around) => {
      const frames = framesIn(around);
      const linkType = name in ENVELOPES ? 1 : 101;
      const last = frames.at(-1)!;
      for (let length = 0; length < HEADERS; length += 1) {
        const cut = { ...last, bytes: last.bytes.subarray(0, length), original: last.bytes.length };
        const trace = read([...frames.slice(0, -1), cut], linkType);
        expect(opcodes(trace).slice(0, 3)).toEqual(WHOLE.slice(0, 3));
        expect(trace.length).toBeLessThanOrEqual(4);
      }
    },
  );

  it.each([
    ['VXLAN without a network', TUNNELS['VXLAN']!, 28, 0],
    ['GRE of version 1', TUNNELS['GRE']!, 21, 1],
    ['GRE with a route', TUNNELS['GRE']!, 20, 0x40],
    ['GENEVE of version 1', TUNNELS['GENEVE']!, 28, 0x40],
    ['UDP of another port', TUNNELS['VXLAN']!, 22, 0x11],
    ['a fragment of a tunnel', TUNNELS['GRE']!, 6, 0x20],
  ])('%s is left alone', (_name, around, at, value) => {
    const frames = framesIn(around);
    for (const { bytes } of frames) bytes[at] = value;
    expect(read(frames, 101).length).toBe(0);
  });

  it('in tunnels are looked into four deep', () => {
    const nested = (depth: number) => (packet: Uint8Array) => {
      let whole = packet;
      for (let i = 0; i < depth; i += 1) whole = ipv4Packet('192.0.2.1', '192.0.2.2', 4, whole);
      return whole;
    };
    expect(opcodes(read(framesIn(nested(4)), 101))).toEqual(WHOLE);
    expect(read(framesIn(nested(5)), 101).length).toBe(0);
  });

  it('seen beside what they carry count once', () => {
    const plain = simple(new Wire()).frames;
    const both = plain.flatMap((frame) => [frame, { ...frame, bytes: TUNNELS['VXLAN']!(frame.bytes) }]);
    expect(opcodes(read(both, 101))).toEqual(WHOLE);
  });

  it('labels without an end, and what is not IP behind them, are left alone', () => {
    const labels = new Uint8Array(400);
    const head = [...new Uint8Array(12), 0x88, 0x47];
    const timeNs = 1_790_000_000_000_000_000n;
    const ethernet = join(head, [0, 0, 1, 64, 0, 0, 0, 0], labels);
    expect(
      read(
        [
          { timeNs, bytes: join(head, labels) },
          { timeNs, bytes: ethernet },
        ],
        1,
      ).length,
    ).toBe(0);
  });
});
