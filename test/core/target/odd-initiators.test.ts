import { describe, expect, it } from 'vitest';
import { LogicalUnit, MemoryStore, type BlockStore } from '../../../core/target/index.ts';
import { keyText, rawPdu } from '../../support/raw-pdu.ts';
import { stuckStore } from './block-commands.ts';
import { makeServer, PORTAL, RawInitiator, senseOf, settle, TARGET_NAME } from './raw-initiator.ts';

const NO_TAG = 0xffffffff;
const TUR = [0, 0, 0, 0, 0, 0];

function rig(
  keys: Readonly<Record<string, string>> = {},
  config: Parameters<typeof makeServer>[1] = {},
  store: BlockStore = new MemoryStore({ blocks: 64 }),
) {
  const unit = new LogicalUnit({ store, identity: { serial: 'O1' } });
  const server = makeServer(
    [{ luns: [{ lun: 0, unit }], offers: { maxConnections: 2, errorRecoveryLevel: 2 } }],
    config,
  );
  const closed: string[] = [];
  server.subscribe((event) => {
    if (event.kind === 'connectionClosed') closed.push(event.reason);
  });
  return { unit, server, closed, initiator: new RawInitiator(server).loggedIn(keys) };
}

describe('a connection', () => {
  it('has neither session nor parameters before it has logged in', () => {
    const { connection } = new RawInitiator(rig().server);
    expect(() => connection.sessionOrFail).toThrow(/no session yet/u);
    expect(() => connection.agreed).toThrow(/not logged in yet/u);
  });

  it('ends once, however often it is ended', () => {
    const { initiator, server, closed } = rig();
    initiator.connection.end('first');
    initiator.connection.end('second');
    initiator.connection.close('third');
    initiator.connection.handleClosed('fourth');
    server.forget(initiator.connection, 'fifth');
    initiator.connection.send(new Uint8Array(48));
    expect([closed, initiator.destroyed]).toEqual([['first'], false]);
  });

  it('is closed where it does not answer a ping in time', () => {
    const { initiator, server, closed } = rig({}, { keepAlive: { intervalMs: 1000, timeoutMs: 500 } });
    server.timeout(1000);
    expect(initiator.seen.at(-1)?.opcode).toBe(0x20);
    server.timeout(1499);
    expect(initiator.destroyed).toBe(false);
    server.timeout(1500);
    expect([initiator.destroyed, closed]).toEqual([true, ['the initiator does not answer']]);
  });

  it('is closed where it never acknowledges what is kept for it', () => {
    const { initiator, closed } = rig({ ErrorRecoveryLevel: '1' });
    for (let i = 0; i <= 8192 && !initiator.destroyed; i += 1) initiator.command(TUR, { immediate: true });
    expect(closed).toEqual(['the initiator acknowledges no status']);
  });

  it('closes over a mistake of its own, which is told', () => {
    const { initiator, server } = rig();
    const told: unknown[] = [];
    server.subscribe((event) => {
      if (event.kind === 'internalError') told.push(event.error);
      if (event.kind === 'command') throw new Error('A listener that fails.');
    });
    initiator.command(TUR);
    expect([initiator.destroyed, told]).toEqual([true, [new Error('A listener that fails.')]]);
  });

  it('takes nothing that follows a logout', () => {
    const { initiator } = rig();
    const logout = { opcode: 0x06, immediate: true, itt: 7, words: [0, initiator.cmdSn, 0] };
    expect(initiator.pdu(logout).map(({ opcode }) => opcode)).toEqual([0x26]);
    expect(initiator.command(TUR)).toEqual([]);
  });
});

describe('unsolicited data', () => {
  const keys = { InitialR2T: 'No', ImmediateData: 'No', FirstBurstLength: '1024' };
  const write = (initiator: RawInitiator): number => {
    initiator.write(0, 4, { flags: 0x20 });
    return initiator.itt;
  };

  it.each([
    ['that begins elsewhere', 0, 512, 512],
    ['that is numbered otherwise', 1, 0, 512],
    ['beyond the first burst', 0, 0, 1536],
  ])('%s fails its command', (_name, dataSn, offset, length) => {
    const { initiator } = rig(keys);
    const itt = write(initiator);
    const [answer] = initiator.dataOut(itt, NO_TAG, dataSn, offset, new Uint8Array(length), true);
    expect([answer?.opcode, answer?.itt, answer?.status, senseOf(answer)?.[0]]).toEqual([0x21, itt, 2, 0x0b]);
  });

  it('of a command nobody sent is rejected', () => {
    const { initiator } = rig(keys);
    expect(initiator.dataOut(0x999, NO_TAG, 0, 0, new Uint8Array(512), true)).toMatchObject([{ opcode: 0x3f }]);
  });
});

describe('logging out of another connection', () => {
  it('ends the commands it has, and nothing else', async () => {
    const { server, initiator } = rig({ MaxConnections: '2' }, {}, stuckStore());
    const second = new RawInitiator(server);
    second.login({}, { tsih: initiator.tsih, cid: 1 });
    second.read(0, 1, { itt: 0x500, cmdSn: initiator.cmdSn });
    initiator.cmdSn += 1;
    initiator.read(0, 1, { itt: 0x600 });
    const session = server.sessionsOf()[0];
    expect([...(session?.tasks.keys() ?? [])]).toEqual([0x500, 0x600]);
    const logout = { opcode: 0x06, immediate: true, flags: 0x81, itt: 7, words: [1 << 16, initiator.cmdSn, 0] };
    expect(initiator.pdu(logout)).toMatchObject([{ opcode: 0x26, byte2: 0 }]);
    await settle();
    expect([second.ended, [...(session?.tasks.values() ?? [])].filter((task) => !task.aborted).length]).toEqual([
      true,
      1,
    ]);
  });
});

describe('SNACK for every status', () => {
  it('sends all that are kept', () => {
    const { initiator } = rig({ ErrorRecoveryLevel: '1' });
    for (let i = 0; i < 3; i += 1) initiator.command(TUR);
    const all = { opcode: 0x10, immediate: true, flags: 0x81, itt: NO_TAG, words: [NO_TAG, 0, 0, 0, 0, 0, 0] };
    expect(initiator.pdu(all).map(({ opcode }) => opcode)).toEqual([0x21, 0x21, 0x21]);
  });
});

describe('a target', () => {
  it.each([
    ['forbidden', 0x0202],
    ['unavailable', 0x0301],
    ['removed', 0x0204],
  ] as const)('that is %s turns logins away', (closed, status) => {
    const { server } = rig();
    const [target] = server.targets;
    if (target !== undefined) target.closed = closed;
    const [answer] = new RawInitiator(server).login();
    expect((answer?.words[4] ?? 0) >>> 16).toBe(status);
  });

  it('gives its alias, and joins nobody to a session there is not', () => {
    const server = makeServer([{ alias: 'Scratch' }]);
    const [answer] = new RawInitiator(server).login();
    expect(new TextDecoder().decode(answer?.data)).toContain('TargetAlias=Scratch\0');
    const [refused] = new RawInitiator(server).login({}, { tsih: 0x77 });
    expect((refused?.words[4] ?? 0) >>> 16).toBe(0x020a);
  });

  it('is listed with the portals it is reached through alone', () => {
    const server = makeServer([
      { portalGroups: [1] },
      { name: `${TARGET_NAME}2`, portalGroups: [2] },
      { name: `${TARGET_NAME}3` },
    ]);
    server.portals.push({ host: '::', port: 3261, groupTag: 2 });
    const finder = new RawInitiator(server).loggedIn({ SessionType: 'Discovery' });
    const ask = (value: string): string[] => {
      const data = keyText({ SendTargets: value });
      const [answer] = finder.pdu({ opcode: 0x04, immediate: true, itt: 5, words: [NO_TAG, finder.cmdSn, 0], data });
      return new TextDecoder()
        .decode(answer?.data)
        .split('\0')
        .filter((line) => line !== '');
    };
    const first = `TargetAddress=${PORTAL.host}:3260,1`;
    const second = `TargetAddress=127.0.0.1:3261,2`;
    expect(ask('All')).toEqual([
      `TargetName=${TARGET_NAME}`,
      first,
      `TargetName=${TARGET_NAME}2`,
      second,
      `TargetName=${TARGET_NAME}3`,
      first,
      second,
    ]);
    expect(ask(`${TARGET_NAME}2`)).toEqual([`TargetName=${TARGET_NAME}2`, second]);
    expect(ask('')).toEqual(ask('All'));
  });

  it('that is reset warm ends the commands of all, and cuts nobody off', async () => {
    const { server, initiator } = rig({}, {}, stuckStore());
    const other = new RawInitiator(server).loggedIn({ InitiatorName: 'iqn.2026-01.org.lunascope.test:other' });
    other.read(0, 1);
    initiator.read(0, 1);
    const tasks = server.tasksOf(() => true);
    initiator.manage(6);
    await settle();
    expect([tasks.map((task) => task.aborted), initiator.closed, other.closed]).toEqual([[true, true], false, false]);
  });
});

describe('a command', () => {
  it('whose CDB goes on in an additional header is looked at whole', () => {
    const { initiator } = rig();
    const cdb = [0x7f, 0, 0, 0, 0, 0, 0, 24, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
    const plain = rawPdu({ opcode: 0x01, itt: 5, words: [0, initiator.cmdSn, 0], cdb });
    // Extended CDB (RFC 7143 11.2.2.3): 17 bytes follow the type, a reserved one and the last sixteen of the CDB.
    const ahs = [0, 17, 1, 0, ...new Array<number>(16).fill(0)];
    const whole = Uint8Array.from([...plain, ...ahs]);
    whole[4] = ahs.length / 4;
    const [answer] = initiator.raw(whole);
    expect([answer?.opcode, answer?.itt, answer?.status, senseOf(answer)?.[0]]).toEqual([0x21, 5, 2, 5]);
  });

  it('that never came may be aborted many times over; data of those remembered is dropped, of others rejected', () => {
    const { initiator } = rig({ InitialR2T: 'No' }, { limits: { window: 512 } });
    initiator.cmdSn = 400;
    for (let i = 0; i < 300; i += 1) {
      const [answer] = initiator.manage(1, { referenced: 0x1000 + i, refCmdSn: 1 + i });
      expect([answer?.opcode, answer?.byte2]).toEqual([0x22, 0]);
    }
    const stray = (itt: number) => initiator.dataOut(itt, NO_TAG, 0, 0, new Uint8Array(512), true);
    expect(stray(0x1000 + 299)).toEqual([]);
    expect(stray(0x1000)).toMatchObject([{ opcode: 0x3f }]);
  });
});

describe('memory for writes', () => {
  it('is waited for in turn, by those that are not aborted meanwhile', async () => {
    const keys = { InitialR2T: 'Yes', ImmediateData: 'No' };
    const { initiator } = rig(keys, { limits: { writeBytes: 2048, writeBytesPerSession: 2048 } });
    const begin = (): readonly [itt: number, ttt: number | undefined] => {
      const [r2t] = initiator.write(0, 2);
      return [initiator.itt, r2t?.opcode === 0x31 ? r2t.words[0] : undefined];
    };
    const [first, second, third, fourth] = [begin(), begin(), begin(), begin()];
    expect([first[1], second[1]].includes(undefined)).toBe(false);
    expect([third[1], fourth[1]]).toEqual([undefined, undefined]);
    expect(initiator.manage(1, { referenced: third[0] })).toMatchObject([{ opcode: 0x22, byte2: 0 }]);
    initiator.dataOut(first[0], first[1] ?? 0, 0, 0, new Uint8Array(1024), true);
    await settle();
    const after = initiator.seen.slice(-2).map(({ opcode, itt }) => [opcode, itt]);
    expect(after).toContainEqual([0x21, first[0]]);
    expect(after).toContainEqual([0x31, fourth[0]]);
  });
});

describe('data that is damaged on purpose', () => {
  it('is so every so many commands, where a digest shows it', () => {
    const { initiator, server } = rig({ DataDigest: 'CRC32C' }, {}, new MemoryStore({ blocks: 64 }));
    const [target] = server.targets;
    if (target !== undefined) target.damageEvery = 2;
    const sent: number[][] = [];
    initiator.send = (bytes) => void sent.push([bytes.length, bytes[48] ?? -1]);
    const digest = new Uint8Array(0);
    for (let i = 0; i < 4; i += 1) initiator.read(0, 1, { data: digest });
    expect(sent.map(([length]) => length)).toEqual([564, 564, 564, 564]);
    expect(sent.map(([, first]) => first).sort()).toEqual([0, 0, 1, 1]);
  });
});

describe('CLEAR TASK SET', () => {
  it('tells others that their commands are gone, and not who asked for it', async () => {
    const { server, initiator, unit } = rig({}, {}, stuckStore());
    const other = new RawInitiator(server).loggedIn({ InitiatorName: 'iqn.2026-01.org.lunascope.test:other' });
    other.read(0, 1);
    initiator.read(0, 1);
    const [mine, theirs] = server.sessionsOf();
    expect(initiator.manage(4)).toMatchObject([{ opcode: 0x22, byte2: 0 }]);
    await settle();
    const pending = [mine, theirs].map((each) => unit.attentions.pending(each?.nexus.id ?? ''));
    expect(pending).toEqual([false, true]);
  });
});

describe('a discovery session', () => {
  it('ends with its logout, and is not joined by one that names a target', () => {
    const { server } = rig();
    const finder = new RawInitiator(server).loggedIn({ SessionType: 'Discovery' });
    const [refused] = new RawInitiator(server).login({}, { tsih: finder.tsih, cid: 1 });
    expect((refused?.words[4] ?? 0) >>> 16).toBe(0x020a);
    expect(server.sessions).toHaveLength(2);
    finder.pdu({ opcode: 0x06, immediate: true, itt: 7, words: [0, finder.cmdSn, 0] });
    expect(server.sessions).toHaveLength(1);
  });
});
