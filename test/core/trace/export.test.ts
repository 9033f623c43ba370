import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crc32c, toHex } from '../../../core/bytes/index.ts';
import {
  estimateExport,
  exportPcapng,
  rowToJson,
  SHARE_RULES,
  type ExportOptions,
  type ExportSummary,
  type TapEnd,
  type Trace,
} from '../../../core/trace/index.ts';
import { cleanScene, ENDS, readTrace, Scene, senseBytes } from './scene.ts';
import { SECRETS, secretScene } from './secret-scene.ts';

function write(trace: Trace, options: ExportOptions = {}): { bytes: Uint8Array; summary: ExportSummary } {
  const parts: Uint8Array[] = [];
  const blocks = exportPcapng(trace, options);
  for (;;) {
    const next = blocks.next();
    if (next.done === true) return { bytes: Uint8Array.from(parts.flatMap((part) => [...part])), summary: next.value };
    parts.push(next.value);
  }
}

interface Block {
  readonly type: number;
  readonly body: Uint8Array;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

/** A reader of pcapng blocks for these tests alone. */
function blocksOf(bytes: Uint8Array): Block[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const out: Block[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    expect(view.getUint32(at + length - 4, true)).toBe(length);
    const head =
      type === 6
        ? 20 + ((view.getUint32(at + 20, true) + 3) & ~3)
        : type === 5
          ? 12
          : type === 1
            ? 8
            : type === 0x0a0d0d0a
              ? 16
              : length - 12;
    const options = new Map<number, Uint8Array>();
    for (let o = at + 8 + head; o < at + length - 4;) {
      const code = view.getUint16(o, true);
      const size = view.getUint16(o + 2, true);
      if (code === 0) break;
      options.set(code, bytes.subarray(o + 4, o + 4 + size));
      o += 4 + ((size + 3) & ~3);
    }
    out.push({ type, body: bytes.subarray(at + 8, at + 8 + head), options });
    at += length;
  }
  return out;
}

const string = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const contains = (bytes: Uint8Array, what: Uint8Array | string): boolean => {
  const wanted = typeof what === 'string' ? new TextEncoder().encode(what) : what;
  return Buffer.from(bytes).includes(Buffer.from(wanted));
};

describe('pcapng export', () => {
  it('writes a conversation with handshake, acknowledgements and close', () => {
    const { bytes, summary } = write(cleanScene().trace());
    const blocks = blocksOf(bytes);
    expect(blocks[0]!.type).toBe(0x0a0d0d0a);
    expect(string(blocks[0]!.options.get(4))).toBe('Lunascope');
    expect(string(blocks[0]!.options.get(1))).toContain('TCP and IP framing is synthesised');
    expect(blocks[1]!.options.get(9)).toEqual(Uint8Array.of(9));
    const packets = blocks.filter((block) => block.type === 6);
    const flags = packets.map(({ body }) => body[20 + 33]);
    expect(flags).toEqual([2, 0x12, 0x10, ...new Array<number>(12).fill(0x18), 0x11, 0x11, 0x10]);
    expect(packets.map(({ options }) => options.get(2)![0])).toEqual([
      2, 1, 2, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
    ]);
    expect(string(packets[5]!.options.get(1))).toBe('SCSI Command READ(10), LBA 0, 1 block, LUN 0');
    expect(packets[0]!.options.has(1)).toBe(false);
    expect(blocks.at(-1)!.type).toBe(5);
    expect(new DataView(blocks.at(-1)!.options.get(4)!.slice().buffer).getBigUint64(0, true)).toBe(18n);
    expect(summary).toMatchObject({ pdus: 12, packets: 18, bytes: bytes.length, zeroFilledBytes: 0 });
    const names = blocks.find((block) => block.type === 4)!;
    expect(string(names.body)).toContain('iqn.2026-01.test:disk');
  });

  it('comes back the same after an import', () => {
    for (const scene of [cleanScene(), new Scene({ mode: 'headers' }).login().read(8192).write(4096)]) {
      const first = write(scene.trace()).bytes;
      const second = write(readTrace(first).trace).bytes;
      expect(toHex(second)).toBe(toHex(first));
    }
  });

  it('fills what was not recorded with zeros and computes digests over it', () => {
    const scene = new Scene({ mode: 'headers' });
    scene
      .login({ HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' }, { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' })
      .read(4096);
    const { bytes, summary } = write(scene.trace());
    expect(summary.zeroFilledBytes).toBe(4096 - 64);
    const comment = string(blocksOf(bytes)[0]!.options.get(1));
    expect(comment).toContain('1 PDUs were not recorded whole');
    expect(comment).toContain('Data digests are in use');
    // The zeros are there for others; whoever reads the comments knows that they are made up.
    expect(readTrace(bytes).trace.readPdu(3).data.length).toBe(64);
    for (const said of ['Lunascope\0', 'iSCSI PDUs in made-up']) bytes[Buffer.from(bytes).indexOf(said)]! ^= 0x20;
    const { trace } = readTrace(bytes);
    expect(trace.length).toBe(4);
    const [page] = trace.at(3);
    expect(page.marks[3]! & (8 | 16)).toBe(0);
    const data = trace.readPdu(3).data;
    expect(data.length).toBe(4096);
    expect(crc32c(data)).toBe(crc32c(Uint8Array.from({ length: 4096 }, (_, i) => (i < 64 ? 0x5a : 0))));
  });

  it('keeps a wrong digest wrong', () => {
    const scene = new Scene().login({ DataDigest: 'CRC32C' }, { DataDigest: 'CRC32C' });
    scene.pdu('dataIn', { final: true, hasStatus: true, itt: 9, ttt: 1 }, new Uint8Array(8).fill(3), undefined, 'data');
    const { trace } = readTrace(write(scene.trace()).bytes);
    expect(trace.at(2)[0].marks[2]! & 16).toBe(16);
  });

  it('cuts large PDUs into segments that fit, confirms them, and warns of the dissector limit', () => {
    const scene = new Scene().login();
    for (let n = 0; n < 4; n += 1) scene.read(512 * 600);
    const { bytes } = write(scene.trace());
    const packets = blocksOf(bytes).filter((block) => block.type === 6);
    expect(
      Math.max(...packets.map(({ body }) => new DataView(body.slice(12, 16).buffer).getUint32(0, true))),
    ).toBeLessThanOrEqual(65_535);
    expect(packets.filter(({ body }) => body[20 + 33] === 0x10).length).toBeGreaterThan(16);
    expect(string(blocksOf(bytes)[0]!.options.get(1))).toContain('iscsi.bogus_pdu_max_data_len to 307200');
    const { trace } = readTrace(bytes);
    expect(trace.length).toBe(10);
    expect(trace.readPdu(9).data.length).toBe(512 * 600);
  });

  it('writes chosen rows alone, and another port for the target', () => {
    const trace = cleanScene().trace();
    const { bytes, summary } = write(trace, { rows: [2, 3, 9], serverPort: 860 });
    expect(summary.pdus).toBe(3);
    const again = readTrace(bytes).trace;
    expect(again.length).toBe(3);
    expect(again.connections[0]!.endpoints.targetPort).toBe(860);
  });

  it('estimates its size before writing', () => {
    const scene = new Scene().login();
    for (let n = 0; n < 100; n += 1) scene.read(4096);
    const trace = scene.trace();
    const size = write(trace).bytes.length;
    expect(estimateExport(trace) / size).toBeGreaterThan(0.8);
    expect(estimateExport(trace) / size).toBeLessThan(1.25);
    expect(estimateExport(trace, [0, 1])).toBeLessThan(size / 50);
    expect(write(new Scene().trace()).summary.packets).toBe(0);
  });

  it('ends a conversation as it ended', () => {
    const flagsOf = (end: TapEnd): number[] => {
      const trace = cleanScene(end).trace();
      return blocksOf(write(trace).bytes)
        .flatMap((block) => (block.type === 6 ? [block.body[53]!, block.options.get(2)![0]!] : []))
        .slice(-6);
    };
    expect(flagsOf('target-closed')).toEqual([0x11, 1, 0x11, 2, 0x10, 1]);
    expect(flagsOf('initiator-reset').slice(-2)).toEqual([0x14, 2]);
    expect(flagsOf('target-reset').slice(-2)).toEqual([0x14, 1]);
    const again = readTrace(write(cleanScene('target-reset').trace()).bytes).trace.connections[0]!;
    expect([again.closedBy, again.reset]).toEqual(['target', true]);
  });

  it('writes host names and IPv6 in what packets can carry', () => {
    const scene = new Scene({}, { ...ENDS, initiatorHost: 'localhost', targetHost: 'fd00::7' }).login();
    const { bytes } = write(scene.trace());
    const names = blocksOf(bytes).find((block) => block.type === 4)!;
    expect(string(names.body)).toContain('localhost');
    expect(readTrace(bytes).trace.connections[0]!.endpoints).toMatchObject({
      initiatorHost: '192.0.2.1',
      targetHost: 'fd00::7',
    });
  });
});

const shareHash = (value: string): Uint8Array => createHash('sha256').update(`key${value}`).digest();

describe('safe to share', () => {
  const trace = secretScene().trace();
  const { bytes } = write(trace, { shareHash });
  const shared = readTrace(bytes).trace;

  it.each(Object.entries(SECRETS))('does not tell %s', (_name, secret) => {
    expect(contains(write(trace).bytes, secret as Uint8Array | string) || secret === SECRETS.address).toBe(true);
    expect(contains(bytes, secret as Uint8Array | string)).toBe(false);
  });

  it('does not tell addresses in packets either', () => {
    expect(contains(write(trace).bytes, Uint8Array.of(10, 20, 30, 40))).toBe(true);
    expect(contains(bytes, Uint8Array.of(10, 20, 30, 40))).toBe(false);
    expect(shared.connections[0]!.endpoints).toEqual({
      initiatorHost: '198.18.0.1',
      initiatorPort: 50_000,
      targetHost: '198.18.0.2',
      targetPort: 3260,
    });
  });

  it('keeps every header, number and length', () => {
    expect(shared.length).toBe(trace.length);
    for (let row = 0; row < trace.length; row += 1) {
      expect(toHex(shared.readPdu(row).bhs)).toBe(toHex(trace.readPdu(row).bhs));
      expect(shared.readPdu(row).data.length).toBe(trace.readPdu(row).data.length);
    }
  });

  it('hashes a name the same wherever it stands, at equal length, and keeps negotiated values', () => {
    const name = shared.connections[0]!.targetName;
    expect(name).toMatch(/^iqn\.[a-z0-9]+$/u);
    expect(name.length).toBe(SECRETS.target.length);
    const all = string(bytes);
    expect(all).toContain(`SendTargets=${name}`);
    expect(all).toContain('HeaderDigest=None');
    expect(all).toContain('CHAP_I=7');
    expect(all).toMatch(/TargetAddress=[a-z0-9]{2}\.[a-z0-9]{2}\.[a-z0-9]{2}\.[a-z0-9]{2}:3260,1/u);
    expect(all).toContain('CHAP_R=******************');
    expect(all).toContain('Safe to share');
  });

  it('keeps sense codes', () => {
    const row = Array.from({ length: shared.length }, (_, i) => i).find((i) => rowToJson(shared, i).status === 2)!;
    expect([...shared.readPdu(row).data.subarray(0, 20)]).toEqual([0, 38, ...senseBytes(5, 0x24, 0).slice(2)]);
  });

  it('has a rule for everything the table names', () => {
    expect(SHARE_RULES.map((rule) => rule.field)).toContain('Reservation keys and TransportIDs');
    expect(new Set(SHARE_RULES.map((rule) => rule.treatment))).toEqual(new Set(['kept', 'hashed', 'zeroed']));
  });

  it('hides IPv6 addresses behind IPv6 ones', () => {
    const scene = new Scene({}, { ...ENDS, initiatorHost: 'fd00:abcd::1', targetHost: 'fd00:abcd::2' }).login();
    const { trace: six } = readTrace(write(scene.trace(), { shareHash }).bytes);
    expect(six.connections[0]!.endpoints).toMatchObject({ initiatorHost: '2001:db8::1', targetHost: '2001:db8::2' });
  });
});
