import { describe, expect, it } from 'vitest';
import type { ServerEvent } from '../../../core/target/index.ts';
import { loginPdu, rawPdu } from '../../support/raw-pdu.ts';
import { INITIATOR_NAME, makeServer, RawInitiator, settle, TARGET_NAME } from './raw-initiator.ts';
import { diskUnit, setUp, heldStore, TUR } from './served-disk.ts';

describe('logout', () => {
  it('of the session answers and closes', () => {
    const { initiator, server } = setUp();
    expect(initiator.pdu({ opcode: 0x06, immediate: true, flags: 0x80, itt: 3, words: [0, 1, 0] })).toMatchObject([
      { opcode: 0x26, byte2: 0 },
    ]);
    expect(initiator.ended).toBe(true);
    expect(server.sessions).toEqual([]);
  });

  it('of a connection that is not there says so', () => {
    const { initiator } = setUp();
    expect(initiator.pdu({ opcode: 0x06, immediate: true, flags: 0x81, itt: 3, words: [7 << 16, 1, 0] })).toMatchObject(
      [{ opcode: 0x26, byte2: 1 }],
    );
  });
});

describe('what has no place', () => {
  it('is rejected with its header', () => {
    const { initiator } = setUp();
    const login = loginPdu({}, { itt: 4 });
    const [pdu] = initiator.raw(login);
    expect(pdu).toMatchObject({ opcode: 0x3f, byte2: 0x04 });
    expect(pdu?.data).toEqual(login.slice(0, 48));
  });

  it('closes the connection where the opcode is none', () => {
    const { initiator } = setUp();
    initiator.raw(rawPdu({ opcode: 0x1c }));
    expect(initiator.destroyed).toBe(true);
  });

  it('rejects a tag that is in use, and data for a transfer nobody asked for', () => {
    const { store } = heldStore();
    const { initiator } = setUp({}, {}, store);
    initiator.read(0, 1, { itt: 50 });
    expect(initiator.read(0, 1, { itt: 50 })).toMatchObject([{ opcode: 0x3f, byte2: 0x07 }]);
    expect(initiator.dataOut(50, 0x1234, 0, 0, new Uint8Array(4), true)).toMatchObject([{ opcode: 0x3f, byte2: 0x09 }]);
  });
});

describe('sessions', () => {
  it('are reinstated by a login of the same initiator port, which ends the old one', () => {
    const { initiator, server } = setUp();
    new RawInitiator(server).loggedIn();
    expect(initiator.closed).toBe(true);
    expect(server.sessions).toHaveLength(1);
  });

  it('take more connections, each with its own status numbers', () => {
    const { initiator, server } = setUp({ MaxConnections: '2' });
    const second = new RawInitiator(server).loggedIn({}, { cid: 1, tsih: initiator.tsih });
    expect(server.sessions).toMatchObject([{ connections: [{ cid: 0 }, { cid: 1 }] }]);
    second.cmdSn = 2;
    expect(second.command(TUR, { itt: 200 })).toEqual([]);
    const [first] = initiator.command(TUR, { itt: 100, cmdSn: 1 });
    expect(first?.itt).toBe(100);
    expect(second.seen.at(-1)).toMatchObject({ opcode: 0x21, itt: 200 });
  });

  it('refuse a connection too many, and one to a session that is not', () => {
    const { initiator, server } = setUp();
    expect(new RawInitiator(server).login({}, { cid: 1, tsih: initiator.tsih }).at(-1)?.words[4]).toBe(0x02060000);
    expect(new RawInitiator(server).login({}, { cid: 1, tsih: 999 }).at(-1)?.words[4]).toBe(0x020a0000);
  });

  it('lose a connection to another that logs in under its number', () => {
    const { initiator, server } = setUp();
    const second = new RawInitiator(server).loggedIn({}, { tsih: initiator.tsih });
    expect(initiator.destroyed).toBe(true);
    expect(second.command(TUR)[0]?.status).toBe(0);
  });

  it('are sent elsewhere where a target has moved', () => {
    const { server } = setUp();
    server.redirect(TARGET_NAME, { address: { host: '192.0.2.7', port: 3261, groupTag: 2 }, permanent: false });
    const last = new RawInitiator(server).login().at(-1);
    expect(last?.words[4]).toBe(0x01010000);
    expect(new TextDecoder().decode(last?.data)).toContain('TargetAddress=192.0.2.7:3261');
  });
});

describe('asynchronous messages', () => {
  it('ask for a logout and then see to it', () => {
    const { initiator, server } = setUp();
    expect(server.announce(initiator.tsih, { kind: 'requestLogout', seconds: 3 })).toBe(true);
    const pdu = initiator.seen.at(-1);
    expect(pdu).toMatchObject({ opcode: 0x32, itt: 0xffffffff });
    expect([(pdu?.words[4] ?? 0) >>> 24, pdu?.words[5]]).toEqual([1, 3]);
    server.timeout(3000);
    expect(initiator.closed).toBe(true);
  });

  it('carry sense data about a unit', () => {
    const { initiator, server } = setUp();
    server.announce(initiator.tsih, { kind: 'scsi', lun: 0, sense: { key: 6, asc: 0x2a, ascq: 0x09 } });
    const pdu = initiator.seen.at(-1);
    expect((pdu?.words[4] ?? 0) >>> 24).toBe(0);
    expect(pdu?.data.slice(0, 5)).toEqual(Uint8Array.of(0, 18, 0x70, 0, 6));
  });
});

describe('what is going on', () => {
  it('is told to those who listen', () => {
    const server = makeServer([{ luns: [{ lun: 0, unit: diskUnit() }] }]);
    const events: ServerEvent[] = [];
    server.subscribe((event) => events.push(event));
    const initiator = new RawInitiator(server).loggedIn();
    initiator.read(1, 1);
    initiator.connection.handleClosed();
    expect(events.map(({ kind }) => kind)).toEqual([
      'connectionOpened',
      'sessionOpened',
      'command',
      'sessionClosed',
      'connectionClosed',
    ]);
    expect(events[1]).toMatchObject({ session: { initiatorName: INITIATOR_NAME, targetName: TARGET_NAME } });
    expect(events[2]).toMatchObject({ lun: 0, status: 0, bytesIn: 512, bytesOut: 0 });
  });
});

describe('limits', () => {
  it('keep half-open connections few and short', () => {
    const server = makeServer([{}], { limits: { unauthenticated: 3, loginMs: 1000 } });
    const open = [new RawInitiator(server), new RawInitiator(server), new RawInitiator(server)];
    expect(() => new RawInitiator(server)).toThrow('took no more');
    server.timeout(1000);
    expect(open.every(({ destroyed }) => destroyed)).toBe(true);
    expect(new RawInitiator(server).loggedIn().closed).toBe(false);
  });

  it('end a connection that takes nothing, and one that never finishes a PDU', () => {
    const { initiator, server } = setUp({}, { limits: { sendStallMs: 1000, partialPduMs: 500 } });
    initiator.queuedBytes = 10;
    server.timeout(0);
    server.timeout(1000);
    expect(initiator.destroyed).toBe(true);
    const slow = new RawInitiator(server).loggedIn();
    slow.raw(Uint8Array.of(0x40));
    server.timeout(1500);
    expect(slow.destroyed).toBe(true);
  });

  it('hold back reads while the initiator takes no data', async () => {
    const { initiator, server } = setUp({}, { limits: { queuedBytes: 100 } });
    initiator.queuedBytes = 100;
    expect(initiator.read(0, 1)).toEqual([]);
    initiator.queuedBytes = 0;
    initiator.connection.drained();
    await settle();
    expect(initiator.seen.at(-1)).toMatchObject({ opcode: 0x25, flags: 0x81 });
    expect(server.connectionCount).toBe(1);
  });
});
