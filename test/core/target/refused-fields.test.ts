import { describe, expect, it } from 'vitest';
import { GeneratedStore, MemoryStore, SparseStore } from '../../../core/target/index.ts';
import { fromHex } from '../../support/bytes.ts';
import { A, B, makeUnit, send, told } from './unit-harness.ts';

const GOOD = '00';
const INQUIRY = [0x12, 0, 0, 0, 255, 0];

function opticalUnit(blocks = 100, blockSize = 2048) {
  const store = new MemoryStore({ blockSize, blocks, writable: false });
  return makeUnit({ deviceType: 'optical', removable: true, store });
}

describe('LOG SENSE', () => {
  const logSense = (page: number, byte1 = 0, subpage = 0, pointer = 0): number[] => [
    0x4d,
    byte1,
    0x40 | page,
    subpage,
    0,
    pointer >> 8,
    pointer & 255,
    0,
    255,
    0,
  ];

  it('lists its pages, and gives each', async () => {
    const unit = makeUnit();
    expect((await send(unit, logSense(0))).dataIn).toEqual(fromHex('00 00 0005 00 02 03 0d 2f'));
    const temperature = (await send(unit, logSense(0x0d))).dataIn ?? new Uint8Array(0);
    // Parameter 0 is the temperature, 1 the one it is made for (SPC-5 7.3.21).
    expect([temperature[0], temperature[9], temperature[15]]).toEqual([0x0d, 30, 60]);
    const reference = (await send(unit, logSense(0x0d, 0, 0, 1))).dataIn ?? new Uint8Array(0);
    expect([reference.length, reference[5], reference[9]]).toEqual([10, 1, 60]);
  });

  it('points at what it does not do', async () => {
    const unit = makeUnit();
    expect(await told(unit, logSense(0x0d, 1))).toBe('02 5/24/00 1.0');
    expect(await told(unit, logSense(0x0d, 0, 1))).toBe('02 5/24/00 3');
    expect(await told(unit, logSense(0x3e))).toBe('02 5/24/00 2.5');
    expect(await told(unit, logSense(0x0d, 0, 0, 0x100))).toBe('02 5/24/00 5');
  });
});

describe('mode pages', () => {
  it('say of each bit whether it can be changed', async () => {
    const unit = makeUnit();
    for (const [page, subpage, bits] of [
      [0x01, 0, '0000'],
      [0x0a, 1, '0000'],
      [0x1c, 0, '0000'],
      [0x08, 0, '0400'],
    ] as const) {
      const mask = (await send(unit, [0x1a, 8, 0x40 | page, subpage, 255, 0])).dataIn ?? new Uint8Array(0);
      const head = subpage === 0 ? 6 : 8;
      expect([page, mask.subarray(head, head + 2)]).toEqual([page, fromHex(bits)]);
    }
  });

  it('with subpages are taken back as they were given, and refused where a fixed bit differs', async () => {
    const unit = makeUnit();
    const given = (await send(unit, [0x1a, 8, 0x0a, 1, 255, 0])).dataIn ?? new Uint8Array(0);
    const list = Uint8Array.from([0, 0, 0, 0, ...given.subarray(4)]);
    const select = [0x15, 0x10, 0, 0, list.length, 0];
    expect(await told(unit, select, { data: list })).toBe(GOOD);
    list[8] = (list[8] ?? 0) ^ 0xff;
    expect(await told(unit, select, { data: list })).toBe('02 5/26/00 p4');
  });

  it('are not reverted to their defaults on request', async () => {
    expect(await told(makeUnit(), [0x15, 0x12, 0, 0, 4, 0], { data: new Uint8Array(4) })).toBe('02 5/24/00 1.1');
  });

  it('of an optical unit are taken without a block descriptor of a disk', async () => {
    const unit = opticalUnit();
    const data = fromHex('00000008 00000064 00000800');
    expect(await told(unit, [0x15, 0x10, 0, 0, data.length, 0], { data })).toBe(GOOD);
    expect(unit.mode.descriptorSense).toBe(false);
  });
});

describe('an optical unit', () => {
  it('says what it is, and claims the standards of its kind', async () => {
    const inquiry = (await send(opticalUnit(), INQUIRY)).dataIn ?? new Uint8Array(0);
    const disk = (await send(makeUnit(), INQUIRY)).dataIn ?? new Uint8Array(0);
    expect([inquiry[0], disk[0]]).toEqual([5, 0]);
    expect(new TextDecoder().decode(inquiry.subarray(16, 32))).toBe('Optical unit    ');
    expect(inquiry.subarray(58, 74)).not.toEqual(disk.subarray(58, 74));
  });

  it('of more blocks than four bytes count ends its table of contents at the last they do', async () => {
    const store = new GeneratedStore({ blocks: 1n << 33n, blockSize: 2048 });
    const unit = makeUnit({ deviceType: 'optical', removable: true, store });
    const toc = (await send(unit, [0x43, 0, 0, 0, 0, 0, 0xaa, 0, 255, 0])).dataIn ?? new Uint8Array(0);
    expect([toc[6], toc.subarray(8, 12)]).toEqual([0xaa, fromHex('ffffffff')]);
  });
});

describe('commands on blocks', () => {
  it('READ CAPACITY(10) takes an address only with PMI', async () => {
    expect(await told(makeUnit(), [0x25, 0, 0, 0, 0, 1, 0, 0, 0, 0])).toBe('02 5/24/00 2');
  });

  it('SYNCHRONIZE CACHE waits for the store', async () => {
    const memory = new MemoryStore({ blocks: 8 });
    let flushed = false;
    const store = Object.assign(Object.create(memory) as MemoryStore, {
      blockSize: 512,
      blocks: 8n,
      writable: true,
      thin: false,
      flush: async () => {
        await Promise.resolve();
        flushed = true;
      },
    });
    expect(await told(makeUnit({ store }), [0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toBe(GOOD);
    expect(flushed).toBe(true);
  });

  it('GET LBA STATUS cuts an extent at what its field holds', async () => {
    const unit = makeUnit({ store: new SparseStore({ blocks: 1n << 34n }) });
    const answer = (await send(unit, [0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0])).dataIn;
    // Two descriptors of ffffffffh deallocated blocks each.
    expect(answer?.subarray(8, 40)).toEqual(
      fromHex('0000000000000000 ffffffff 01000000 00000000ffffffff ffffffff 01000000'),
    );
  });
});

describe('persistent reservations', () => {
  const out = (action: number, type = 0): number[] => [0x5f, action, type, 0, 0, 0, 0, 0, 24, 0];
  const list = (key: number, actionKey: number): Uint8Array => {
    const data = new Uint8Array(24);
    data[7] = key;
    data[15] = actionKey;
    return data;
  };

  it('that all registrants hold belong to no key, and to each of them', async () => {
    const unit = makeUnit();
    expect(await told(unit, out(0), { data: list(0, 1) })).toBe(GOOD);
    expect(await told(unit, out(0), { nexus: B, data: list(0, 2) })).toBe(GOOD);
    expect(await told(unit, out(1, 8), { data: list(1, 0) })).toBe(GOOD);
    const held = (await send(unit, [0x5e, 1, 0, 0, 0, 0, 0, 0, 255, 0])).dataIn ?? new Uint8Array(0);
    expect([held.subarray(8, 16), held[21]]).toEqual([new Uint8Array(8), 8]);
    const full = (await send(unit, [0x5e, 3, 0, 0, 0, 0, 0, 4, 0, 0])).dataIn ?? new Uint8Array(0);
    expect(full[8 + 12]).toBe(1);
  });

  it('have no room for one more registration than they keep', async () => {
    const unit = makeUnit();
    for (let i = 0; i < 1024; i += 1) unit.reservations.register({ ...A, id: `n${String(i)}` }, 0n, 1n, false);
    expect(await told(unit, out(0), { data: list(0, 1) })).toBe('02 5/55/04');
  });
});
