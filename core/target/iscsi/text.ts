import { readU32 } from '../../bytes/index.ts';
import { LunascopeError } from '../../errors/index.ts';
import { buildPdu, encodeText, RESERVED_TAG, splitText, TextAssembler, type TextPair } from '../../pdu/index.ts';
import type { Connection } from './connection.ts';
import { REJECT } from './reject.ts';

const TEXT_LIMIT = 64 * 1024;

/** A text exchange under way: what is still coming, or what is still to be sent. */
export interface TextExchange {
  readonly itt: number;
  readonly incoming: TextAssembler;
  readonly ttt: number;
  outgoing: Uint8Array[];
}

/** Takes a Text Request, which may be one of several PDUs (RFC 7143 11.10). */
export function handleText(connection: Connection, bytes: Uint8Array, at: number, data: Uint8Array): void {
  const flags = bytes[at + 1] as number;
  const itt = readU32(bytes, at + 16);
  const ttt = readU32(bytes, at + 20);
  const goesOn = (flags & 0x40) !== 0;
  if (goesOn && (flags & 0x80) !== 0) {
    connection.reject(REJECT.invalidField, bytes, at);
    return;
  }
  let exchange = connection.text;
  if (ttt === RESERVED_TAG) exchange = undefined;
  else if (exchange?.ttt !== ttt || exchange.itt !== itt) {
    connection.reject(REJECT.invalidField, bytes, at);
    return;
  }
  exchange ??= {
    itt,
    incoming: new TextAssembler(TEXT_LIMIT),
    ttt: connection.sessionOrFail.takeTransferTag(),
    outgoing: [],
  };
  connection.text = exchange;
  if (exchange.outgoing.length > 0) {
    sendNext(connection, exchange);
    return;
  }
  try {
    exchange.incoming.add(data);
    if (goesOn) {
      respond(connection, exchange, new Uint8Array(0), false, false);
      return;
    }
    const pairs = answerKeys(connection, exchange.incoming.take());
    exchange.outgoing = splitText(encodeText(pairs), connection.agreed.peerMaxRecvDataSegmentLength);
  } catch (error) {
    // What is no text, and keys that cannot be written back.
    if (!(error instanceof LunascopeError)) throw error;
    connection.text = undefined;
    connection.reject(REJECT.invalidField, bytes, at);
    return;
  }
  sendNext(connection, exchange);
}

function sendNext(connection: Connection, exchange: TextExchange): void {
  const piece = exchange.outgoing.shift() ?? new Uint8Array(0);
  const more = exchange.outgoing.length > 0;
  if (!more) connection.text = undefined;
  respond(connection, exchange, piece, !more, more);
}

function respond(
  connection: Connection,
  exchange: TextExchange,
  data: Uint8Array,
  final: boolean,
  goesOn: boolean,
): void {
  const statSn = connection.takeStatSn();
  const { itt } = exchange;
  const ttt = final ? RESERVED_TAG : exchange.ttt;
  const out = connection.sendPdu(
    buildPdu('textResponse', { final, continue: goesOn, itt, ttt, statSn, ...connection.window }, data),
  );
  if (connection.agreed.errorRecoveryLevel > 0) connection.retain(statSn, out);
}

function answerKeys(connection: Connection, pairs: readonly TextPair[]): TextPair[] {
  const answers: TextPair[] = [];
  for (const { key, value } of pairs) {
    if (key === 'SendTargets') answers.push(...listTargets(connection, value));
    else if (key === 'MaxRecvDataSegmentLength') answers.push(declareSegment(connection, value));
    else if (key === 'InitiatorAlias') continue;
    else answers.push({ key, value: LOGIN_ONLY.has(key) ? 'Reject' : 'NotUnderstood' });
  }
  return answers;
}

const LOGIN_ONLY: ReadonlySet<string> = new Set([
  'HeaderDigest',
  'DataDigest',
  'MaxConnections',
  'InitiatorName',
  'TargetName',
  'TargetPortalGroupTag',
  'InitialR2T',
  'ImmediateData',
  'MaxBurstLength',
  'FirstBurstLength',
  'DefaultTime2Wait',
  'DefaultTime2Retain',
  'MaxOutstandingR2T',
  'DataPDUInOrder',
  'DataSequenceInOrder',
  'ErrorRecoveryLevel',
  'SessionType',
  'AuthMethod',
  'TaskReporting',
  'iSCSIProtocolLevel',
]);

/** The initiator may take larger or smaller segments from now on (RFC 7143 13.12). */
function declareSegment(connection: Connection, value: string): TextPair {
  const key = 'MaxRecvDataSegmentLength';
  const length = /^[0-9]{1,8}$/u.test(value) ? Number(value) : 0;
  if (length < 512 || length > 16777215) return { key, value: 'Reject' };
  connection.parameters = { ...connection.agreed, peerMaxRecvDataSegmentLength: length };
  return { key, value: String(connection.agreed.ownMaxRecvDataSegmentLength) };
}

/** What SendTargets finds (RFC 7143 appendix C): all targets in discovery, the session's own otherwise. */
function listTargets(connection: Connection, which: string): TextPair[] {
  const session = connection.sessionOrFail;
  const { server } = session;
  if (which === 'All' && !session.discovery) return [{ key: 'SendTargets', value: 'Reject' }];
  const wanted =
    which === 'All' ? undefined : which === '' ? (session.discovery ? undefined : session.target.name) : which;
  if (!session.discovery && wanted !== session.target.name) return [];
  const pairs: TextPair[] = [];
  for (const target of server.visibleTargets(session.identity.initiatorName)) {
    if (wanted !== undefined && target.name !== wanted) continue;
    pairs.push({ key: 'TargetName', value: target.name });
    for (const portal of server.portals) {
      if (!target.servesGroup(portal.groupTag)) continue;
      const { host, port } = server.advertised(portal, connection.origin);
      const shown = host.includes(':') ? `[${host}]` : host;
      pairs.push({ key: 'TargetAddress', value: `${shown}:${String(port)},${String(portal.groupTag)}` });
    }
  }
  return pairs;
}
