import { describe, expect, it } from 'vitest';
import { MemoryStore, SparseStore, type BlockStore } from '../../../core/target/index.ts';
import { fromHex } from '../../support/bytes.ts';
import { A, B, makeUnit, send, told, type Options } from './unit-harness.ts';
import { BLOCK, filled, OPTICAL, TUR, READY, cdb10, readBack } from './block-commands.ts';

describe('starting, stopping and loading', () => {
  it('a disk has no medium to eject and no power conditions to go to', async () => {
    const unit = makeUnit();
    expect(await told(unit, [0x1b, 0, 0, 0, 0x02, 0])).toBe('02 5/24/00 4.1');
    expect(await told(unit, [0x1b, 0, 0, 0, 0x20, 0])).toBe(READY);
    expect(unit.started).toBe(true);
  });

  it('a removable medium comes out unless somebody prevents it, and its coming back is told', async () => {
    const unit = makeUnit({ removable: true });
    expect(await told(unit, [0x1e, 0, 0, 0, 2, 0])).toBe('02 5/24/00 4.1');
    expect(await told(unit, [0x1e, 0, 0, 0, 1, 0], { nexus: B })).toBe(READY);
    expect(await told(unit, [0x1b, 0, 0, 0, 0x02, 0])).toBe('02 5/53/02');
    expect(await told(unit, [0x1e, 0, 0, 0, 0, 0], { nexus: B })).toBe(READY);
    expect(await told(unit, [0x1b, 0, 0, 0, 0x02, 0])).toBe(READY);
    expect(await told(unit, TUR)).toBe('02 2/3a/00');
    expect(await told(unit, [0x1b, 0, 0, 0, 0x03, 0])).toBe(READY);
    expect(await told(unit, TUR, { nexus: B })).toBe('02 6/28/00');
    expect(await told(unit, TUR)).toBe(READY);
  });
});

describe('RESERVE(6) of old', () => {
  it('keeps others out until it is released, and gives way to registrations', async () => {
    const unit = makeUnit();
    expect(await told(unit, [0x16, 0x01, 0, 0, 0, 0])).toBe('02 5/24/00 1');
    expect(await told(unit, [0x16, 0x10, 0, 0, 0, 0])).toBe('02 5/24/00 1');
    expect(await told(unit, [0x16, 0, 0, 0, 0, 0])).toBe(READY);
    expect(await told(unit, [0x16, 0, 0, 0, 0, 0], { nexus: B })).toBe('18');
    expect(await told(unit, cdb10(0x28, 0, 0, 1), { nexus: B })).toBe('18');
    expect(await told(unit, [0x17, 0, 0, 0, 0, 0], { nexus: B })).toBe(READY);
    expect(await told(unit, cdb10(0x28, 0, 0, 1), { nexus: B })).toBe('18');
    const register = [0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0];
    const list = fromHex('0000000000000000 00000000000000aa 00000000 00 00 0000');
    expect(await told(unit, register, { data: list })).toBe('18');
    expect(await told(unit, [0x17, 0, 0, 0, 0, 0])).toBe(READY);
    expect(await told(unit, register, { data: list })).toBe(READY);
    expect(await told(unit, [0x16, 0, 0, 0, 0, 0])).toBe('18');
    expect(await told(unit, [0x17, 0, 0, 0, 0, 0])).toBe('18');
  });

  it('ends with its nexus', async () => {
    const unit = makeUnit();
    await send(unit, [0x16, 0, 0, 0, 0, 0]);
    unit.loseNexus(B.id);
    expect(unit.reservations.legacyHolder).toBe(A.id);
    unit.loseNexus(A.id);
    expect(unit.reservations.legacyHolder).toBeUndefined();
  });
});

describe('what changes every block', () => {
  const overwrite = (list: string): { cdb: number[]; data: Uint8Array } => {
    const data = fromHex(list);
    return { cdb: [0x48, 0x01, 0, 0, 0, 0, 0, 0, data.length, 0], data };
  };

  it('SANITIZE OVERWRITE writes its pattern from the first byte to the last', async () => {
    const unit = makeUnit();
    const { cdb, data } = overwrite('01 00 0003 414243');
    expect(await told(unit, cdb, { data })).toBe(READY);
    const block = await readBack(unit.store, 4095n);
    expect([...block.subarray(0, 4), block[511]]).toEqual([0x41, 0x42, 0x43, 0x41, 0x42]);
    expect(unit.sanitizing).toBe(false);
  });

  it.each([
    ['no pass', '00 00 0001 41', '02 5/26/00 p0'],
    ['an unknown test', '41 00 0001 41', '02 5/26/00 p0'],
    ['an empty pattern', '01 00 0000 41', '02 5/26/00 p2'],
    ['a pattern longer than the list', '01 00 0009 41', '02 5/26/00 p2'],
  ])('SANITIZE OVERWRITE with %s is refused', async (_what, list, outcome) => {
    const { cdb, data } = overwrite(list);
    expect(await told(makeUnit(), cdb, { data })).toBe(outcome);
  });

  it('SANITIZE is refused where it cannot be, and less data than announced is not taken', async () => {
    const { cdb, data } = overwrite('01 00 0001 41');
    expect(await told(makeUnit(), cdb, { data: data.subarray(0, 4) })).toBe('02 5/1a/00');
    expect(await told(makeUnit(), [0x48, 0x01, 0, 0, 0, 0, 0, 0, 4, 0])).toBe('02 5/24/00 7');
    expect(await told(makeUnit(), [0x48, 0x41, 0, 0, 0, 0, 0, 0, 5, 0])).toBe('02 5/24/00 1.6');
    expect(await told(makeUnit(), [0x48, 0x42, 0, 0, 0, 0, 0, 0, 0, 0])).toBe('02 5/24/00 1.6');
    const readOnly = makeUnit({ readOnly: true });
    expect(await told(readOnly, cdb, { data })).toBe('02 7/27/00');
    expect(await told(readOnly, [0x48, 0x02])).toBe('02 7/27/00');
    expect(await told(readOnly, [0x04])).toBe('02 7/27/00');
    expect(await told(makeUnit(), [0x48, 0x1f])).toBe(READY);
  });

  it('SANITIZE BLOCK ERASE answers first where it is to, and the unit is not ready meanwhile', async () => {
    let release: () => void = () => undefined;
    const store = new SparseStore({ blocks: 64 });
    const slow = {
      blockSize: 512,
      blocks: 64n,
      writable: true,
      thin: true,
      read: store.read.bind(store),
      write: store.write.bind(store),
      flush: store.flush.bind(store),
      unmap: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    } as unknown as BlockStore;
    const unit = makeUnit({ store: slow });
    expect(await told(unit, [0x48, 0x82])).toBe(READY);
    expect(await told(unit, TUR)).toBe('02 2/04/1b');
    expect(await told(unit, cdb10(0x28, 0, 0, 1))).toBe('02 2/04/1b');
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await told(unit, TUR)).toBe(READY);
  });

  it('FORMAT UNIT zeroes every block, with an empty list or none', async () => {
    for (const store of [new SparseStore({ blocks: 64 }), new MemoryStore({ blocks: 64 })]) {
      const unit = makeUnit({ store });
      await send(unit, cdb10(0x2a, 0, 5, 1), { data: BLOCK });
      expect(await told(unit, [0x04, 0, 0, 0, 0, 0])).toBe(READY);
      expect(await readBack(unit.store, 5n)).toEqual(filled(0));
      expect(await told(unit, [0x04, 0x10, 0, 0, 0, 0], { data: fromHex('00000000') })).toBe(READY);
      expect(await told(unit, [0x04, 0x30, 0, 0, 0, 0], { data: fromHex('0000000000000000') })).toBe(READY);
      expect(await told(unit, [0x04, 0x30, 0, 0, 0, 0], { data: fromHex('00000000') })).toBe('02 5/26/00 p0');
      expect(await told(unit, [0x04, 0x10, 0, 0, 0, 0], { data: fromHex('01000000') })).toBe('02 5/26/00 p0');
      expect(await told(unit, [0x04, 0x80, 0, 0, 0, 0])).toBe('02 5/24/00 1.7');
    }
  });
});

describe('what a disk says of itself', () => {
  it('it has no defects', async () => {
    const unit = makeUnit();
    expect((await send(unit, [0x37, 0, 0x1d, 0, 0, 0, 0, 0, 255, 0])).dataIn).toEqual(fromHex('00 1d 0000'));
    expect((await send(unit, [0xb7, 0x08, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0])).dataIn).toEqual(
      fromHex('00 08 0000 00000000'),
    );
  });

  it('its self-test passes, and diagnostic pages are not taken', async () => {
    expect(await told(makeUnit(), [0x1d, 0x04, 0, 0, 0, 0])).toBe(READY);
    expect(await told(makeUnit(), [0x1d, 0x10, 0, 0, 8, 0], { data: new Uint8Array(8) })).toBe('02 5/24/00 3');
  });

  it('INQUIRY refuses what is no longer done, and REQUEST SENSE tells what waits', async () => {
    const unit = makeUnit({ identity: { serial: 'X', vendor: 'ACME', product: 'Drum', revision: '7' } });
    expect(await told(unit, [0x12, 0x02, 0, 0, 96, 0])).toBe('02 5/24/00 1.1');
    expect(await told(unit, [0x12, 0, 0x80, 0, 96, 0])).toBe('02 5/24/00 2');
    expect(await told(unit, [0x12, 1, 0xc0, 0, 96, 0])).toBe('02 5/24/00 2');
    expect(
      Buffer.from((await send(unit, [0x12, 0, 0, 0, 96, 0])).dataIn ?? [])
        .subarray(8, 36)
        .toString(),
    ).toBe('ACME    Drum            7   ');
    unit.reset();
    expect((await send(unit, [0x03, 0, 0, 0, 252, 0])).dataIn?.subarray(0, 14)).toEqual(
      fromHex('70 00 06 00000000 0a 00000000 29 03'),
    );
    expect((await send(unit, [0x03, 1, 0, 0, 252, 0])).dataIn).toEqual(fromHex('72 00 00 00 00000000'));
  });

  it('vital product data differ between thin, thick and optical', async () => {
    const page = async (options: Options, code: number): Promise<Uint8Array> =>
      (await send(makeUnit(options), [0x12, 1, code, 1, 0, 0])).dataIn ?? new Uint8Array(0);
    expect(await page({}, 0)).toEqual(fromHex('00 00 0008 00 80 83 86 8f b0 b1 b2'));
    expect(await page(OPTICAL, 0)).toEqual(fromHex('05 00 0004 00 80 83 86'));
    expect(await told(makeUnit(OPTICAL), [0x12, 1, 0xb0, 0, 255, 0])).toBe('02 5/24/00 2');
    const thick: Options = { store: new MemoryStore({ blocks: 64 }) };
    expect([(await page({}, 0xb2))[5], (await page(thick, 0xb2))[5]]).toEqual([0xe4, 0x00]);
    expect((await page({}, 0xb0)).subarray(20, 28)).toEqual(fromHex('ffffffff 00000100'));
    expect((await page(thick, 0xb0)).subarray(20, 28)).toEqual(fromHex('00000000 00000000'));
    expect((await page({}, 0xb1)).subarray(4, 6)).toEqual(fromHex('0001'));
    expect((await page({}, 0x86))[5]).toBe(0x07);
    expect(await page({}, 0x8f)).toEqual(fromHex('00 8f 000c 0001 0008 07 83 01 00 84 02 00 03'));
    expect((await page({ identity: { serial: 'S-77' } }, 0x80)).subarray(4)).toEqual(
      Uint8Array.from(Buffer.from('S-77')),
    );
    const grouped = await page({ portGroups: [{ id: 1, ports: [1], state: 'activeOptimized' }] }, 0x83);
    expect(grouped.length).toBeGreaterThan((await page({}, 0x83)).length);
  });
});
