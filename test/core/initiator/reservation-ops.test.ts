import { afterEach, describe, expect, it } from 'vitest';
import { encodeIscsiTransportId } from '../../../core/scsi/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import type { Request } from '../../hostile/peers/wire.ts';
import { connectRaw } from './raw-peer.ts';
import { Cleanup, patterned, startRig } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

describe('persistent reservations', () => {
  it('go from registration to release, and say at each step what there is', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const mine = 'iqn.2026-01.org.lunascope:mine';
    const session = await rig.connect({ initiatorName: mine });
    const { reservations } = session.scsi;
    expect((await reservations.keys(0)).keys).toEqual([]);
    expect((await reservations.held(0)).reservation).toBeUndefined();
    await reservations.write(0, 'prOutRegister', { actionKey: 0x11n });
    await reservations.write(0, 'prOutReserve', { key: 0x11n, type: 'writeExclusive' });
    expect((await reservations.keys(0)).keys).toEqual([0x11n]);
    expect((await reservations.held(0)).reservation).toMatchObject({ typeName: 'Write exclusive' });
    const { registrations } = await reservations.status(0);
    expect(registrations).toHaveLength(1);
    expect(registrations[0]).toMatchObject({ key: 0x11n, holder: true, initiator: { name: mine } });
    expect((await reservations.capabilities(0)).warnings).toEqual([]);

    const other = await rig.connect();
    await expect(other.scsi.writeBlocks(0, 0n, 512, new Uint8Array(512))).rejects.toMatchObject({
      code: 'SCSI_RESERVATION_CONFLICT',
    });
    await reservations.write(0, 'prOutRelease', { key: 0x11n, type: 'writeExclusive' });
    expect((await reservations.held(0)).reservation).toBeUndefined();
    await other.scsi.writeBlocks(0, 0n, 512, new Uint8Array(512));
  });

  it('move to another initiator', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const isid = Uint8Array.of(0x80, 0, 0, 0, 0, 7);
    const theirs = 'iqn.2026-01.org.lunascope:theirs';
    await rig.connect({ initiatorName: theirs, isid });
    const { reservations } = (await rig.connect()).scsi;
    await reservations.write(0, 'prOutRegister', { actionKey: 0x11n });
    await reservations.write(0, 'prOutReserve', { key: 0x11n, type: 'exclusiveAccessRegistrantsOnly' });
    await reservations.move(0, {
      key: 0x11n,
      actionKey: 0x22n,
      type: 'exclusiveAccessRegistrantsOnly',
      relativePort: 1,
      transportId: encodeIscsiTransportId(theirs, '800000000007'),
      unregister: true,
    });
    const { registrations } = await reservations.status(0);
    expect(registrations.map(({ key, holder }) => [key, holder])).toEqual([[0x22n, true]]);
  });

  it('are sent with the bits a caller sets, and zeros where nothing is said', async () => {
    const target = new RawTarget();
    const sent: Request[] = [];
    target.on(
      0x01,
      (connection, request) => {
        sent.push(request);
        connection.send({ opcode: 0x21, itt: request.itt });
        return true;
      },
      0x5f,
    );
    const { reservations } = (await connectRaw(cleanup, target, { immediateData: true })).scsi;
    await reservations.write(0, 'prOutClear', {});
    await reservations.write(0, 'prOutRegister', { actionKey: 5n, aptpl: true, allTargetPorts: true });
    await reservations.move(0, {
      relativePort: 2,
      transportId: encodeIscsiTransportId('iqn.2026-01.org.lunascope:theirs'),
    });
    // Action, scope and type, and byte 20 of the list: SPEC_I_PT, ALL_TG_PT, APTPL (SPC-5 table 207).
    expect(sent.map((each) => [each.cdb[1], each.cdb[2], each.data[20]])).toEqual([
      [3, 0, 0],
      [0, 0, 5],
      [7, 0, 0],
    ]);
    expect(sent[1]?.data.subarray(0, 16).toString('hex')).toBe('00000000000000000000000000000005');
    expect(sent[2]?.data.readUInt16BE(18)).toBe(2);
  });
});
