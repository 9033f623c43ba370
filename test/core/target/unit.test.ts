import { describe, expect, it } from 'vitest';
import { decodeInquiry, decodeLunList } from '../../../core/scsi/index.ts';
import {
  ConcatStore,
  FaultStore,
  LogicalUnit,
  MemoryStore,
  SparseStore,
  type PortGroup,
} from '../../../core/target/index.ts';
import { makeNexus } from '../../../core/target/unit/nexus.ts';
import type { Outcome, Plan } from '../../../core/target/unit/outcome.ts';
import { fromHex } from '../../support/bytes.ts';

const PORT = { relativeId: 1, targetName: 'iqn.2026-01.org.lunascope.test:disk', portalGroupTag: 1, portGroup: 1 };
const A = makeNexus('iqn.2026-01.org.lunascope.test:a', '800102030001', PORT);
const B = makeNexus('iqn.2026-01.org.lunascope.test:b', '800102030002', PORT);

function disk(options: Partial<ConstructorParameters<typeof LogicalUnit>[0]> = {}): LogicalUnit {
  const unit = new LogicalUnit({ store: new SparseStore({ blocks: 4096 }), identity: { serial: 'U1' }, ...options });
  unit.addNexus(A, false);
  unit.addNexus(B, false);
  return unit;
}

async function outcomeOf(plan: Plan, data: Uint8Array = new Uint8Array(0)): Promise<Outcome> {
  if (plan.kind === 'done') return plan.outcome;
  if (plan.kind === 'read') return { status: 0 };
  return plan.run(data);
}

async function send(
  unit: LogicalUnit,
  cdb: readonly number[],
  options: { readonly nexus?: typeof A; readonly data?: Uint8Array } = {},
): Promise<Outcome> {
  const bytes = new Uint8Array(16);
  bytes.set(cdb);
  return outcomeOf(unit.plan(options.nexus ?? A, bytes, new Map([[0, unit]])), options.data);
}

async function senseFor(
  unit: LogicalUnit,
  cdb: readonly number[],
  options: Parameters<typeof send>[2] = {},
): Promise<readonly number[]> {
  const { status, sense } = await send(unit, cdb, options);
  return [status, sense?.key ?? 0, sense?.asc ?? 0, sense?.ascq ?? 0];
}

const TUR = [0, 0, 0, 0, 0, 0];
const READ_0 = [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0];
const WRITE_0 = [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0];

describe('what a unit says of itself', () => {
  it('is INQUIRY data as SPC draws it', async () => {
    const { dataIn } = await send(disk(), [0x12, 0, 0, 0, 96, 0]);
    const { deviceType, vendor, product, commandQueue, versionDescriptors, warnings } = decodeInquiry(
      dataIn ?? new Uint8Array(0),
    );
    expect({ deviceType, vendor, product, commandQueue, warnings }).toEqual({
      deviceType: 0,
      vendor: 'LUNASCPE',
      product: 'Disk',
      commandQueue: true,
      warnings: [],
    });
    expect(versionDescriptors).toHaveLength(4);
  });

  it('is cut to the allocation length without changing the length it states', async () => {
    const { dataIn } = await send(disk(), [0x12, 0, 0, 0, 5, 0]);
    expect(dataIn).toEqual(fromHex('00 00 06 12 5b'));
  });

  it('names the unit the same over every path', async () => {
    const unit = disk();
    const there = { ...A, port: { ...PORT, relativeId: 2, portalGroupTag: 2 } };
    const pages = await Promise.all([A, there].map((nexus) => send(unit, [0x12, 1, 0x83, 0, 255, 0], { nexus })));
    const [first, second] = pages.map(({ dataIn }) => dataIn ?? new Uint8Array(0));
    expect(first?.slice(4, 16)).toEqual(second?.slice(4, 16));
    expect(first).not.toEqual(second);
  });

  it('lists LUNs in order, flat beyond 255', async () => {
    const unit = disk();
    const plan = unit.plan(
      A,
      fromHex('a0 00 00 00 00 00 00 00 00 ff 00 00 00 00 00 00'),
      new Map([
        [300, unit],
        [2, unit],
      ]),
    );
    const { dataIn } = await outcomeOf(plan);
    expect(decodeLunList(dataIn ?? new Uint8Array(0)).luns.map(({ number }) => number)).toEqual([2, 300]);
    expect(dataIn?.slice(16, 18)).toEqual(fromHex('41 2c'));
  });

  it('is ffffffff for a disk READ CAPACITY(10) cannot name', async () => {
    const unit = disk({ store: new SparseStore({ blocks: 2n ** 34n }) });
    expect((await send(unit, [0x25])).dataIn).toEqual(fromHex('ffffffff 00000200'));
  });
});

describe('conditions that come before a command', () => {
  it('unit attentions are reported once, and not to INQUIRY', async () => {
    const unit = disk();
    unit.reset();
    expect((await send(unit, [0x12, 0, 0, 0, 96, 0])).status).toBe(0);
    expect(await senseFor(unit, READ_0)).toEqual([2, 6, 0x29, 0x03]);
    expect(await senseFor(unit, READ_0)).toEqual([0, 0, 0, 0]);
    expect(await senseFor(unit, TUR, { nexus: B })).toEqual([2, 6, 0x29, 0x03]);
  });

  it('bits without a meaning are refused, with a pointer to them', async () => {
    const { sense } = await send(disk(), [0x12, 0x10, 0, 0, 96, 0]);
    expect(sense).toMatchObject({ key: 5, asc: 0x24, specific: { kind: 'field', inCdb: true, byte: 1, bit: 4 } });
  });

  it('NACA, unknown commands and unknown service actions are refused', async () => {
    expect(await senseFor(disk(), [0, 0, 0, 0, 0, 4])).toEqual([2, 5, 0x24, 0]);
    expect(await senseFor(disk(), [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 4])).toEqual([2, 5, 0x24, 0]);
    expect(await senseFor(disk(), [0x8a, ...READ_0.slice(1, 5), 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4])).toEqual([
      2, 5, 0x24, 0,
    ]);
    expect(await senseFor(disk(), [0xee])).toEqual([2, 5, 0x20, 0]);
    expect(await senseFor(disk(), [0x5e, 0x1e])).toEqual([2, 5, 0x24, 0]);
  });

  it('protection information is refused on a disk without it', async () => {
    expect(await senseFor(disk(), [0x28, 0x20, 0, 0, 0, 0, 0, 0, 1, 0])).toEqual([2, 5, 0x24, 0]);
    expect(await senseFor(disk(), [0x2a, 0x20, 0, 0, 0, 0, 0, 0, 1, 0])).toEqual([2, 5, 0x24, 0]);
  });

  it('a stopped disk is not ready, a started one is', async () => {
    const unit = disk();
    await send(unit, [0x1b, 0, 0, 0, 0, 0]);
    expect(await senseFor(unit, READ_0)).toEqual([2, 2, 0x04, 0x02]);
    await send(unit, [0x1b, 0, 0, 0, 1, 0]);
    expect(await senseFor(unit, READ_0)).toEqual([0, 0, 0, 0]);
  });
});

describe('persistent reservations', () => {
  const out = (action: number, type = 0) => [0x5f, action, type, 0, 0, 0, 0, 0, 24, 0];
  const list = (key: string, next: string) => fromHex(`${key} ${next} 00000000 00 00 0000`);
  const KEY_A = '00000000000000aa';
  const KEY_B = '00000000000000bb';
  const NONE = '0000000000000000';

  async function registered(): Promise<LogicalUnit> {
    const unit = disk();
    expect((await send(unit, out(0), { data: list(NONE, KEY_A) })).status).toBe(0);
    expect((await send(unit, out(0), { nexus: B, data: list(NONE, KEY_B) })).status).toBe(0);
    return unit;
  }

  it('keep keys and count their changes', async () => {
    const unit = await registered();
    expect((await send(unit, [0x5e, 0, 0, 0, 0, 0, 0, 0, 255, 0])).dataIn).toEqual(
      fromHex('00000002 00000010 00000000000000aa 00000000000000bb'),
    );
  });

  const table: readonly (readonly [type: number, read: boolean, write: boolean, readB: boolean, writeB: boolean])[] = [
    [1, true, false, true, false],
    [3, false, false, false, false],
    [5, true, false, true, true],
    [6, false, false, true, true],
    [7, true, false, true, true],
    [8, false, false, true, true],
  ];
  it.each(table)(
    'type %i lets others read: %s, write: %s; registrants read: %s, write: %s',
    async (type, read, write, readB, writeB) => {
      const unit = await registered();
      const C = makeNexus('iqn.2026-01.org.lunascope.test:c', '800102030003', PORT);
      unit.addNexus(C, false);
      expect((await send(unit, out(1, type), { data: list(KEY_A, NONE) })).status).toBe(0);
      const allowed = async (nexus: typeof A, cdb: readonly number[]): Promise<boolean> =>
        (await send(unit, cdb, { nexus, data: new Uint8Array(512) })).status !== 0x18;
      expect([await allowed(C, READ_0), await allowed(C, WRITE_0)]).toEqual([read, write]);
      expect([await allowed(B, READ_0), await allowed(B, WRITE_0)]).toEqual([readB, writeB]);
      expect([await allowed(A, READ_0), await allowed(A, WRITE_0)]).toEqual([true, true]);
    },
  );

  it('are taken over by PREEMPT, which the loser learns of', async () => {
    const unit = await registered();
    await send(unit, out(1, 3), { data: list(KEY_A, NONE) });
    expect((await send(unit, out(4, 3), { nexus: B, data: list(KEY_B, KEY_A) })).status).toBe(0);
    expect(unit.reservations.holds(B.id)).toBe(true);
    expect(await senseFor(unit, TUR)).toEqual([2, 6, 0x2a, 0x05]);
    expect((await send(unit, READ_0)).status).toBe(0x18);
  });

  it('conflict without the right key, and end with the holder that unregisters', async () => {
    const unit = await registered();
    expect((await send(unit, out(1, 3), { data: list(KEY_B, NONE) })).status).toBe(0x18);
    await send(unit, out(1, 5), { data: list(KEY_A, NONE) });
    await send(unit, out(0), { data: list(KEY_A, NONE) });
    expect(unit.reservations.reservation).toBeUndefined();
    expect(await senseFor(unit, TUR, { nexus: B })).toEqual([2, 6, 0x2a, 0x04]);
  });
});

describe('asymmetric access', () => {
  const groups = (): PortGroup[] => [
    { id: 1, ports: [1], state: 'activeOptimized' },
    { id: 2, ports: [2], state: 'standby' },
  ];
  const through2 = { ...B, id: 'b2', port: { ...PORT, relativeId: 2, portGroup: 2 } };

  it('serves reads through an active port and refuses them through a standby one', async () => {
    const unit = disk({ portGroups: groups() });
    expect((await send(unit, READ_0)).status).toBe(0);
    expect(await senseFor(unit, READ_0, { nexus: through2 })).toEqual([2, 2, 0x04, 0x0b]);
    expect((await send(unit, [0x12, 0, 0, 0, 96, 0], { nexus: through2 })).status).toBe(0);
  });

  it('is reported, and changed by SET TARGET PORT GROUPS', async () => {
    const unit = disk({ portGroups: groups() });
    const rtpg = [0xa3, 0x0a, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0];
    expect((await send(unit, rtpg)).dataIn).toEqual(
      fromHex('00000018  00 0f 0001 00 00 00 01 0000 0001  02 0f 0002 00 00 00 01 0000 0002'),
    );
    const stpg = [0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0];
    expect((await send(unit, stpg, { data: fromHex('00000000 00 00 0002') })).status).toBe(0);
    expect(unit.portGroups[1]?.state).toBe('activeOptimized');
    expect(await senseFor(unit, TUR, { nexus: B })).toEqual([2, 6, 0x2a, 0x06]);
  });
});

describe('thin provisioning', () => {
  it('UNMAP gives blocks back, and GET LBA STATUS tells', async () => {
    const unit = disk();
    await send(unit, WRITE_0, { data: new Uint8Array(512).fill(7) });
    const status = [0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0];
    const extents = async () => (await send(unit, status)).dataIn;
    expect((await extents())?.slice(8)).toEqual(
      fromHex('0000000000000000 00000001 00 000000  0000000000000001 00000fff 01 000000'),
    );
    const list = fromHex('0016 0010 00000000 0000000000000000 00000001 00000000');
    expect((await send(unit, [0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0], { data: list })).status).toBe(0);
    expect((await extents())?.slice(8)).toEqual(fromHex('0000000000000000 00001000 01 000000'));
  });

  it('a disk that is not thin has no UNMAP', async () => {
    const unit = disk({ store: new MemoryStore({ blocks: 16 }) });
    expect(await senseFor(unit, [0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0])).toEqual([2, 5, 0x20, 0]);
  });
});

describe('faults made on purpose', () => {
  it('a bad block is a MEDIUM ERROR at its address', () => {
    const clock = { now: () => 0, wait: () => Promise.resolve() };
    const store = new FaultStore(new MemoryStore({ blocks: 64 }), clock, { unreadable: [{ lba: 10n, count: 1n }] });
    expect(() => store.read(8n, new Uint8Array(4 * 512))).toThrow('Block 10 is bad');
    expect(store.read(11n, new Uint8Array(512))).toBeUndefined();
  });
});

describe('a disk put together', () => {
  it('reads across its parts', () => {
    const first = new MemoryStore({ blocks: 2, bytes: new Uint8Array(1024).fill(1) });
    const second = new MemoryStore({ blocks: 2, bytes: new Uint8Array(1024).fill(2) });
    const whole = new ConcatStore([first, second]);
    const into = new Uint8Array(1024);
    void whole.read(1n, into);
    expect([into[0], into[511], into[512], into[1023]]).toEqual([1, 1, 2, 2]);
  });
});

describe('mode parameters', () => {
  it('D_SENSE and SWP can be changed, and the others learn of it', async () => {
    const unit = disk();
    const page = fromHex('0a0a 04 10 08 00 0000 ffff 0000');
    const data = new Uint8Array(16);
    data.set(page, 4);
    expect((await send(unit, [0x15, 0x10, 0, 0, 16, 0], { data })).status).toBe(0);
    expect([unit.mode.descriptorSense, unit.mode.softwareWriteProtect]).toEqual([true, true]);
    expect(await senseFor(unit, TUR, { nexus: B })).toEqual([2, 6, 0x2a, 0x01]);
    expect(await senseFor(unit, WRITE_0)).toEqual([2, 7, 0x27, 0x00]);
  });

  it('what cannot be changed is refused and nothing changes', async () => {
    const unit = disk();
    const data = new Uint8Array(16);
    data.set(fromHex('0a0a 24 10 08 00 0000 ffff 0000'), 4);
    expect(await senseFor(unit, [0x15, 0x10, 0, 0, 16, 0], { data })).toEqual([2, 5, 0x26, 0]);
    expect(unit.mode.softwareWriteProtect).toBe(false);
  });
});
