import { afterEach, describe, expect, it } from 'vitest';
import { SparseStore } from '../../../core/target/index.ts';
import type { Session } from '../../../core/initiator/index.ts';
import { Cleanup, patterned, startRig } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function open(): Promise<{ session: Session; bytes: Uint8Array }> {
  const { store, bytes } = patterned(2048);
  const rig = await startRig(cleanup, [store, new SparseStore({ blocks: 4096, blockSize: 512, limitBytes: 1 << 22 })]);
  return { session: await rig.connect(), bytes };
}

describe('the typed tier', () => {
  it.each([6, 10, 12, 16] as const)('reads and writes with commands of %i bytes', async (form) => {
    const { session, bytes } = await open();
    expect(await session.scsi.readBlocks(0, 5n, 3, 512, { form })).toEqual(bytes.subarray(5 * 512, 8 * 512));
    const data = new Uint8Array(1024).fill(form);
    await session.scsi.writeBlocks(0, 7n, 512, data, { form });
    expect(await session.scsi.readBlocks(0, 7n, 2, 512)).toEqual(data);
  });

  it('refuses what a command cannot say', async () => {
    const { session } = await open();
    await expect(async () => session.scsi.readBlocks(0, 0n, 257, 512, { form: 6 })).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
    });
    await expect(async () => session.scsi.readBlocks(0, 1n << 33n, 1, 512, { form: 10 })).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
    });
    await expect(session.scsi.writeBlocks(0, 0n, 512, new Uint8Array(512), { form: 6, fua: true })).rejects.toThrow(
      /no FUA/u,
    );
    await expect(session.scsi.writeBlocks(0, 0n, 512, new Uint8Array(100))).rejects.toThrow(/whole blocks/u);
    await expect(session.scsi.testUnitReady(0, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
  });

  it('compares and writes as one step', async () => {
    const { session, bytes } = await open();
    const fresh = new Uint8Array(512).fill(0xee);
    await session.scsi.compareAndWrite(0, 3n, 512, bytes.subarray(3 * 512, 4 * 512), fresh);
    expect(await session.scsi.readBlocks(0, 3n, 1, 512)).toEqual(fresh);
    await expect(session.scsi.compareAndWrite(0, 3n, 512, bytes.subarray(0, 512), fresh)).rejects.toMatchObject({
      code: 'SCSI_CHECK_CONDITION',
    });
    expect(() => session.scsi.compareAndWrite(0, 3n, 512, fresh, new Uint8Array(1024))).toThrow(/same length/u);
  });

  it('writes the same block many times, deallocates and asks what is mapped', async () => {
    const { session } = await open();
    await session.scsi.writeSame(1, 100n, 50, new Uint8Array(512).fill(1));
    expect(await session.scsi.readBlocks(1, 149n, 1, 512)).toEqual(new Uint8Array(512).fill(1));
    await session.scsi.unmap(1, [{ lba: 0n, blocks: 4096 }]);
    expect(await session.scsi.readBlocks(1, 149n, 1, 512)).toEqual(new Uint8Array(512));
    const status = await session.scsi.decoded.lbaStatus(1, 0n);
    expect(status.ranges.length).toBeGreaterThan(0);
    expect(status.ranges.every((range) => range.state !== 0)).toBe(true);
    await session.scsi.verify(0, 0n, 2048);
    await session.scsi.synchronizeCache(0, { lba: 0n, blocks: 10 });
    await expect(session.scsi.verify(0, 2048n, 1)).rejects.toMatchObject({ code: 'SCSI_CHECK_CONDITION' });
  });

  it('gives pages taken apart', async () => {
    const { session } = await open();
    const { decoded } = session.scsi;
    expect((await decoded.vpd(0, 0x80)).content).toMatchObject({ kind: 'unitSerialNumber' });
    expect((await decoded.mode(0, 0x3f)).pages.map((page) => page.pageCode)).toContain(8);
    expect((await decoded.commands(0)).commands.length).toBeGreaterThan(20);
    expect((await decoded.taskFunctions(0)).warnings).toEqual([]);
    expect((await decoded.log(0, 0)).pageCode).toBe(0);
    expect((await session.scsi.requestSense(0)).key).toBe(0);
    await expect(decoded.vpd(0, 0xee)).rejects.toMatchObject({ code: 'SCSI_CHECK_CONDITION' });
    await expect(decoded.toc(0)).rejects.toMatchObject({ code: 'SCSI_CHECK_CONDITION' });
  });

  it('changes a mode page and puts it back', async () => {
    const { session } = await open();
    const before = await session.scsi.modeSense10(0, 8);
    const parameters = before.slice();
    parameters.fill(0, 0, 2);
    const page = parameters.length - 20;
    parameters[page] = (parameters[page] ?? 0) & 0x3f;
    await session.scsi.modeSelect10(0, parameters);
    expect(await session.scsi.modeSense10(0, 8)).toEqual(before);
  });

  it('registers, reserves, refuses another and lets go', async () => {
    const { store } = patterned(64);
    const rig = await startRig(cleanup, [store]);
    const [one, two] = [await rig.connect(), await rig.connect()];
    const { reservations } = one.scsi;
    await reservations.write(0, 'prOutRegister', { actionKey: 0x1234n });
    await reservations.write(0, 'prOutReserve', { key: 0x1234n, type: 'exclusiveAccess' });
    expect((await reservations.keys(0)).keys).toEqual([0x1234n]);
    expect((await two.scsi.reservations.held(0)).reservation).toMatchObject({ key: 0x1234n, type: 3 });
    await expect(two.scsi.readBlocks(0, 0n, 1, 512)).rejects.toMatchObject({
      code: 'SCSI_RESERVATION_CONFLICT',
      retryable: false,
    });
    const { registrations } = await reservations.status(0);
    expect(registrations.map((each) => each.initiator.name)).toEqual([one.options.initiatorName]);
    expect((await reservations.capabilities(0)).warnings).toEqual([]);
    await reservations.write(0, 'prOutClear', { key: 0x1234n });
    expect((await two.scsi.readBlocks(0, 0n, 1, 512)).length).toBe(512);
    expect((await reservations.held(0)).reservation).toBeUndefined();
  });

  it('starts, stops and says that a stopped unit is not ready', async () => {
    const { session } = await open();
    await session.scsi.startStopUnit(0, { start: false });
    await expect(session.scsi.testUnitReady(0)).rejects.toMatchObject({ code: 'SCSI_CHECK_CONDITION' });
    await session.scsi.startStopUnit(0, { start: true });
    await session.scsi.testUnitReady(0);
  });
});
