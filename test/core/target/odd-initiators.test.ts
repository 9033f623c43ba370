import { describe, expect, it } from 'vitest';
import { LogicalUnit, MemoryStore, type BlockStore } from '../../../core/target/index.ts';
import { keyText } from '../../support/raw-pdu.ts';
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

/** A store whose reads never end. */
function stuckStore(): BlockStore {
  return {
    blockSize: 512,
    blocks: 64n,
    writable: true,
    thin: false,
    read: () => new Promise(() => undefined),
    write: () => undefined,
    flush: () => undefined,
  };
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
