import { afterEach, describe, expect, it } from 'vitest';
import { ScsiError, UsageError } from '../../../core/errors/index.ts';
import { FaultStore, MemoryStore } from '../../../core/target/index.ts';
import { Cleanup, patterned, sameBytes, startRig, stuckClock } from './support.ts';

const cleanup = new Cleanup();
const clock = {
  now: () => performance.now(),
  wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

afterEach(() => cleanup.run());

describe('a disk', () => {
  it.each([512, 4096])('with blocks of %i bytes reads what is there, split and put together', async (blockSize) => {
    const { store, bytes } = patterned(3000, blockSize);
    const rig = await startRig(cleanup, [{ store, unit: { maxTransferBytes: blockSize * 100 } }]);
    const disk = await (await rig.connect()).disk(0);
    expect(disk.blockSize).toBe(blockSize);
    expect(disk.blocks).toBe(3000n);
    expect(disk.limits.maxTransferBlocks).toBe(100);
    expect(sameBytes(await disk.read(0n, 3000), bytes)).toBe(true);
    expect(sameBytes(await disk.read(17n, 230), bytes.subarray(17 * blockSize, 247 * blockSize))).toBe(true);
    const into = new Uint8Array(blockSize);
    expect(await disk.read(2999n, 1, { into })).toBe(into);
    expect(into).toEqual(bytes.subarray(2999 * blockSize));
    expect(await disk.read(0n, 0)).toEqual(new Uint8Array(0));
  });

  it.each([
    [false, true],
    [false, false],
    [true, true],
    [true, false],
  ])('writes and reads back with InitialR2T %s and ImmediateData %s', async (initialR2T, immediateData) => {
    const { store } = patterned(4096);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({
      initialR2T,
      immediateData,
      firstBurstLength: 8192,
      maxBurstLength: 16384,
      maxRecvDataSegmentLength: 4096,
    });
    const disk = await session.disk(0);
    const data = Uint8Array.from({ length: 700 * 512 }, (_, i) => (i * 7 + 3) & 0xff);
    await disk.write(100n, data);
    await disk.flush();
    expect(sameBytes(await disk.read(100n, 700), data)).toBe(true);
    expect(session.parameters.initialR2T).toBe(initialR2T);
    expect(session.parameters.immediateData).toBe(immediateData);
  });

  it('keeps to digests both ways', async () => {
    const { store, bytes } = patterned(512);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] });
    expect(session.parameters).toMatchObject({ headerDigest: 'CRC32C', dataDigest: 'CRC32C' });
    const disk = await session.disk(0);
    expect(await disk.read(0n, 512)).toEqual(bytes);
    await disk.write(1n, new Uint8Array(512 * 3).fill(9));
    expect(await disk.read(1n, 3)).toEqual(new Uint8Array(512 * 3).fill(9));
  });

  it('refuses what lies past its end before anything is sent', async () => {
    const { store } = patterned(100);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect();
    const disk = await session.disk(0);
    const before = session.machine.core.window.cmdSn;
    await expect(disk.read(100n, 1)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await expect(disk.read(99n, 2)).rejects.toThrow(/last block is 99/u);
    await expect(disk.read(-1n, 1)).rejects.toBeInstanceOf(UsageError);
    await expect(disk.read(0n, 1.5)).rejects.toBeInstanceOf(UsageError);
    await expect(disk.write(99n, new Uint8Array(1024))).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await expect(disk.write(0n, new Uint8Array(100))).rejects.toThrow(/whole blocks of 512/u);
    await expect(disk.read(0n, 1, { into: new Uint8Array(5) })).rejects.toThrow(/buffer has 5 bytes/u);
    await expect(disk.unmap([{ lba: 99n, blocks: 2 }])).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(session.machine.core.window.cmdSn).toBe(before);
  });

  it('that is write protected is not written', async () => {
    const { store, bytes } = patterned(100);
    const rig = await startRig(cleanup, [{ store, unit: { readOnly: true } }]);
    const session = await rig.connect();
    const disk = await session.disk(0);
    expect(disk.writeProtected).toBe(true);
    await expect(disk.write(0n, new Uint8Array(512))).rejects.toMatchObject({ code: 'WRITE_PROTECTED' });
    await expect(disk.unmap([{ lba: 0n, blocks: 1 }])).rejects.toMatchObject({ code: 'WRITE_PROTECTED' });
    await expect(session.scsi.writeBlocks(0, 0n, 512, new Uint8Array(512))).rejects.toMatchObject({
      code: 'SCSI_CHECK_CONDITION',
    });
    expect(await disk.read(0n, 1)).toEqual(bytes.subarray(0, 512));
  });

  it('says which block could not be read', async () => {
    const store = new FaultStore(new MemoryStore({ blocks: 4096, blockSize: 512 }), clock, {
      unreadable: [{ lba: 1000n, count: 1n }],
    });
    const rig = await startRig(cleanup, [store]);
    const disk = await (await rig.connect()).disk(0);
    const error: unknown = await disk.read(0n, 4096).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ScsiError);
    expect((error as ScsiError).message).toMatch(/1000/u);
    expect(await disk.read(1001n, 10)).toEqual(new Uint8Array(5120));
  });

  it('ends its commands when the caller calls it off', async () => {
    const store = new FaultStore(new MemoryStore({ blocks: 4096, blockSize: 512 }), stuckClock(cleanup));
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect();
    const disk = await session.disk(0);
    store.faults.latencyMs = 60_000;
    const stop = new AbortController();
    const reading = disk.read(0n, 4096, { signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 20);
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(session.state).toBe('full');
    expect(session.machine.core.tasks.size).toBe(0);
    store.faults.latencyMs = 0;
    expect((await disk.read(0n, 1)).length).toBe(512);
    await expect(disk.read(0n, 1, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      hint: undefined,
    });
    const unsent = disk.write(0n, new Uint8Array(512), { signal: stop.signal });
    await expect(unsent).rejects.toMatchObject({ code: 'CANCELLED', hint: undefined });
  });

  it('says of a write that was called off that nobody knows what became of it', async () => {
    const store = new FaultStore(new MemoryStore({ blocks: 4096, blockSize: 512 }), stuckClock(cleanup));
    const rig = await startRig(cleanup, [store]);
    const disk = await (await rig.connect()).disk(0);
    store.faults.latencyMs = 60_000;
    const stop = new AbortController();
    const writing = disk.write(0n, new Uint8Array(512), { signal: stop.signal });
    stop.abort();
    await expect(writing).rejects.toMatchObject({
      code: 'CANCELLED',
      hint: expect.stringMatching(/^It may or may not have been carried out/u) as string,
    });
  });
});
