import { describe, expect, it } from 'vitest';
import { SparseStore, type LogicalUnit } from '../../../core/target/index.ts';
import { fromHex } from '../../support/bytes.ts';
import { B, makeUnit, send, told } from './unit-harness.ts';

const GOOD = '00';

describe('EXTENDED COPY', () => {
  /** The unit by the NAA name its page 83h gives. */
  async function nameOf(unit: LogicalUnit): Promise<Uint8Array> {
    const page = (await send(unit, [0x12, 1, 0x83, 0, 255, 0])).dataIn ?? new Uint8Array(0);
    return page.subarray(8, 8 + (page[7] ?? 0));
  }

  const target = (type: number, designator: Uint8Array, none = false): Uint8Array => {
    const bytes = new Uint8Array(32);
    bytes[0] = 0xe4;
    bytes[1] = none ? 0x20 : 0;
    bytes[4] = 1;
    bytes[5] = type;
    bytes[7] = designator.length;
    bytes.set(designator.subarray(0, 20), 8);
    return bytes;
  };
  const segment = (
    source: number,
    destination: number,
    blocks: number,
    from: number,
    to: number,
    byDestination = false,
  ): Uint8Array => {
    const bytes = new Uint8Array(28);
    const view = new DataView(bytes.buffer);
    bytes[0] = 2;
    bytes[1] = byDestination ? 2 : 0;
    view.setUint16(2, 24);
    view.setUint16(4, source);
    view.setUint16(6, destination);
    view.setUint16(10, blocks);
    view.setUint32(16, from);
    view.setUint32(24, to);
    return bytes;
  };
  const list = (targets: readonly Uint8Array[], segments: readonly Uint8Array[], id = 7): Uint8Array => {
    const bytes = new Uint8Array(16 + targets.length * 32 + segments.length * 28);
    const view = new DataView(bytes.buffer);
    bytes[0] = id;
    view.setUint16(2, targets.length * 32);
    view.setUint32(8, segments.length * 28);
    let at = 16;
    for (const part of [...targets, ...segments]) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  };
  const copy = (length: number): number[] => [0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, length >> 8, length & 0xff, 0, 0];
  const status = (id: number): number[] => [0x84, 0, id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0];

  async function pair(small = false) {
    const from = makeUnit({ identity: { serial: 'FROM' } });
    const to = makeUnit({
      identity: { serial: 'TO' },
      store: small ? new SparseStore({ blockSize: 4096, blocks: 64 }) : new SparseStore({ blocks: 64 }),
    });
    await send(from, [0x2a, 0, 0, 0, 0, 8, 0, 0, 16, 0], { data: new Uint8Array(16 * 512).fill(0x42) });
    const units = new Map([
      [0, from],
      [1, to],
    ]);
    const names = [target(3, await nameOf(from)), target(3, await nameOf(to))];
    const run = (data: Uint8Array): Promise<string> => told(from, copy(data.length), { data, units });
    return { from, to, units, names, run };
  }

  it('copies blocks between units of the target and keeps how it went', async () => {
    const { from, to, names, run } = await pair();
    expect(await run(list(names, [segment(0, 1, 3, 8, 5), segment(0, 1, 1, 0, 9)]))).toBe(GOOD);
    const block = new Uint8Array(512 * 5);
    await to.store.read(4n, block);
    expect([block[0], block[512], block[512 * 4 - 1], block[512 * 4]]).toEqual([0, 0x42, 0x42, 0]);
    expect((await send(from, status(7))).dataIn).toEqual(fromHex('00000008 01 0002 f1 00000004'));
    expect(await told(from, status(8))).toBe('02 5/24/00 2');
    expect(await told(from, status(7), { nexus: B })).toBe('02 5/24/00 2');
  });

  it('copies between block sizes, counted by either end', async () => {
    const { to, names, run } = await pair(true);
    expect(await run(list(names, [segment(0, 1, 1, 8, 2, true)]))).toBe(GOOD);
    const block = new Uint8Array(4096);
    await to.store.read(2n, block);
    expect(block.every((byte) => byte === 0x42)).toBe(true);
    // Less than a block of the destination is nothing.
    expect(await run(list(names, [segment(0, 1, 7, 8, 3)]))).toBe(GOOD);
    await to.store.read(3n, block);
    expect(block.every((byte) => byte === 0)).toBe(true);
  });

  it('finds units by their T10 name too', async () => {
    const { to, names, run } = await pair();
    const t10 = Uint8Array.from(Buffer.from('LUNASCPETO', 'latin1'));
    expect(await run(list([names[0] as Uint8Array, target(1, t10)], [segment(0, 1, 1, 8, 5)]))).toBe(GOOD);
    const block = new Uint8Array(512);
    await to.store.read(5n, block);
    expect(block[0]).toBe(0x42);
  });

  it.each<[string, (names: readonly Uint8Array[]) => Uint8Array, string]>([
    [
      'units nobody has',
      (names) => list([names[0] as Uint8Array, target(3, new Uint8Array(8))], [segment(0, 1, 1, 0, 0)]),
      '02 a/0d/02',
    ],
    [
      'a null target',
      (names) => list([names[0] as Uint8Array, target(3, new Uint8Array(8), true)], [segment(0, 1, 1, 0, 0)]),
      '02 a/0d/02',
    ],
    ['a target that is not listed', (names) => list(names, [segment(0, 9, 1, 0, 0)]), '02 a/0d/02'],
    ['blocks past the source', (names) => list(names, [segment(0, 1, 2, 4095, 0)]), '02 a/00/00'],
    ['blocks past the destination', (names) => list(names, [segment(0, 1, 2, 0, 63)]), '02 a/00/00'],
    ['an unknown kind of target', () => list([new Uint8Array(32)], []), '02 5/26/07'],
    ['an unknown kind of segment', (names) => list(names, [new Uint8Array(28)]), '02 5/26/09'],
    [
      'too many targets',
      (names) =>
        list(
          Array.from({ length: 17 }, () => names[0] as Uint8Array),
          [],
        ),
      '02 5/26/06',
    ],
    [
      'too many segments',
      (names) =>
        list(
          names,
          Array.from({ length: 17 }, () => segment(0, 1, 1, 0, 0)),
        ),
      '02 5/26/08',
    ],
    [
      'too long descriptors',
      (names) =>
        list(
          names,
          Array.from({ length: 40 }, () => segment(0, 1, 1, 0, 0)),
        ),
      '02 5/1a/00',
    ],
    ['lengths beyond its list', (names) => list(names, [segment(0, 1, 1, 0, 0)]).subarray(0, 90), '02 5/1a/00'],
    ['half a header', () => new Uint8Array(15), '02 5/1a/00'],
    ['more than anyone reads', () => new Uint8Array(3000), '02 5/1a/00'],
  ])('of %s is refused', async (_what, make, outcome) => {
    const { names, run } = await pair();
    expect(await run(make(names))).toBe(outcome);
  });

  it('says what failed where something did, and what it could do', async () => {
    const { from, to, names, run } = await pair();
    to.mode.softwareWriteProtect = true;
    expect(await run(list(names, [segment(0, 1, 1, 0, 0)]))).toBe('02 a/27/00');
    expect((await send(from, status(7))).dataIn?.subarray(4, 7)).toEqual(fromHex('02 0000'));
    expect(await told(from, copy(0))).toBe(GOOD);
    const parameters = (await send(from, [0x84, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0])).dataIn;
    expect(parameters?.subarray(0, 12)).toEqual(fromHex('0000002a 00000000 0010 0010'));
    expect(parameters?.subarray(43)).toEqual(fromHex('02 02 e4'));
  });

  it('keeps the last sixty-four', async () => {
    const { from } = await pair();
    for (let id = 0; id < 65; id += 1) from.copies.add('n', id, { failed: false, segments: 0, blocks: id });
    expect([from.copies.find('n', 0), from.copies.find('n', 64)?.blocks]).toEqual([undefined, 64]);
  });
});
