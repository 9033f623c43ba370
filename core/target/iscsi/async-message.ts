import { readU64, writeU16 } from '../../bytes/index.ts';
import { buildPdu, RESERVED_TAG } from '../../pdu/index.ts';
import { encodeSense, lunFromNumber, type SenseInput } from '../../scsi/index.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

/** What a target tells without being asked (RFC 7143 11.9.1). */
export type AsyncEvent =
  /** Sense data about a unit. */
  | { readonly kind: 'scsi'; readonly lun: number; readonly sense: SenseInput }
  /** The initiator is to log out within so many seconds. */
  | { readonly kind: 'requestLogout'; readonly seconds: number }
  /** This connection, or all of the session, will be dropped; then come the seconds to wait and to keep tasks. */
  | { readonly kind: 'dropConnection' | 'dropSession'; readonly time2Wait: number; readonly time2Retain: number }
  /** The initiator is to negotiate again by Text within so many seconds. */
  | { readonly kind: 'requestNegotiation'; readonly seconds: number };

const CODES = { scsi: 0, requestLogout: 1, dropConnection: 2, dropSession: 3, requestNegotiation: 4 } as const;

/** Sends an Asynchronous Message, and does what it announces. */
export function sendAsyncMessage(connection: Connection, event: AsyncEvent): void {
  const session = connection.sessionOrFail;
  const statSn = connection.takeStatSn();
  const lun = event.kind === 'scsi' ? readU64(lunFromNumber(event.lun), 0) : 0n;
  const data = event.kind === 'scsi' ? senseData(event.sense) : undefined;
  const parameters = parametersOf(connection, event);
  const fields = {
    final: true,
    lun,
    itt: RESERVED_TAG,
    statSn,
    ...connection.window,
    event: CODES[event.kind],
    ...parameters,
  };
  const out = connection.sendPdu(buildPdu('asyncMessage', fields, data));
  if (session.parameters.errorRecoveryLevel > 0) connection.retain(statSn, out);
  followUp(connection, session, event);
}

function parametersOf(
  connection: Connection,
  event: AsyncEvent,
): { parameter1?: number; parameter2?: number; parameter3?: number } {
  switch (event.kind) {
    case 'scsi':
      return {};
    case 'requestLogout':
    case 'requestNegotiation':
      return { parameter3: event.seconds };
    case 'dropConnection':
      return { parameter1: connection.cid, parameter2: event.time2Wait, parameter3: event.time2Retain };
    case 'dropSession':
      return { parameter2: event.time2Wait, parameter3: event.time2Retain };
  }
}

function senseData(sense: SenseInput): Uint8Array {
  const bytes = encodeSense(sense);
  const data = new Uint8Array(bytes.length + 2);
  writeU16(data, 0, bytes.length);
  data.set(bytes, 2);
  return data;
}

function followUp(connection: Connection, session: Session, event: AsyncEvent): void {
  if (event.kind === 'requestLogout')
    connection.logoutDeadline = session.server.now + Math.max(1, event.seconds) * 1000;
  else if (event.kind === 'dropConnection') connection.end('the target announced it');
  else if (event.kind === 'dropSession')
    for (const each of [...session.connections.values()]) each.end('the target announced it');
}
