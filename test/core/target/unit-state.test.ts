import { describe, expect, it } from 'vitest';
import { MemoryStore, type LogicalUnit } from '../../../core/target/index.ts';
import { fromHex } from '../../support/bytes.ts';
import { A, B, C, makeUnit, send, told } from './unit-harness.ts';

const TUR = [0, 0, 0, 0, 0, 0];

const GOOD = '00';

const CONFLICT = '18';

const NONE = '0000000000000000';

const KEY = { a: '00000000000000aa', b: '00000000000000bb', c: '00000000000000cc' };

describe('PERSISTENT RESERVE', () => {
  const out = (action: number, type = 0, length = 24): number[] => [0x5f, action, type, 0, 0, 0, 0, 0, length, 0];
  const list = (key: string, next: string, byte20 = '00'): Uint8Array =>
    fromHex(`${key} ${next} 00000000 ${byte20} 00 0000`);
  const read = async (unit: LogicalUnit, action: number): Promise<Uint8Array> =>
    (await send(unit, [0x5e, action, 0, 0, 0, 0, 0, 1, 0, 0])).dataIn ?? new Uint8Array(0);

  async function registered(): Promise<LogicalUnit> {
    const unit = makeUnit();
    for (const [nexus, key] of [
      [A, KEY.a],
      [B, KEY.b],
      [C, KEY.c],
    ] as const)
      expect(await told(unit, out(0), { nexus, data: list(NONE, key) })).toBe(GOOD);
    return unit;
  }

  it('IN tells of capabilities, of nobody, of one holder and of all', async () => {
    const unit = await registered();
    expect(await read(unit, 2)).toEqual(fromHex('0008 00 90 ea01 0000'));
    expect(await read(unit, 1)).toEqual(fromHex('00000003 00000000'));
    await send(unit, out(1, 3), { data: list(KEY.a, NONE) });
    expect(await read(unit, 1)).toEqual(fromHex(`00000003 00000010 ${KEY.a} 00000000 00 03 0000`));
    const status = await read(unit, 3);
    // Key, then R_HOLDER with scope and type, for the first of three.
    expect(status.subarray(8, 16)).toEqual(fromHex(KEY.a));
    expect(status.subarray(20, 22)).toEqual(fromHex('01 03'));
    const all = await registered();
    await send(all, out(1, 7), { data: list(KEY.a, NONE) });
    expect((await read(all, 1)).subarray(8, 16)).toEqual(fromHex(NONE));
  });

  it('OUT takes lists of its length alone, and none of what it does not do', async () => {
    const unit = makeUnit();
    expect(await told(unit, out(0, 0, 23))).toBe('02 5/1a/00');
    expect(await told(unit, out(0), { data: new Uint8Array(8) })).toBe('02 5/1a/00');
    for (const bit of ['01', '04', '08'])
      expect(await told(unit, out(0), { data: list(NONE, KEY.a, bit) })).toBe('02 5/26/00 p20');
    expect(await told(unit, out(7, 0, 20))).toBe('02 5/1a/00');
    expect(await told(unit, out(7), { data: new Uint8Array(8) })).toBe('02 5/1a/00');
  });

  it('REGISTER wants the key there is; AND IGNORE EXISTING KEY does not', async () => {
    const unit = await registered();
    expect(await told(unit, out(0), { data: list(KEY.b, KEY.c) })).toBe(CONFLICT);
    expect(await told(unit, out(6), { data: list(KEY.b, KEY.c) })).toBe(GOOD);
    expect(unit.reservations.keyOf(A.id)).toBe(0xccn);
    expect(await told(unit, out(6), { data: list(NONE, NONE) })).toBe(GOOD);
    expect(await told(unit, out(6), { data: list(NONE, NONE) })).toBe(GOOD);
    expect(await told(unit, out(0), { data: list(NONE, NONE) })).toBe(GOOD);
    expect([unit.reservations.keyOf(A.id), unit.reservations.generation]).toEqual([undefined, 6]);
  });

  it('RESERVE takes known types of the whole unit, once', async () => {
    const unit = await registered();
    expect(await told(unit, out(1, 2), { data: list(KEY.a, NONE) })).toBe('02 5/24/00 2.3');
    expect(await told(unit, out(1, 0x13), { data: list(KEY.a, NONE) })).toBe('02 5/24/00 2.7');
    expect(await told(unit, out(1, 3), { data: list(KEY.a, NONE) })).toBe(GOOD);
    expect(await told(unit, out(1, 3), { data: list(KEY.a, NONE) })).toBe(GOOD);
    expect(await told(unit, out(1, 1), { data: list(KEY.a, NONE) })).toBe(CONFLICT);
    expect(await told(unit, out(1, 3), { nexus: B, data: list(KEY.b, NONE) })).toBe(CONFLICT);
  });

  it('RELEASE is for the holder and the type it holds, and tells registrants where they shared it', async () => {
    const unit = await registered();
    expect(await told(unit, out(2, 5), { data: list(KEY.b, NONE) })).toBe(CONFLICT);
    expect(await told(unit, out(2, 5), { data: list(KEY.a, NONE) })).toBe(GOOD);
    await send(unit, out(1, 5), { data: list(KEY.a, NONE) });
    expect(await told(unit, out(2, 5), { nexus: B, data: list(KEY.b, NONE) })).toBe(GOOD);
    expect(await told(unit, out(2, 3), { data: list(KEY.a, NONE) })).toBe('02 5/26/04');
    expect(await told(unit, out(2, 5), { data: list(KEY.a, NONE) })).toBe(GOOD);
    expect(unit.reservations.reservation).toBeUndefined();
    expect(await told(unit, TUR, { nexus: B })).toBe('02 6/2a/04');
    await send(unit, out(1, 1), { data: list(KEY.a, NONE) });
    await send(unit, out(2, 1), { data: list(KEY.a, NONE) });
    expect(await told(unit, TUR, { nexus: B })).toBe(GOOD);
  });

  it('CLEAR ends all of it, which the others learn of', async () => {
    const unit = await registered();
    expect(await told(unit, out(3), { data: list(KEY.b, NONE) })).toBe(CONFLICT);
    expect(await told(unit, out(3), { data: list(KEY.a, NONE) })).toBe(GOOD);
    expect(unit.reservations.registrations).toEqual([]);
    expect(await told(unit, TUR, { nexus: C })).toBe('02 6/2a/03');
    expect(await told(unit, TUR)).toBe(GOOD);
  });

  it('PREEMPT takes registrations away, with the reservation where its holder is meant', async () => {
    const unit = await registered();
    expect(await told(unit, out(4, 3), { data: list(KEY.b, KEY.c) })).toBe(CONFLICT);
    expect(await told(unit, out(4, 3), { data: list(KEY.a, NONE) })).toBe('02 5/26/00 p8');
    expect(await told(unit, out(4, 3), { data: list(KEY.a, '00000000000000dd') })).toBe(CONFLICT);
    expect(await told(unit, out(4, 3), { data: list(KEY.a, KEY.c) })).toBe(GOOD);
    expect(await told(unit, TUR, { nexus: C })).toBe('02 6/2a/05');
    await send(unit, out(1, 5), { nexus: B, data: list(KEY.b, NONE) });
    expect(await told(unit, out(4, 2), { data: list(KEY.a, KEY.b) })).toBe('02 5/24/00 2.3');
    const aborted: string[] = [];
    unit.abortNexusTasks = (id) => aborted.push(id);
    expect(await told(unit, out(5, 1), { data: list(KEY.a, KEY.b) })).toBe(GOOD);
    expect([unit.reservations.reservation?.type, aborted]).toEqual([1, [B.id]]);
  });

  it('PREEMPT of a reservation all hold goes on with who is left, or takes it over with key zero', async () => {
    const unit = await registered();
    await send(unit, out(1, 7), { nexus: B, data: list(KEY.b, NONE) });
    expect(await told(unit, out(4, 7), { data: list(KEY.a, KEY.b) })).toBe(GOOD);
    expect([unit.reservations.reservation?.type, unit.reservations.holds(A.id)]).toEqual([7, true]);
    expect(await told(unit, out(4, 1), { data: list(KEY.a, NONE) })).toBe(GOOD);
    expect(unit.reservations.registrations.map(({ nexus }) => nexus.id)).toEqual([A.id]);
    expect(unit.reservations.reservation).toEqual({ type: 1, holder: A.id });
    const last = await registered();
    await send(last, out(1, 8), { data: list(KEY.a, NONE) });
    for (const [nexus, key] of [
      [A, KEY.a],
      [B, KEY.b],
    ] as const)
      await send(last, out(0), { nexus, data: list(key, NONE) });
    expect(last.reservations.reservation?.type).toBe(8);
    await send(last, out(0), { nexus: C, data: list(KEY.c, NONE) });
    expect(last.reservations.reservation).toBeUndefined();
  });

  it('REGISTER AND MOVE hands the reservation to a port that is named in full', async () => {
    const move = (
      key: string,
      next: string,
      options: { byte17?: string; port?: string; id?: string } = {},
    ): Uint8Array => {
      const name = Buffer.from('iqn.2026-01.org.lunascope.test:b,i,0x800102030002\0', 'latin1');
      const padded = Buffer.concat([name, Buffer.alloc(-name.length & 3)]);
      const id = options.id ?? `45 00 ${padded.length.toString(16).padStart(4, '0')} ${padded.toString('hex')}`;
      const bytes = fromHex(id);
      return fromHex(
        `${key} ${next} 00 ${options.byte17 ?? '00'} ${options.port ?? '0001'} ${bytes.length.toString(16).padStart(8, '0')} ${id}`,
      );
    };
    const moving = (data: Uint8Array): Promise<string> => told(unit, out(7, 0, data.length), { data });
    const unit = await registered();
    expect(await moving(move(KEY.a, KEY.b))).toBe(CONFLICT);
    await send(unit, out(1, 3), { data: list(KEY.a, NONE) });
    expect(await moving(move(KEY.a, KEY.b, { byte17: '01' }))).toBe('02 5/26/00 p17');
    expect(await moving(move(KEY.a, KEY.b, { port: '0009' }))).toBe('02 5/26/00 p18');
    expect(await moving(move(KEY.a, KEY.b, { id: '05 00 0014 69716e2e323032362d30312e6f72673a6200 0000' }))).toBe(
      '02 5/26/00 p24',
    );
    expect(await moving(move(KEY.a, NONE))).toBe('02 5/26/00 p8');
    expect(await moving(move(KEY.a, KEY.b, { byte17: '02' }))).toBe(GOOD);
    expect([unit.reservations.holds(B.id), unit.reservations.keyOf(A.id)]).toEqual([true, undefined]);
    const shared = await registered();
    await send(shared, out(1, 7), { data: list(KEY.a, NONE) });
    const data = move(KEY.a, KEY.b);
    expect(await told(shared, out(7, 0, data.length), { data })).toBe(CONFLICT);
  });

  it('has room for 1024 registrations', () => {
    const { reservations } = makeUnit();
    for (let i = 0; i < 1024; i += 1) reservations.register({ ...A, id: `n${String(i)}` }, 0n, 1n, false);
    expect(reservations.register({ ...A, id: 'one more' }, 0n, 1n, false)).toEqual({ kind: 'full' });
    expect(reservations.register({ ...A, id: 'n5' }, 1n, 2n, false)).toEqual({ kind: 'done' });
  });
});

describe('MODE SENSE and MODE SELECT', () => {
  const sense6 = (page: number, control = 0, subpage = 0, dbd = 0): number[] => [
    0x1a,
    dbd << 3,
    (control << 6) | page,
    subpage,
    255,
    0,
  ];
  const select6 = (length: number, byte1 = 0x10): number[] => [0x15, byte1, 0, 0, length, 0];

  it('give pages as they are, as they can be, and as they were at first', async () => {
    const unit = makeUnit();
    unit.mode.writeCache = false;
    const page = async (control: number): Promise<number | undefined> =>
      (await send(unit, sense6(0x08, control, 0, 1))).dataIn?.[6];
    expect([await page(0), await page(1), await page(2)]).toEqual([0x00, 0x04, 0x04]);
    expect(await told(unit, sense6(0x08, 3))).toBe('02 5/39/00');
    expect(await told(unit, sense6(0x1f))).toBe('02 5/24/00 2');
    expect(await told(unit, sense6(0x08, 0, 7))).toBe('02 5/24/00 3');
    expect(await told(unit, sense6(0x3f, 0, 7))).toBe('02 5/24/00 3');
  });

  it('give all pages, with subpages where they are asked for, and block descriptors of either form', async () => {
    const unit = makeUnit();
    const all = (await send(unit, sense6(0x3f))).dataIn ?? new Uint8Array(0);
    expect(all.subarray(0, 12)).toEqual(
      fromHex(`${(all.length - 1).toString(16).padStart(2, '0')} 00 10 08 00001000 00000200`),
    );
    expect((await send(unit, sense6(0x3f, 0, 0xff))).dataIn?.length).toBe(all.length + 32);
    const long = (await send(unit, [0x5a, 0x10, 0x08, 0, 0, 0, 0, 0, 255, 0])).dataIn ?? new Uint8Array(0);
    expect(long.subarray(2, 24)).toEqual(fromHex('00 10 01 00 0010 0000000000001000 00000000 00000200'));
    const protectedUnit = makeUnit({ readOnly: true });
    expect((await send(protectedUnit, sense6(0x3f))).dataIn?.[2]).toBe(0x90);
    const optical = makeUnit({
      deviceType: 'optical',
      removable: true,
      store: new MemoryStore({ blockSize: 2048, blocks: 100, writable: false }),
    });
    const capabilities = (await send(optical, sense6(0x2a))).dataIn ?? new Uint8Array(0);
    // It reads CD-R, CD-RW and DVD-ROM.
    expect([capabilities[3], capabilities[4], capabilities[6]]).toEqual([0, 0x2a, 0x0b]);
    expect((await send(optical, sense6(0x2a, 1))).dataIn?.subarray(6).every((byte) => byte === 0)).toBe(true);
  });

  it('take what fits, and nothing of what does not', async () => {
    const unit = makeUnit();
    const caching = async (change: (page: Uint8Array) => void, byte1 = 0x10): Promise<string> => {
      const page = (await send(unit, sense6(0x08, 0, 0, 1))).dataIn?.slice(4) ?? new Uint8Array(0);
      change(page);
      const data = Uint8Array.from([0, 0, 0, 0, ...page]);
      return told(unit, select6(data.length, byte1), { data });
    };
    expect(await told(unit, select6(0))).toBe(GOOD);
    expect(await caching(() => undefined, 0x11)).toBe('02 5/24/00 1.0');
    expect(
      await caching((page) => {
        page[2] = 0;
      }),
    ).toBe(GOOD);
    expect(unit.mode.writeCache).toBe(false);
    expect(await told(unit, TUR, { nexus: B })).toBe('02 6/2a/01');
    expect(await caching(() => undefined)).toBe(GOOD);
    expect(await told(unit, TUR, { nexus: B })).toBe(GOOD);
    expect(
      await caching((page) => {
        page[4] = 1;
      }),
    ).toBe('02 5/26/00 p4');
    expect(await told(unit, select6(3), { data: new Uint8Array(3) })).toBe('02 5/1a/00');
    expect(await told(unit, select6(4), { data: fromHex('03000000') })).toBe('02 5/26/00 p0');
    expect(await told(unit, select6(12), { data: fromHex('00000008 00000000 00000400') })).toBe('02 5/26/00 p4');
    expect(await told(unit, select6(12), { data: fromHex('00000008 00001000 00000200') })).toBe(GOOD);
    expect(await told(unit, select6(12), { data: fromHex('00000008 00000007 00000200') })).toBe('02 5/26/00 p4');
    expect(await told(unit, select6(8), { data: fromHex('00000000 1f020000') })).toBe('02 5/26/00 p4');
    expect(await told(unit, select6(8), { data: fromHex('00000000 08020000') })).toBe('02 5/26/00 p4');
    expect(await told(unit, select6(6), { data: fromHex('00000000 0812') })).toBe('02 5/1a/00');
    expect(await told(unit, [0x55, 0x11, 0, 0, 0, 0, 0, 0, 8, 0], { data: new Uint8Array(8) })).toBe('02 5/24/00 1.0');
    expect(await told(unit, [0x55, 0x10, 0, 0, 0, 0, 0, 0, 7, 0], { data: new Uint8Array(7) })).toBe('02 5/1a/00');
    expect(
      await told(unit, [0x55, 0x10, 0, 0, 0, 0, 0, 0, 16, 0], { data: fromHex('0000000000000008 00000000 00000400') }),
    ).toBe('02 5/26/00 p8');
  });
});
