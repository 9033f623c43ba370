import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/errors/index.ts';
import { LogicalUnit, MemoryStore, SparseStore } from '../../../core/target/index.ts';
import { UNIT_ATTENTIONS, UnitAttentions } from '../../../core/target/unit/unit-attention.ts';
import { fromHex } from '../../support/bytes.ts';
import { PORTAL, RawInitiator, TARGET_NAME } from './raw-initiator.ts';
import { A, B, makeUnit, told } from './unit-harness.ts';
import { diskUnit, rig, NO_TAG } from './served-disk.ts';

describe('a server', () => {
  it('refuses targets and numbers that cannot be', () => {
    const { server, unit } = rig();
    expect(() => server.addTarget({ name: TARGET_NAME, luns: [] })).toThrow(UsageError);
    for (const name of ['', 'disk', `iqn.2026-01.org:${'x'.repeat(220)}`])
      expect(() => server.addTarget({ name, luns: [] })).toThrow(UsageError);
    const named = (luns: readonly { lun: number; unit: LogicalUnit }[]) => () =>
      server.addTarget({ name: 'iqn.2026-01.org.lunascope.test:more', luns });
    expect(named([{ lun: -1, unit }])).toThrow(UsageError);
    expect(named([{ lun: 1.5, unit }])).toThrow(UsageError);
    expect(named([{ lun: 1 << 20, unit }])).toThrow(UsageError);
    expect(
      named([
        { lun: 1, unit },
        { lun: 1, unit },
      ]),
    ).toThrow(UsageError);
    expect(() => diskUnit(undefined, '')).toThrow(UsageError);
    expect(() => diskUnit(undefined, 'x'.repeat(33))).toThrow(UsageError);
  });

  it('sends logins elsewhere while it is told to, and lets targets go', () => {
    const { server, initiator } = rig();
    server.redirect(TARGET_NAME, { address: { host: '10.0.0.7', port: 3260, groupTag: 1 }, permanent: false });
    const away = new RawInitiator(server).login().at(-1);
    expect((away?.words[4] ?? 0) >>> 16).toBe(0x0101);
    server.redirect(TARGET_NAME, undefined);
    new RawInitiator(server).loggedIn({}, { isid: [0x80, 5, 5, 5, 0, 5] });
    expect(server.sessions).toHaveLength(2);
    server.removeTarget('iqn.2026-01.nobody:here');
    server.removeTarget(TARGET_NAME);
    expect([server.sessions, initiator.ended, server.target(TARGET_NAME)]).toEqual([[], true, undefined]);
    server.close();
  });

  it('takes no more sessions than it may, and none with a handle nobody has', () => {
    const { server } = rig({}, { limits: { sessions: 1 } });
    const more = new RawInitiator(server).login({}, { isid: [0x80, 5, 5, 5, 0, 5] }).at(-1);
    expect((more?.words[4] ?? 0) >>> 16).toBe(0x0302);
    const lost = new RawInitiator(server).login({}, { tsih: 0x777 }).at(-1);
    expect((lost?.words[4] ?? 0) >>> 16).toBe(0x020a);
    const stranger = new RawInitiator(server).login({}, { tsih: 1, isid: [0x80, 6, 6, 6, 0, 6] }).at(-1);
    expect((stranger?.words[4] ?? 0) >>> 16).toBe(0x020a);
  });

  it('ends what takes too long: logins, answers, and what nobody reads', () => {
    const { server, initiator } = rig(
      {},
      { keepAlive: { intervalMs: 1000, timeoutMs: 500 }, limits: { loginMs: 3000, sendStallMs: 2000 } },
    );
    const idle = new RawInitiator(server);
    server.timeout(2999);
    expect([idle.closed, initiator.seen.at(-1)?.opcode]).toEqual([false, 0x20]);
    server.timeout(3600);
    expect([idle.closed, initiator.destroyed]).toEqual([true, true]);
    const quiet = rig({}, { limits: { sendStallMs: 2000 } });
    quiet.initiator.queuedBytes = 100;
    for (const now of [1, 1000, 2000]) quiet.server.timeout(now);
    expect(quiet.initiator.destroyed).toBe(false);
    quiet.server.timeout(2100);
    quiet.server.timeout(4200);
    expect(quiet.initiator.destroyed).toBe(true);
  });

  it('announces events, and drops what it said it would', () => {
    const events = ['dropConnection', 'dropSession'] as const;
    for (const kind of events) {
      const { server, initiator } = rig({ ErrorRecoveryLevel: '1' });
      expect(server.announce(0x999, { kind, time2Wait: 1, time2Retain: 2 })).toBe(false);
      expect(server.announce(initiator.tsih, { kind, time2Wait: 1, time2Retain: 2 })).toBe(true);
      expect(initiator.seen.at(-1)).toMatchObject({ opcode: 0x32 });
      expect([initiator.ended, server.sessions]).toEqual([true, []]);
    }
  });

  it('keeps the parts of a command that came before its turn only as far as there is room', () => {
    const { initiator, server } = rig({ InitialR2T: 'No', FirstBurstLength: '4096' }, { limits: { heldBytes: 1500 } });
    const [first] = initiator.write(0, 4, { flags: 0x20, cmdSn: 2, data: new Uint8Array(512).fill(1) });
    expect(first).toBeUndefined();
    initiator.dataOut(initiator.itt, NO_TAG, 0, 512, new Uint8Array(512).fill(2), false);
    expect(server.heldBytes).toBe(48 + 512 + 48 + 512);
    initiator.dataOut(initiator.itt, NO_TAG, 1, 1024, new Uint8Array(1024).fill(3), true);
    expect([initiator.destroyed, server.heldBytes]).toEqual([true, 0]);
    const many = rig({}, { limits: { heldBytes: 100 } });
    many.initiator.command([0], { cmdSn: 2 });
    expect(many.initiator.destroyed).toBe(false);
    many.initiator.command([0], { cmdSn: 3 });
    many.initiator.command([0], { cmdSn: 4 });
    expect(many.initiator.destroyed).toBe(true);
  });

  it('removes a connection for recovery where it may, and only then', () => {
    const leave = (initiator: RawInitiator, reason: number, cid: number): number | undefined =>
      initiator
        .pdu({ opcode: 0x06, immediate: true, flags: 0x80 | reason, itt: 0x99, words: [cid << 16, initiator.cmdSn, 0] })
        .find(({ opcode }) => opcode === 0x26)?.byte2;
    const plain = rig();
    expect([leave(plain.initiator, 2, 0), leave(plain.initiator, 9, 0), leave(plain.initiator, 1, 5)]).toEqual([
      2, 3, 1,
    ]);
    const { server, initiator } = rig({ ErrorRecoveryLevel: '2', MaxConnections: '2' });
    const second = new RawInitiator(server);
    second.login({}, { tsih: initiator.tsih, cid: 1 });
    second.write(0, 1, { itt: 0x500, cmdSn: initiator.cmdSn });
    expect(leave(initiator, 2, 1)).toBe(0);
    expect(second.destroyed).toBe(true);
    expect([leave(initiator, 2, 1), leave(initiator, 2, 7)]).toEqual([0, 1]);
    expect(server.sessions[0]?.connections.map(({ cid }) => cid)).toEqual([0]);
  });
});

describe('unit attentions', () => {
  it('are kept once each, a reset in place of all others', () => {
    const attentions = new UnitAttentions();
    attentions.raise('a', UNIT_ATTENTIONS.modeParametersChanged);
    attentions.raise('a', UNIT_ATTENTIONS.modeParametersChanged);
    attentions.raise('a', UNIT_ATTENTIONS.reportedLunsChanged);
    attentions.clear('a', UNIT_ATTENTIONS.reportedLunsChanged);
    attentions.clear('b', UNIT_ATTENTIONS.reportedLunsChanged);
    expect(attentions.take('a')).toBe(UNIT_ATTENTIONS.modeParametersChanged);
    expect([attentions.take('a'), attentions.pending('a'), attentions.any]).toEqual([undefined, false, false]);
    attentions.raise('a', UNIT_ATTENTIONS.reportedLunsChanged);
    attentions.clear('a', UNIT_ATTENTIONS.reportedLunsChanged);
    expect(attentions.any).toBe(false);
    attentions.raise('a', UNIT_ATTENTIONS.reportedLunsChanged);
    attentions.raise('a', UNIT_ATTENTIONS.powerOn);
    expect([attentions.take('a'), attentions.take('a')]).toEqual([UNIT_ATTENTIONS.powerOn, undefined]);
    attentions.raise('a', UNIT_ATTENTIONS.powerOn);
    attentions.forget('a');
    expect(attentions.any).toBe(false);
  });

  it('tell of another medium or size where the store is exchanged', async () => {
    const unit = makeUnit();
    unit.replaceStore(new SparseStore({ blocks: 4096 }));
    expect(await told(unit, [0])).toBe('00');
    unit.replaceStore(new SparseStore({ blocks: 99 }));
    expect(await told(unit, [0], { nexus: B })).toBe('02 6/2a/09');
    const removable = makeUnit({ removable: true });
    removable.replaceStore(new SparseStore({ blocks: 4096 }));
    expect(await told(removable, [0])).toBe('02 6/28/00');
    expect([unit.setAccessState(5, 'standby', A.id)]).toEqual([false]);
  });

  it('of a nexus that was here before say that it was lost', async () => {
    const unit = new LogicalUnit({ store: new MemoryStore({ blocks: 8 }), identity: { serial: 'N' } });
    unit.addNexus(A, true);
    expect(await told(unit, [0])).toBe('02 6/29/00');
    unit.loseNexus(A.id);
    unit.addNexus(A, true);
    expect(await told(unit, [0])).toBe('02 6/29/07');
  });
});

it('a portal is where it says it is', () => {
  const { server } = rig();
  const origin = { remoteAddress: 'r', remotePort: 1, localAddress: '10.1.1.1', portal: PORTAL };
  expect(server.advertised({ host: '::', port: 5, groupTag: 1 }, origin)).toEqual({ host: '10.1.1.1', port: 5 });
  expect(server.advertised(PORTAL, origin)).toEqual({ host: '127.0.0.1', port: 3260 });
  expect(fromHex('00')).toHaveLength(1);
});
