import { afterEach, describe, expect, it } from 'vitest';
import { planBursts, planChunk } from '../../../core/initiator/burst-plan.ts';
import { Cleanup, patterned, sameBytes, startRig, TARGET } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const DEFAULTS = { MaxRecvDataSegmentLength: 262_144, FirstBurstLength: 262_144, MaxBurstLength: 1_048_576 };
const KiB = 1024;

describe('bursts and segments', () => {
  it('are the defaults where no size is named', () => {
    expect(planBursts(undefined, DEFAULTS, {})).toEqual({
      transferBytes: null,
      offered: DEFAULTS,
      origin: { MaxRecvDataSegmentLength: 'default', FirstBurstLength: 'default', MaxBurstLength: 'default' },
    });
  });

  it.each([
    // transfer, segment, first burst, burst
    [512, 64 * KiB, 64 * KiB, 64 * KiB],
    [64 * KiB, 64 * KiB, 64 * KiB, 64 * KiB],
    [64 * KiB + 1, 68 * KiB, 68 * KiB, 68 * KiB],
    [128 * KiB, 128 * KiB, 128 * KiB, 128 * KiB],
    [256 * KiB, 256 * KiB, 256 * KiB, 256 * KiB],
    [1024 * KiB, 256 * KiB, 256 * KiB, 1024 * KiB],
    [4096 * KiB, 256 * KiB, 256 * KiB, 4096 * KiB],
    [64 * 1024 * KiB, 256 * KiB, 256 * KiB, 16_776_704],
  ])('for transfers of %i bytes are %i, %i and %i', (bytes, segment, first, most) => {
    expect(planBursts(bytes, DEFAULTS, {}).offered).toEqual({
      MaxRecvDataSegmentLength: segment,
      FirstBurstLength: first,
      MaxBurstLength: most,
    });
  });

  it('stay as they were fixed by hand, and the others keep to that', () => {
    const most = planBursts(1024 * KiB, DEFAULTS, { MaxBurstLength: 100_000 });
    expect(most.offered).toEqual({
      MaxRecvDataSegmentLength: 262_144,
      FirstBurstLength: 100_000,
      MaxBurstLength: 100_000,
    });
    expect(most.origin).toMatchObject({ MaxBurstLength: 'fixed', FirstBurstLength: 'tuned' });
    const first = planBursts(4096, DEFAULTS, { FirstBurstLength: 512 * KiB, MaxRecvDataSegmentLength: 1000 });
    expect(first.offered).toEqual({
      MaxRecvDataSegmentLength: 1000,
      FirstBurstLength: 524_288,
      MaxBurstLength: 524_288,
    });
  });
});

describe('the commands of a disk', () => {
  const none = { maxTransferBlocks: 0, optimalTransferBlocks: 0, granularityBlocks: 0 };
  it.each([
    [512, none, undefined, 512, 'preferred'],
    [4096, none, undefined, 64, 'preferred'],
    [512, none, 1024 * KiB, 2048, 'transfer size'],
    [512, { ...none, maxTransferBlocks: 100 }, undefined, 100, 'maximum transfer length'],
    [512, { ...none, optimalTransferBlocks: 256 }, 1024 * KiB, 256, 'optimal transfer length'],
    [512, { ...none, optimalTransferBlocks: 4096 }, undefined, 512, 'preferred'],
    [
      512,
      { maxTransferBlocks: 100, optimalTransferBlocks: 0, granularityBlocks: 8 },
      undefined,
      96,
      'maximum transfer length',
    ],
    [512, { ...none, granularityBlocks: 1024 }, undefined, 512, 'preferred'],
    [1024 * KiB, none, undefined, 1, 'preferred'],
  ] as const)(
    'with blocks of %i bytes and limits %j, for %s: %i blocks, %s',
    (size, limits, transfer, blocks, because) => {
      expect(planChunk(size, limits, transfer)).toEqual({ blocks, bytes: blocks * size, because });
    },
  );
});

describe('a session', () => {
  it('tells what was chosen, what the target took of it, and what a transfer comes to', async () => {
    const { store, bytes } = patterned(8192);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ transferBytes: 1024 * KiB, maxBurstLength: 131_072 });
    expect(session.tuning).toMatchObject({
      transferBytes: 1_048_576,
      lengths: [
        { key: 'MaxRecvDataSegmentLength', origin: 'tuned', offered: 262_144, result: 262_144 },
        { key: 'FirstBurstLength', origin: 'tuned', offered: 131_072 },
        { key: 'MaxBurstLength', origin: 'fixed', offered: 131_072, result: 131_072, text: '131072, fixed by hand' },
      ],
    });
    const first = session.parameters.firstBurstLength;
    expect(session.tuning.shape).toEqual({
      bytes: 1_048_576,
      readSegments: 4,
      unsolicitedBytes: first,
      r2ts: Math.ceil((1_048_576 - first) / 131_072),
    });
    const disk = await session.disk(0);
    expect(disk.chunk).toEqual({ blocks: 2048, bytes: 1_048_576, because: 'transfer size' });
    expect(sameBytes(await disk.read(0n, 8192), bytes)).toBe(true);
  });

  it('waits for as many R2Ts of a write as it says', async () => {
    const { store, bytes } = patterned(2048);
    const rig = await startRig(cleanup, [store]);
    for (const [transferBytes, length] of [
      [64 * KiB, 64 * KiB],
      [64 * KiB, 512 * KiB],
      [512 * KiB, 512 * KiB],
    ] as const) {
      const session = await rig.connect({ transferBytes });
      let r2ts = 0;
      session.on('pdu', (direction, pdu) => {
        if (direction === 'received' && ((pdu[0] ?? 0) & 0x3f) === 0x31) r2ts += 1;
      });
      await session.scsi.writeBlocks(0, 0n, 512, bytes.subarray(0, length));
      expect(r2ts).toBe(session.shapeOf(length).r2ts);
      await session.logout();
    }
  });

  it('refuses a size that is none, and bursts that do not fit each other', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    await expect(rig.connect({ transferBytes: 0 })).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await expect(rig.connect({ firstBurstLength: 2 * 1024 * KiB })).rejects.toThrow(/must not be above/u);
    await expect(rig.connect({ target: TARGET, transferBytes: 1.5 })).rejects.toThrow(/transferBytes/u);
  });

  it('counts a key that is overridden as fixed', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect({
      transferBytes: 4 * 1024 * KiB,
      operationalOverrides: { MaxBurstLength: '200000' },
    });
    const most = session.tuning.lengths.find((each) => each.key === 'MaxBurstLength');
    expect(most).toMatchObject({ origin: 'fixed', offered: 200_000, result: 200_000 });
    expect(session.parameters.firstBurstLength).toBeLessThanOrEqual(200_000);
  });
});
