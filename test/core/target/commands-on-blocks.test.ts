import { describe, expect, it } from 'vitest';
import { MemoryStore, SparseStore, type BlockStore } from '../../../core/target/index.ts';
import { fromHex } from '../../support/bytes.ts';
import { makeUnit, send, told } from './unit-harness.ts';
import { BLOCK, filled, OPTICAL, TUR, READY, cdb10, readBack } from './block-commands.ts';

/** A CDB of 16 bytes with an address and a count where most have them. */
const cdb16 = (opcode: number, byte1: number, lba: number, blocks: number): number[] => [
  opcode,
  byte1,
  0,
  0,
  0,
  0,
  0,
  0,
  (lba >> 8) & 0xff,
  lba & 0xff,
  0,
  0,
  (blocks >> 8) & 0xff,
  blocks & 0xff,
  0,
  0,
];

describe('VERIFY', () => {
  it('reads, compares, and compares each block with one', async () => {
    const unit = makeUnit();
    await send(unit, cdb10(0x2a, 0, 3, 2), { data: filled(0x41, 2) });
    expect(await told(unit, cdb10(0x2f, 0, 3, 2))).toBe(READY);
    expect(await told(unit, cdb10(0x2f, 2, 3, 2), { data: filled(0x41, 2) })).toBe(READY);
    const wrong = filled(0x41, 2);
    wrong[600] = 0;
    const { sense } = await send(unit, cdb10(0x2f, 2, 3, 2), { data: wrong });
    expect(sense).toMatchObject({ key: 0xe, asc: 0x1d, information: 600n });
    expect(await told(unit, cdb16(0x8f, 6, 3, 2), { data: BLOCK })).toBe(READY);
    expect((await send(unit, cdb16(0x8f, 6, 2, 2), { data: BLOCK })).sense?.information).toBe(0n);
    expect((await send(unit, cdb16(0x8f, 6, 4, 2), { data: BLOCK })).sense?.information).toBe(512n);
  });

  it('is refused where it makes no sense', async () => {
    const unit = makeUnit({ maxTransferBytes: 8192 });
    expect(await told(unit, cdb10(0x2f, 4, 3, 2))).toBe('02 5/24/00 1.2');
    expect(await told(unit, cdb10(0x2f, 0x20, 3, 2))).toBe('02 5/24/00 1.7');
    expect(await told(unit, cdb10(0x2f, 0, 4095, 2))).toBe('02 5/21/00');
    expect(await told(unit, cdb10(0x2f, 2, 0, 17))).toBe('02 5/24/00 7');
    expect(await told(unit, cdb10(0x2f, 6, 0, 0))).toBe(READY);
  });

  it('WRITE AND VERIFY writes what it then finds', async () => {
    const unit = makeUnit();
    expect(await told(unit, cdb10(0x2e, 2, 9, 1), { data: BLOCK })).toBe(READY);
    expect(await readBack(unit.store, 9n)).toEqual(BLOCK);
    expect(await told(unit, cdb10(0x2e, 4, 9, 1), { data: BLOCK })).toBe('02 5/24/00 1.2');
    expect(await told(unit, cdb10(0x2e, 0x20, 9, 1), { data: BLOCK })).toBe('02 5/24/00 1.7');
    expect(await told(makeUnit({ readOnly: true }), cdb10(0x2e, 0, 9, 1), { data: BLOCK })).toBe('02 7/27/00');
    expect(await told(unit, cdb16(0x8e, 0, 4096, 1), { data: BLOCK })).toBe('02 5/21/00');
  });
});

describe('reads and writes', () => {
  it.each([
    ['(6)', [0x08, 0, 0, 0, 17, 0], 4],
    ['(10)', cdb10(0x28, 0, 0, 17), 7],
    ['(12)', [0xa8, 0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0], 6],
    ['(16)', cdb16(0x88, 0, 0, 17), 10],
  ] as const)('READ%s of more than one command moves points at its length', async (_form, cdb, byte) => {
    expect(await told(makeUnit({ maxTransferBytes: 8192 }), cdb)).toBe(`02 5/24/00 ${String(byte)}`);
  });

  it('past the end, or on what cannot be written, are refused', async () => {
    expect(await told(makeUnit(), cdb10(0x28, 0, 4096, 0))).toBe('02 5/21/00');
    expect(await told(makeUnit({ readOnly: true }), cdb10(0x2a, 0, 0, 1), { data: BLOCK })).toBe('02 7/27/00');
  });

  it('go to the medium itself where they are to, or where the cache is off', async () => {
    let flushes = 0;
    const inner = new MemoryStore({ blocks: 16 });
    const store: BlockStore = {
      blockSize: 512,
      blocks: 16n,
      writable: true,
      thin: false,
      read: (lba, into) => {
        inner.read(lba, into);
        return undefined;
      },
      write: (lba, from) => {
        inner.write(lba, from);
        return lba > 7n ? Promise.resolve() : undefined;
      },
      flush: () => {
        flushes += 1;
        return Promise.resolve();
      },
    };
    const unit = makeUnit({ store });
    await send(unit, cdb10(0x2a, 0, 0, 1), { data: BLOCK });
    await send(unit, cdb10(0x2a, 0, 8, 1), { data: BLOCK });
    expect(flushes).toBe(0);
    await send(unit, cdb10(0x2a, 8, 0, 1), { data: BLOCK });
    await send(unit, cdb10(0x2a, 8, 8, 1), { data: BLOCK });
    expect(flushes).toBe(2);
    unit.mode.writeCache = false;
    await send(unit, cdb10(0x2a, 0, 0, 1), { data: BLOCK.subarray(0, 100) });
    expect(flushes).toBe(3);
    expect(await told(unit, cdb10(0x35, 0, 0, 16))).toBe(READY);
    expect(flushes).toBe(4);
    expect(await told(unit, cdb10(0x35, 0, 0, 17))).toBe('02 5/21/00');
    expect([await told(unit, cdb10(0x34, 0, 0, 16)), await told(unit, cdb16(0x90, 0, 0, 17))]).toEqual([
      READY,
      '02 5/21/00',
    ]);
  });
});

describe('commands on ranges', () => {
  it('WRITE SAME repeats a block, or gives blocks back', async () => {
    const unit = makeUnit();
    expect(await told(unit, cdb10(0x41, 0, 10, 3), { data: BLOCK })).toBe(READY);
    expect(await readBack(unit.store, 10n, 4)).toEqual(Uint8Array.from([...filled(0x41, 3), ...filled(0)]));
    expect(await told(unit, cdb16(0x93, 0x08, 10, 1), { data: BLOCK })).toBe(READY);
    expect(await told(unit, cdb16(0x93, 0x01, 11, 1))).toBe(READY);
    expect(await readBack(unit.store, 10n, 3)).toEqual(Uint8Array.from([...filled(0, 2), ...filled(0x41)]));
  });

  it('WRITE SAME of no count reaches to the end', async () => {
    const unit = makeUnit({ store: new SparseStore({ blocks: 64 }) });
    expect(await told(unit, cdb16(0x93, 0, 60, 0), { data: BLOCK })).toBe(READY);
    expect(await readBack(unit.store, 59n, 5)).toEqual(Uint8Array.from([...filled(0), ...filled(0x41, 4)]));
  });

  it.each([
    ['with protection', {}, cdb10(0x41, 0x20, 0, 1), '02 5/24/00 1.7'],
    ['with ANCHOR', {}, cdb10(0x41, 0x18, 0, 1), '02 5/24/00 1.4'],
    [
      'with UNMAP on a thick disk',
      { store: new MemoryStore({ blocks: 64 }) },
      cdb10(0x41, 0x08, 0, 1),
      '02 5/24/00 1.3',
    ],
    ['past the end', {}, cdb10(0x41, 0, 4096, 1), '02 5/21/00'],
    ['of too much', { maxTransferBytes: 4096 }, cdb10(0x41, 0, 0, 9), '02 5/24/00 7'],
    ['(16) of too much', { maxTransferBytes: 4096 }, cdb16(0x93, 0, 0, 9), '02 5/24/00 10'],
    ['on what cannot be written', { readOnly: true }, cdb10(0x41, 0, 0, 1), '02 7/27/00'],
  ] as const)('WRITE SAME %s is refused', async (_what, options, cdb, outcome) => {
    expect(await told(makeUnit(options), cdb, { data: BLOCK })).toBe(outcome);
  });

  it('COMPARE AND WRITE writes only where it finds what it should', async () => {
    const unit = makeUnit();
    const both = Uint8Array.from([...filled(0), ...BLOCK]);
    expect(await told(unit, cdb16(0x89, 0, 5, 1), { data: both })).toBe(READY);
    expect(await readBack(unit.store, 5n)).toEqual(BLOCK);
    const again = await send(unit, cdb16(0x89, 0, 5, 1), { data: both });
    expect(again.sense).toMatchObject({ key: 0xe, asc: 0x1d, information: 0n });
    expect(await told(unit, cdb16(0x89, 0, 5, 0))).toBe(READY);
    expect(await told(unit, cdb16(0x89, 0, 4096, 1), { data: both })).toBe('02 5/21/00');
    expect(await told(makeUnit({ readOnly: true }), cdb16(0x89, 0, 5, 1), { data: both })).toBe('02 7/27/00');
  });

  it('ORWRITE and WRITE ATOMIC do what their names say', async () => {
    const unit = makeUnit();
    await send(unit, cdb10(0x2a, 0, 5, 1), { data: filled(0x41) });
    expect(await told(unit, cdb16(0x8b, 0, 5, 1), { data: filled(0x06) })).toBe(READY);
    expect(await readBack(unit.store, 5n)).toEqual(filled(0x47));
    expect(await told(unit, cdb16(0x8b, 0, 5, 0))).toBe(READY);
    expect(await told(unit, cdb16(0x8b, 0, 4096, 1))).toBe('02 5/21/00');
    expect(await told(makeUnit({ readOnly: true }), cdb16(0x8b, 0, 5, 1))).toBe('02 7/27/00');
    expect(await told(unit, cdb16(0x9c, 0, 6, 1), { data: BLOCK })).toBe(READY);
    expect(await readBack(unit.store, 6n)).toEqual(BLOCK);
    const bounded = cdb16(0x9c, 0, 6, 1);
    bounded[11] = 1;
    expect(await told(unit, bounded, { data: BLOCK })).toBe('02 5/24/00 10');
    expect(await told(unit, cdb16(0x9c, 0, 4096, 1))).toBe('02 5/21/00');
    expect(await told(makeUnit({ readOnly: true }), cdb16(0x9c, 0, 6, 1))).toBe('02 7/27/00');
  });

  it('UNMAP takes ranges that are on the disk, and no more than it says', async () => {
    const unit = makeUnit();
    const unmap = (length: number, byte1 = 0): number[] => [
      0x42,
      byte1,
      0,
      0,
      0,
      0,
      0,
      (length >> 8) & 0xff,
      length & 0xff,
      0,
    ];
    const list = (...ranges: (readonly [number, number])[]): Uint8Array => {
      const bytes = new Uint8Array(8 + ranges.length * 16);
      const view = new DataView(bytes.buffer);
      view.setUint16(0, bytes.length - 2);
      view.setUint16(2, bytes.length - 8);
      ranges.forEach(([lba, blocks], i) => {
        view.setUint32(8 + i * 16 + 4, lba);
        view.setUint32(8 + i * 16 + 8, blocks);
      });
      return bytes;
    };
    expect(await told(unit, unmap(0))).toBe(READY);
    expect(await told(unit, unmap(4))).toBe('02 5/1a/00');
    expect(await told(unit, unmap(24), { data: new Uint8Array(4) })).toBe('02 5/1a/00');
    expect(await told(unit, unmap(24, 1))).toBe('02 5/24/00 1.0');
    expect(await told(unit, unmap(40), { data: list([0, 5], [9, 0]) })).toBe(READY);
    expect(await told(unit, unmap(24), { data: list([4095, 2]) })).toBe('02 5/21/00');
    const many = list(...Array.from({ length: 257 }, (_, i) => [i, 1] as const));
    expect(await told(unit, unmap(many.length), { data: many })).toBe('02 5/26/00 p2');
    expect(await told(makeUnit({ readOnly: true }), unmap(24), { data: list([0, 1]) })).toBe('02 7/27/00');
  });

  it('GET LBA STATUS joins neighbours, and calls a disk without holes mapped', async () => {
    const status = [0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0];
    const thick = await send(makeUnit({ store: new MemoryStore({ blocks: 64 }) }), status);
    expect(thick.dataIn?.slice(8)).toEqual(fromHex('0000000000000000 00000040 00 000000'));
    status[8] = 0x10;
    expect(await told(makeUnit(), status)).toBe('02 5/21/00');
    const unit = makeUnit();
    for (const lba of [0, 100, 200]) await send(unit, cdb10(0x2a, 0, lba, 1), { data: BLOCK });
    const some = [0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8 + 32, 0, 0];
    expect((await send(unit, some)).dataIn?.length).toBe(8 + 32);
  });
});

describe('an optical unit', () => {
  const toc = (byte1: number, format: number, track: number): number[] => [
    0x43,
    byte1,
    format,
    0,
    0,
    0,
    track,
    0,
    255,
    0,
  ];

  it('has one track and a lead-out, as addresses or times', async () => {
    const unit = makeUnit(OPTICAL);
    expect((await send(unit, toc(0, 0, 0))).dataIn).toEqual(
      fromHex('0012 01 01  00 14 01 00 00000000  00 14 aa 00 000003e8'),
    );
    expect((await send(unit, toc(2, 0, 0xaa))).dataIn).toEqual(fromHex('000a 01 01  00 14 aa 00 00000f19'));
    expect((await send(unit, toc(0, 1, 0))).dataIn).toEqual(fromHex('000a 01 01  00 14 01 00 00000000'));
    expect(await told(unit, toc(0, 4, 0))).toBe('02 5/24/00 2.3');
    expect(await told(unit, toc(0, 0, 2))).toBe('02 5/24/00 6');
  });

  it('says what it can do, with and without a medium', async () => {
    const unit = makeUnit(OPTICAL);
    const get = (type: number, start: number): number[] => [0x46, type, 0, start, 0, 0, 0, 0, 255, 0];
    const all = (await send(unit, get(0, 0))).dataIn ?? new Uint8Array(0);
    expect(all.subarray(0, 8)).toEqual(fromHex('00000030 0000 0008'));
    expect((await send(unit, get(2, 3))).dataIn?.subarray(8)).toEqual(fromHex('0003 03 04 29000000'));
    expect(await told(unit, get(3, 0))).toBe('02 5/24/00 1.1');
    unit.mediumPresent = false;
    const current = (await send(unit, get(1, 0))).dataIn ?? new Uint8Array(0);
    expect(current.subarray(6, 8)).toEqual(fromHex('0000'));
    expect(current.length).toBeLessThan(all.length);
    const dvd = makeUnit({ ...OPTICAL, store: new SparseStore({ blockSize: 2048, blocks: 400_000, writable: false }) });
    expect((await send(dvd, get(0, 0))).dataIn?.subarray(6, 8)).toEqual(fromHex('0010'));
  });

  it('says whether there is a medium, and what is on it', async () => {
    const unit = makeUnit(OPTICAL);
    const event = (byte1: number, classes: number): number[] => [0x4a, byte1, 0, 0, classes, 0, 0, 0, 8, 0];
    expect((await send(unit, event(1, 0x10))).dataIn).toEqual(fromHex('0006 04 10 00 02 0000'));
    expect((await send(unit, event(1, 0x02))).dataIn).toEqual(fromHex('0002 80 10'));
    expect(await told(unit, event(0, 0x10))).toBe('02 5/24/00 1.0');
    expect((await send(unit, [0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0])).dataIn?.subarray(0, 8)).toEqual(
      fromHex('0020 0e 01 01 01 01 20'),
    );
    expect(await told(unit, [0x51, 1, 0, 0, 0, 0, 0, 0, 34, 0])).toBe('02 5/24/00 1.2');
    unit.mediumPresent = false;
    expect((await send(unit, event(1, 0x10))).dataIn?.[5]).toBe(0x01);
    expect(await told(unit, [0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0])).toBe('02 2/3a/00');
  });

  it('has no commands of disks', async () => {
    expect(await told(makeUnit(OPTICAL), [0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0])).toBe('02 5/20/00');
    expect(await told(makeUnit(), [0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0])).toBe('02 5/20/00');
  });
});

describe('what a unit says of its commands', () => {
  const rsoc = (options: number, opcode: number, action = 0): number[] => [
    0xa3,
    0x0c,
    options,
    opcode,
    0,
    action,
    0,
    0,
    16,
    0,
    0,
    0,
  ];

  it('one by one, in every form', async () => {
    const unit = makeUnit();
    // CMDDT and EVPD, page code, allocation length.
    expect((await send(unit, rsoc(1, 0x12))).dataIn?.subarray(0, 9)).toEqual(fromHex('0003 0006 12 03 ff ff ff'));
    expect(await told(unit, rsoc(1, 0xa3))).toBe('02 5/24/00 2.2');
    expect(await told(unit, rsoc(2, 0x12))).toBe('02 5/24/00 2.2');
    expect((await send(unit, rsoc(2, 0xa3, 0x0c))).dataIn?.subarray(0, 4)).toEqual(fromHex('0003 000c'));
    expect((await send(unit, rsoc(2, 0xa3, 0x1d))).dataIn?.[1]).toBe(0x01);
    expect((await send(unit, rsoc(3, 0x12))).dataIn?.[1]).toBe(0x03);
    expect((await send(unit, rsoc(3, 0x12, 1))).dataIn?.[1]).toBe(0x01);
    expect((await send(unit, rsoc(3, 0xa3, 0x0c))).dataIn?.[1]).toBe(0x03);
    expect((await send(unit, rsoc(1, 0xee))).dataIn?.[1]).toBe(0x01);
    expect(await told(unit, rsoc(5, 0))).toBe('02 5/24/00 2.2');
    expect((await send(unit, rsoc(0x81, 0x12))).dataIn?.[1]).toBe(0x83);
  });

  it('all of them, with timeouts or without, and its task management functions', async () => {
    const unit = makeUnit();
    const length = async (options: number): Promise<number> => {
      const { dataIn } = await send(unit, [0xa3, 0x0c, options, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0]);
      return dataIn?.length ?? 0;
    };
    const count = ((await length(0)) - 4) / 8;
    expect(Number.isInteger(count) && count > 40).toBe(true);
    expect(await length(0x80)).toBe(4 + count * 20);
    expect((await send(unit, [0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0])).dataIn).toEqual(fromHex('de 07 00 00'));
    expect((await send(unit, [0xa3, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 255, 0, 0])).dataIn?.length).toBe(16);
  });

  it('its ports, where it has groups of them', async () => {
    const rtpg = (format: number): number[] => [0xa3, (format << 5) | 0x0a, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0];
    const stpg = (length: number): number[] => [0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, length, 0, 0];
    expect(await told(makeUnit(), rtpg(0))).toBe('02 5/20/00');
    expect(await told(makeUnit(), stpg(0))).toBe('02 5/20/00');
    const unit = makeUnit({
      portGroups: [
        { id: 1, ports: [1], state: 'activeOptimized' },
        { id: 2, ports: [2], state: 'offline', preferred: true },
      ],
    });
    expect((await send(unit, rtpg(1))).dataIn?.[4]).toBe(0x10);
    expect(await told(unit, rtpg(2))).toBe('02 5/24/00 1.7');
    expect(await told(unit, stpg(0))).toBe(READY);
    expect(await told(unit, stpg(8), { data: fromHex('00000000 00 00 0009') })).toBe('02 5/26/00 p4');
    expect(await told(unit, stpg(8), { data: fromHex('00000000 0e 00 0001') })).toBe('02 5/26/00 p4');
  });

  it('a port of a group that cannot serve says why', async () => {
    for (const [state, outcome] of [
      ['unavailable', '02 2/04/0c'],
      ['transitioning', '02 2/04/0a'],
      ['offline', '02 2/04/12'],
      ['activeNonOptimized', READY],
    ] as const) {
      const unit = makeUnit({ portGroups: [{ id: 1, ports: [1], state }] });
      expect(await told(unit, TUR), state).toBe(outcome);
    }
  });
});
