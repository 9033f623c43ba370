import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/errors/index.ts';
import {
  ConcatStore,
  FaultStore,
  GeneratedStore,
  MemoryStore,
  OverlayStore,
  SparseStore,
  StoreError,
  type BlockStore,
  type Extent,
} from '../../../core/target/index.ts';
import { CopyLog } from '../../../core/target/unit/copy-log.ts';
import { outcomeOfError } from '../../../core/target/unit/refusals.ts';
import { makeServer, RawInitiator, senseOf, settle } from './raw-initiator.ts';
import { A, B, C, makeUnit, told } from './unit-harness.ts';

const TUR = [0, 0, 0, 0, 0, 0];

/** Blocks full of one byte, which come a moment late, as from a file. */
function lateStore(blocks: number, byte: number, status?: BlockStore['status']): BlockStore {
  return {
    blockSize: 512,
    blocks: BigInt(blocks),
    writable: true,
    thin: false,
    read: async (_lba, into) => {
      await Promise.resolve();
      into.fill(byte);
    },
    write: async () => {
      await Promise.resolve();
    },
    flush: () => undefined,
    ...(status === undefined ? {} : { status }),
  };
}

const clock = { now: () => 0, wait: () => Promise.resolve() };

describe('an overlay over a store that answers late', () => {
  it('waits for what comes from below, and only for that', async () => {
    const overlay = new OverlayStore(lateStore(8, 0xbb));
    overlay.write(2n, new Uint8Array(512).fill(0xaa));
    const into = new Uint8Array(3 * 512);
    const reading = overlay.read(1n, into);
    expect(reading).toBeInstanceOf(Promise);
    await reading;
    expect([into[0], into[512], into[1024]]).toEqual([0xbb, 0xaa, 0xbb]);
    expect(overlay.read(2n, into.subarray(0, 512))).toBeUndefined();
  });

  it('tells what backs its blocks, in runs that end where its own begin', async () => {
    const below: Extent = { status: 'anchored', blocks: 100n };
    for (const [status, found] of [
      [undefined, { status: 'mapped', blocks: 3n }],
      [() => below, { status: 'anchored', blocks: 3n }],
      [() => Promise.resolve(below), { status: 'anchored', blocks: 3n }],
      [() => ({ ...below, blocks: 2n }), { status: 'anchored', blocks: 2n }],
    ] as const) {
      const overlay = new OverlayStore(lateStore(8, 0, status));
      overlay.write(3n, new Uint8Array(512));
      expect(await overlay.status(0n)).toEqual(found);
      expect(await overlay.status(3n)).toEqual({ status: 'mapped', blocks: 1n });
    }
  });
});

describe('stores put together', () => {
  it('wait for all their parts, and tell what backs each', async () => {
    const sparse = new SparseStore({ blocks: 4 });
    const whole = new ConcatStore([lateStore(4, 1), lateStore(4, 2), sparse]);
    const into = new Uint8Array(4 * 512);
    await whole.read(2n, into);
    expect([into[0], into[1024]]).toEqual([1, 2]);
    expect(await whole.status(1n)).toEqual({ status: 'mapped', blocks: 3n });
    expect((await whole.status(9n)).status).toBe('deallocated');
    expect(() => new ConcatStore([])).toThrow(/at least one/u);
  });

  it('with faults find the first bad block of all ranges, and say nothing of what they do not know', () => {
    const store = new FaultStore(lateStore(64, 0), clock, {
      unreadable: [
        { lba: 20n, count: 4n },
        { lba: 10n, count: 4n },
        { lba: 12n, count: 40n },
      ],
    });
    expect(() => store.read(5n, new Uint8Array(512 * 30))).toThrow('Block 10 is bad.');
    expect(store.status(4n)).toEqual({ status: 'mapped', blocks: 60n });
  });

  it('are refused where they cannot be', () => {
    expect(() => new SparseStore({ blocks: 1.5 })).toThrow(/not a whole number of blocks/u);
    expect(() => new MemoryStore({ blocks: 2, bytes: new Uint8Array(512) })).toThrow(UsageError);
  });

  it('give back parts of chunks where a range of exabytes begins and ends in one', () => {
    const store = new SparseStore({ blocks: 1n << 50n });
    const full = new Uint8Array(512).fill(7);
    const byteAt = (lba: bigint): number | undefined => {
      const into = new Uint8Array(512);
      store.read(lba, into);
      return into[0];
    };
    const far = (1n << 49n) + 5n;
    for (const lba of [0n, 5n, far, far + 1n]) store.write(lba, full);
    store.unmap(1n, far);
    expect([0n, 5n, far, far + 1n].map(byteAt)).toEqual([7, 0, 0, 7]);
    // Past all there is.
    store.unmap(1n << 40n, 1n << 41n);
    expect(byteAt(far + 1n)).toBe(7);
  });
});

describe('a failure of a store', () => {
  it('says what it was, with its cause where there is one', () => {
    const cause = new Error('below');
    const medium = new StoreError({ kind: 'mediumError', lba: 1n << 40n, write: true }, 'Bad.', cause);
    expect([medium.details, medium.cause]).toEqual([{ kind: 'mediumError', lba: '1099511627776', write: true }, cause]);
    const busy = new StoreError({ kind: 'busy' }, 'Busy.');
    expect([busy.details, busy.cause]).toEqual([{ kind: 'busy' }, undefined]);
  });

  it('that nobody foresaw is a hardware error', () => {
    expect(outcomeOfError(new Error('What?'))).toMatchObject({ status: 2, sense: { key: 4, asc: 0x44, ascq: 0 } });
  });
});

describe('what a unit keeps', () => {
  it('of copies is the latest', () => {
    const log = new CopyLog();
    for (let list = 0; list < 65; list += 1) log.add('n', list, { failed: false, segments: 1, blocks: list });
    expect([log.find('n', 0), log.find('n', 1)?.blocks, log.find('n', 64)?.blocks]).toEqual([undefined, 1, 64]);
  });

  it('of port groups changes only where it differs', async () => {
    const unit = makeUnit({ portGroups: [{ id: 1, state: 'activeOptimized', ports: [1] }] });
    expect([unit.setAccessState(1, 'activeOptimized'), unit.setAccessState(9, 'standby')]).toEqual([true, false]);
    expect(await told(unit, TUR)).toBe('00');
    expect(unit.setAccessState(1, 'activeNonOptimized', A.id)).toBe(true);
    expect([await told(unit, TUR), await told(unit, TUR, { nexus: B })]).toEqual(['00', '02 6/2a/06']);
  });

  it('of a reservation for registrants is told to them when it ends', async () => {
    const unit = makeUnit();
    const { reservations } = unit;
    for (const [nexus, key] of [
      [A, 1n],
      [B, 2n],
    ] as const)
      reservations.register(nexus, 0n, key, false);
    reservations.reserve(A.id, 1n, 0, 5);
    reservations.release(A.id, 1n, 0, 5);
    expect([await told(unit, TUR, { nexus: B }), await told(unit, TUR, { nexus: C })]).toEqual(['02 6/2a/04', '00']);
  });
});

describe('a session over it', () => {
  const rig = (keys: Readonly<Record<string, string>> = {}, store: BlockStore = new GeneratedStore({ blocks: 64 })) => {
    const unit = makeUnit({ store });
    const server = makeServer([{ luns: [{ lun: 0, unit }] }]);
    return { unit, initiator: new RawInitiator(server).loggedIn(keys) };
  };

  it('reads late data in a burst that ends within a block', async () => {
    const { initiator } = rig({ MaxRecvDataSegmentLength: '1024' }, lateStore(64, 9));
    initiator.read(0, 4, { expected: 1300 });
    await settle();
    const data = initiator.seen.filter(({ opcode }) => opcode === 0x25);
    expect(data.map((each) => each.data.length)).toEqual([1024, 276]);
    expect(data.every((each) => each.data.every((byte) => byte === 9))).toBe(true);
    // Overflow: 748 bytes more than were asked for.
    expect([(data[1]?.flags ?? 0) & 0x07, data[1]?.words[6]]).toEqual([0x05, 748]);
  });

  it('gets sense data in descriptors where the unit was told so', () => {
    const { unit, initiator } = rig();
    unit.mode.descriptorSense = true;
    const [answer] = initiator.command([0xc1, 0, 0, 0, 0, 0]);
    expect([answer?.status, answer?.data[2], answer?.data[3]]).toEqual([2, 0x72, 5]);
  });

  it('may not send data with a command where it agreed not to', () => {
    const { initiator } = rig({ ImmediateData: 'No' }, new MemoryStore({ blocks: 64 }));
    const [answer] = initiator.write(0, 1, { data: new Uint8Array(512) });
    expect([answer?.status, senseOf(answer)?.[0]]).toEqual([2, 0x0b]);
  });

  it('of a write of less than a block stores nothing, and says how much is missing', async () => {
    const store = new MemoryStore({ blocks: 64 });
    const { initiator } = rig({}, store);
    initiator.write(0, 1, { expected: 100, data: new Uint8Array(100).fill(1) });
    await settle();
    const answer = initiator.seen.at(-1);
    expect([answer?.opcode, answer?.status, (answer?.flags ?? 0) & 0x04]).toEqual([0x21, 0, 0x04]);
    const into = new Uint8Array(512);
    store.read(0n, into);
    expect(into.every((byte) => byte === 0)).toBe(true);
  });

  it('learns nothing of a LUN nobody has but that', () => {
    const { initiator } = rig();
    const [inquiry] = initiator.command([0x12, 1, 0x80, 0, 255, 0], { lun: 9, flags: 0xc0, expected: 255 });
    expect(senseOf(inquiry)).toEqual([5, 0x25, 0]);
    const [list] = initiator.command([0xa0, 0, 3, 0, 0, 0, 0, 0, 255, 0, 0, 0], { lun: 9, flags: 0xc0, expected: 255 });
    expect(senseOf(list)).toEqual([5, 0x24, 0]);
  });
});
