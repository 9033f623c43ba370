import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../core/bytes/index.ts';
import { TransportError, type LunascopeError } from '../../../core/errors/index.ts';
import {
  SessionMachine,
  type SessionEvent,
  type SessionHost,
  type SessionOptions,
} from '../../../core/session/index.ts';

const options: SessionOptions = {
  initiatorName: 'iqn.2026-01.test:me',
  targetName: 'iqn.2026-01.test:target',
  sessionType: 'Normal',
  portal: { host: '127.0.0.1', port: 3260, groupTag: null },
  isid: Uint8Array.of(0x80, 0, 0, 1, 0, 1),
  offers: {
    headerDigest: ['None'],
    dataDigest: ['None'],
    initialR2T: true,
    immediateData: true,
    maxRecvDataSegmentLength: 8192,
    maxBurstLength: 262144,
    firstBurstLength: 65536,
    maxOutstandingR2T: 1,
    maxConnections: 1,
    errorRecoveryLevel: 0,
    defaultTime2Wait: 2,
    defaultTime2Retain: 20,
    dataPduInOrder: true,
    dataSequenceInOrder: true,
  },
  digestOrder: 'little',
  connectTimeoutMs: 1000,
  loginTimeoutMs: 1000,
  commandTimeoutMs: 1000,
  logoutTimeoutMs: 1000,
  abortTimeoutMs: 1000,
  keepaliveIntervalMs: 0,
  keepaliveTimeoutMs: 1000,
  maxRedirects: 0,
  maxReconnectAttempts: 0,
  reconnectBackoffMs: 1000,
  snackTimeoutMs: 5000,
  queueLimit: 8,
  textLimit: 8192,
};

/** A Login Response (RFC 7143 11.13): flags, StatSN, text; ExpCmdSN 1, MaxCmdSN 2. */
function loginResponse(flags: number, tsih: number, statSn: number, text: string): Uint8Array {
  const data = new TextEncoder().encode(text);
  const pdu = new Uint8Array(48 + Math.ceil(data.length / 4) * 4);
  const view = new DataView(pdu.buffer);
  pdu.set([0x23, flags, 0, 0, 0, 0, 0, data.length], 0);
  pdu.set(options.isid, 8);
  view.setUint16(14, tsih);
  view.setUint32(24, statSn);
  view.setUint32(28, 1);
  view.setUint32(32, 2);
  pdu.set(data, 48);
  return pdu;
}

function loggedIn(): { machine: SessionMachine; events: SessionEvent[] } {
  const events: SessionEvent[] = [];
  const host: SessionHost = {
    crc32c,
    chapDigest: () => new Uint8Array(16),
    random: (length) => new Uint8Array(length).fill(7),
    now: () => 0,
    open: () => undefined,
    close: () => undefined,
    setReading: () => undefined,
    acquireLogin: () => () => undefined,
    wake: () => undefined,
  };
  const machine = new SessionMachine(options, host, { onEvent: (event) => events.push(event) });
  const flush = (): void => {
    if (machine.hasOutput(0)) machine.drain(0, () => true);
  };
  const take = (pdu: Uint8Array): void => {
    machine.receive(0, pdu, 0, pdu.length);
    flush();
  };
  machine.start(() => undefined);
  machine.connected(0, { initiatorHost: '127.0.0.1', initiatorPort: 1, targetHost: '127.0.0.1', targetPort: 3260 });
  flush();
  // Security stage to operational stage, then operational stage to full feature phase.
  take(loginResponse(0x81, 0, 0, 'TargetPortalGroupTag=1\0AuthMethod=None\0'));
  take(loginResponse(0x87, 1, 1, 'HeaderDigest=None\0DataDigest=None\0'));
  return { machine, events };
}

describe('a logout whose answer never comes', () => {
  it('counts as done when the target closes the connection instead', () => {
    const { machine, events } = loggedIn();
    expect(machine.core.state).toBe('full');
    const outcomes: (LunascopeError | undefined)[] = [];
    machine.logout(1000, (_answer, error) => outcomes.push(error));
    machine.drain(0, () => true);
    machine.connectionLost(0, new TransportError('CONNECTION_CLOSED', 'The target closed the connection.'));
    expect(outcomes).toEqual([undefined]);
    expect(machine.core.state).toBe('closed');
    const warnings = events.filter((event) => event.kind === 'warning').map((event) => event.text);
    expect(warnings.at(-1)).toBe('The target did not answer the logout: The target closed the connection.');
  });
});
