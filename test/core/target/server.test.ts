import { describe, expect, it } from 'vitest';
import { MemoryStore, StoreError, type BlockStore } from '../../../core/target/index.ts';
import { UNIT_ATTENTIONS } from '../../../core/target/unit/unit-attention.ts';
import { keyText } from '../../support/raw-pdu.ts';
import { dataOf, RawInitiator, senseOf, settle, TARGET_NAME } from './raw-initiator.ts';
import { rig } from './served-disk.ts';

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
