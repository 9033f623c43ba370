import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/errors/index.ts';
import { LogicalUnit, MemoryStore, SparseStore, StoreError, type BlockStore } from '../../../core/target/index.ts';
import { UNIT_ATTENTIONS, UnitAttentions } from '../../../core/target/unit/unit-attention.ts';
import { fromHex } from '../../support/bytes.ts';
import { keyText } from '../../support/raw-pdu.ts';
import { dataOf, makeServer, PORTAL, RawInitiator, senseOf, settle, TARGET_NAME } from './raw-initiator.ts';
import { A, B, makeUnit, told } from './unit-harness.ts';

const NO_TAG = 0xffffffff;

function diskUnit(store: BlockStore = new MemoryStore({ blocks: 64 }), serial = 'S1'): LogicalUnit {
  return new LogicalUnit({ store, identity: { serial } });
}

function rig(
  keys: Readonly<Record<string, string>> = {},
  config: Parameters<typeof makeServer>[1] = {},
  store?: BlockStore,
) {
  const unit = diskUnit(store);
  const server = makeServer(
    [{ luns: [{ lun: 0, unit }], offers: { maxConnections: 2, errorRecoveryLevel: 2 } }],
    config,
  );
  const initiator = new RawInitiator(server).loggedIn(keys);
  const text = (pairs: Readonly<Record<string, string>> | Uint8Array, fields: object = {}) =>
    initiator.pdu({
      opcode: 0x04,
      immediate: true,
      itt: 0x70,
      words: [NO_TAG, initiator.cmdSn, 0],
      data: pairs instanceof Uint8Array ? pairs : keyText(pairs),
      ...fields,
    });
  return { unit, server, initiator, text };
}

const answerOf = (pdus: readonly { readonly data: Uint8Array }[]): string[] =>
  Buffer.concat(pdus.map(({ data }) => data))
    .toString()
    .split('\0')
    .filter((line) => line !== '');

describe('text in full feature phase', () => {
  it('answers each key as it may be changed now', () => {
    const { text } = rig();
    expect(
      answerOf(
        text({ MaxBurstLength: '512', 'X-unknown': '1', InitiatorAlias: 'me', MaxRecvDataSegmentLength: '1024' }),
      ),
    ).toEqual(['MaxBurstLength=Reject', 'X-unknown=NotUnderstood', 'MaxRecvDataSegmentLength=262144']);
    for (const value of ['511', '16777216', 'many'])
      expect(answerOf(text({ MaxRecvDataSegmentLength: value }))).toEqual(['MaxRecvDataSegmentLength=Reject']);
  });

  it('names this target alone, and its portals', () => {
    const { text, server } = rig();
    server.portals.push({ host: '0.0.0.0', port: 3261, groupTag: 1 }, { host: 'fe80::1', port: 3260, groupTag: 2 });
    const own = [
      `TargetName=${TARGET_NAME}`,
      'TargetAddress=127.0.0.1:3260,1',
      'TargetAddress=127.0.0.1:3261,1',
      'TargetAddress=[fe80::1]:3260,2',
    ];
    expect(answerOf(text({ SendTargets: '' }))).toEqual(own);
    expect(answerOf(text({ SendTargets: TARGET_NAME }))).toEqual(own);
    expect(answerOf(text({ SendTargets: 'iqn.2026-01.other:one' }))).toEqual([]);
    expect(answerOf(text({ SendTargets: 'All' }))).toEqual(['SendTargets=Reject']);
  });

  it('comes and goes in parts', () => {
    const { text, initiator } = rig({ MaxRecvDataSegmentLength: '512' });
    const half = keyText({ SendTargets: '' }).subarray(0, 6);
    const [asked] = text(half, { flags: 0x40 });
    expect([asked?.flags, asked?.data.length]).toEqual([0, 0]);
    const ttt = asked?.words[0] ?? 0;
    const rest = text(keyText({ SendTargets: '' }).subarray(6), { words: [ttt, initiator.cmdSn, 0] });
    expect(answerOf(rest)[0]).toBe(`TargetName=${TARGET_NAME}`);
    const many: Record<string, string> = {};
    for (let i = 0; i < 40; i += 1) many[`X-key-${String(i)}`] = 'x';
    let [part] = text(many);
    const parts = part === undefined ? [] : [part];
    while (part !== undefined && (part.flags & 0x80) === 0) {
      [part] = text(new Uint8Array(0), { words: [part.words[0] ?? 0, initiator.cmdSn, 0] });
      if (part !== undefined) parts.push(part);
    }
    expect(parts.length).toBeGreaterThan(1);
    expect(answerOf(parts)).toHaveLength(40);
  });

  it('that cannot be is rejected', () => {
    const { text, initiator } = rig();
    const rejected = { opcode: 0x3f, byte2: 0x09 };
    expect(text({ SendTargets: '' }, { flags: 0xc0 })).toMatchObject([rejected]);
    expect(text({ SendTargets: '' }, { words: [77, initiator.cmdSn, 0] })).toMatchObject([rejected]);
    expect(text(Uint8Array.from(Buffer.from('no equals sign\0')))).toMatchObject([rejected]);
  });
});

describe('a LUN nobody has', () => {
  it('answers three commands and refuses the rest', () => {
    const { initiator } = rig();
    const inquiry = initiator.command([0x12, 0, 0, 0, 36, 0], { flags: 0xc0, expected: 36, lun: 9 });
    expect(dataOf(inquiry)[0]).toBe(0x7f);
    for (const cdb of [
      [0x12, 1, 0, 0, 36, 0],
      [0x12, 0, 1, 0, 36, 0],
      [0, 0, 0, 0, 0, 0],
    ])
      expect(senseOf(initiator.command(cdb, { lun: 9 }).at(-1))).toEqual([5, 0x25, 0]);
    const sense = dataOf(initiator.command([0x03, 0, 0, 0, 18, 0], { flags: 0xc0, expected: 18, lun: 9 }));
    expect([sense[2], sense[12]]).toEqual([5, 0x25]);
    const luns = (select: number): Uint8Array =>
      dataOf(initiator.command([0xa0, 0, select, 0, 0, 0, 0, 0, 0, 64, 0, 0], { flags: 0xc0, expected: 64, lun: 9 }));
    expect([luns(0)[3], luns(1)[3]]).toEqual([8, 0]);
    expect(senseOf(initiator.command([0xa0, 0, 3, 0, 0, 0, 0, 0, 0, 64, 0, 0], { lun: 9 }).at(-1))).toEqual([
      5, 0x24, 0,
    ]);
  });

  it('is also one that is addressed in a way nobody uses here', () => {
    const { initiator } = rig();
    const tur = (lun: readonly number[]) =>
      senseOf(
        initiator
          .pdu({
            opcode: 0x01,
            itt: 0x900 + initiator.cmdSn,
            isid: lun,
            words: [0, (initiator.cmdSn += 1) - 1, 0],
            cdb: [0],
          })
          .at(-1),
      );
    expect(tur([0, 0, 0, 1, 0, 0])).toEqual([5, 0x25, 0]);
    expect(tur([0x80, 0, 0, 0, 0, 0])).toEqual([5, 0x25, 0]);
    expect(tur([0, 0, 0, 0, 0, 1])).toEqual([5, 0x25, 0]);
  });
});

describe('a store that cannot', () => {
  it.each([
    ['a bad block', { kind: 'mediumError', lba: 7n, write: false }, [3, 0x11, 0]],
    ['a bad block of a write', { kind: 'mediumError', lba: 7n, write: true }, [3, 0x0c, 0]],
    ['a store that is away', { kind: 'notReady' }, [2, 0x04, 0]],
    ['a store that is full', { kind: 'spaceExhausted' }, [7, 0x27, 7]],
    ['a broken store', { kind: 'hardware', text: 'x' }, [4, 0x44, 0]],
  ] as const)('says so as SCSI does: %s', async (_what, failure, sense) => {
    for (const late of [false, true]) {
      const error = new StoreError(failure, 'x');
      const store: BlockStore = {
        blockSize: 512,
        blocks: 64n,
        writable: true,
        thin: false,
        read: () => {
          if (late) return Promise.reject(error);
          throw error;
        },
        write: () => undefined,
        flush: () => undefined,
      };
      const { initiator } = rig({}, {}, store);
      initiator.read(0, 1);
      await settle();
      expect(senseOf(initiator.seen.at(-1))).toEqual(sense);
    }
  });

  it('is busy, has its set full, or ends the connection', async () => {
    for (const [kind, status] of [
      ['busy', 0x08],
      ['taskSetFull', 0x28],
      ['dropConnection', -1],
    ] as const) {
      const store: BlockStore = {
        blockSize: 512,
        blocks: 64n,
        writable: true,
        thin: false,
        read: () => Promise.reject(new StoreError({ kind }, 'x')),
        write: () => Promise.reject(new StoreError({ kind }, 'x')),
        flush: () => undefined,
      };
      const { initiator } = rig({}, {}, store);
      initiator.read(0, 1);
      await settle();
      if (status < 0) expect(initiator.destroyed).toBe(true);
      else expect(initiator.seen.at(-1)?.status).toBe(status);
    }
  });

  it('answers late, in pieces that fit no block, and the data is right', async () => {
    const bytes = Uint8Array.from({ length: 64 * 512 }, (_, i) => (i * 11) & 0xff);
    const inner = new MemoryStore({ blocks: 64, bytes });
    const store: BlockStore = {
      blockSize: 512,
      blocks: 64n,
      writable: true,
      thin: false,
      read: async (lba, into) => {
        await Promise.resolve();
        inner.read(lba, into);
      },
      write: () => undefined,
      flush: () => undefined,
    };
    for (const segment of ['1000', '1024', '65536']) {
      const { initiator } = rig({ MaxRecvDataSegmentLength: segment }, {}, store);
      initiator.read(2, 5);
      await settle();
      expect(dataOf(initiator.seen)).toEqual(bytes.subarray(1024, 1024 + 2560));
    }
  });
});

describe('task management', () => {
  it('tells which tasks and attentions there are', async () => {
    const { initiator, unit } = rig();
    initiator.write(0, 1);
    const tag = initiator.itt;
    const response = (code: number, options: Parameters<RawInitiator['manage']>[1] = {}): number | undefined =>
      initiator.manage(code, options).find(({ opcode }) => opcode === 0x22)?.byte2;
    // QUERY TASK, QUERY TASK SET: 7 where there is one (RFC 7144 5).
    expect([response(9, { referenced: tag }), response(9, { referenced: 0x999 }), response(10)]).toEqual([7, 0, 7]);
    // QUERY ASYNCHRONOUS EVENT, and a LUN nobody has.
    expect([response(12), response(10, { lun: 3 })]).toEqual([0, 2]);
    unit.raiseForAll(UNIT_ATTENTIONS.modeParametersChanged);
    expect(response(12)).toBe(7);
    expect(response(2)).toBe(0);
    await settle();
    // CLEAR ACA is not supported, I_T NEXUS RESET is.
    expect([response(10), response(3), response(11)]).toEqual([0, 5, 0]);
  });

  it('CLEAR TASK SET reaches tasks of others, who learn of it', async () => {
    const { initiator, server } = rig();
    const other = new RawInitiator(server);
    other.login({ InitiatorName: 'iqn.2026-01.org.lunascope.test:other' }, { isid: [0x80, 9, 9, 9, 0, 9] });
    other.write(0, 1);
    initiator.manage(4);
    await settle();
    expect(senseOf(other.command([0]).at(-1))).toEqual([6, 0x2f, 0]);
  });
});

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
