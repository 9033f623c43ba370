import { isReservedValue, keySpec, OPCODES } from '../../pdu/index.ts';
import type { TraceConnection } from '../connection.ts';
import { oneLine } from '../describe.ts';
import type { Trace } from '../trace.ts';
import type { FindingCollector } from './collector.ts';
import { allLoginRows, isWhole, loginTurns, saidIn, type LoginTurn } from './negotiation.ts';
import { answerFault } from './negotiation-faults.ts';

const STATUS: Readonly<Record<number, string>> = {
  0x0101: 'the target moved for now',
  0x0102: 'the target moved for good',
  0x0200: 'something the initiator sent was wrong',
  0x0201: 'authentication failed',
  0x0202: 'this initiator may not log in',
  0x0203: 'the target does not exist here',
  0x0204: 'the target was removed',
  0x0205: 'the protocol version is not supported',
  0x0206: 'too many connections',
  0x0207: 'a parameter is missing',
  0x0208: 'this connection cannot join the session',
  0x0209: 'this type of session is not supported',
  0x020a: 'the session does not exist',
  0x020b: 'the login was out of order',
  0x0300: 'the target has an error of its own',
  0x0301: 'the service is not available',
  0x0302: 'the target is out of resources',
};

const CHAP_REFUSALS: ReadonlySet<number> = new Set([0x0200, 0x0201]);

/** What a login status means (RFC 7143 11.13.5). */
export function loginStatusText(status: number): string {
  return STATUS[status] ?? 'a reason the RFC does not name';
}

/** A login that goes on no further counts as unfinished once nothing has come for so long, where its connection did not end. */
const PATIENCE_NS = 5e9;

/** Reports what logins show; `endNs` is when the trace ends. */
export function checkLogins(trace: Trace, collector: FindingCollector, endNs: number): void {
  const rows = allLoginRows(trace);
  for (const connection of trace.connections)
    if (connection.loginSeen) checkLogin(trace, connection, rows[connection.id] ?? [], collector, endNs);
}

function checkLogin(
  trace: Trace,
  connection: TraceConnection,
  rows: readonly number[],
  collector: FindingCollector,
  endNs: number,
): void {
  const { id, loginStatus } = connection;
  const turns = loginTurns(trace, id, rows);
  const last = rows[rows.length - 1] ?? connection.firstPdu;
  const said = (side: boolean, key: string): boolean =>
    turns.some((turn) => turn.fromInitiator === side && turn.pairs.some((pair) => pair.key === key));
  const code = `0x${loginStatus.toString(16).padStart(4, '0')}`;
  const kind = loginStatus >> 8;
  if (kind === 1) {
    const address = valueOf(turns, 'TargetAddress') ?? 'an address that is missing';
    collector.report(
      'login-redirected',
      id,
      [last],
      () => `To ${oneLine(address)} (${code}, ${loginStatusText(loginStatus)}).`,
    );
  } else if (kind >= 2) {
    if (CHAP_REFUSALS.has(loginStatus) && said(true, 'CHAP_R'))
      collector.report('chap-initiator-refused', id, [last], () => {
        const user = valueOf(turns, 'CHAP_N', true) ?? '';
        return `The initiator answered the challenge as "${oneLine(user)}" and was refused with ${code}.`;
      });
    collector.report('login-refused', id, [last], () => `${code}: ${loginStatusText(loginStatus)}.`);
  } else if (!connection.loggedIn) checkUnfinished(trace, connection, last, turns, said, collector, endNs);
  if (
    connection.sessionType === 'Discovery' &&
    (connection.headerDigest === 'crc32c' || connection.dataDigest === 'crc32c')
  )
    collector.report(
      'digest-in-discovery',
      id,
      [last],
      () => 'CRC32C was agreed for a session that only lists targets.',
    );
  checkAnswers(trace, id, rows, turns, collector);
  for (const turn of turns)
    for (const { key, value } of turn.pairs)
      if (isReservedValue(value))
        collector.report(
          'key-refused',
          id,
          [turn.row],
          () => `The ${turn.fromInitiator ? 'initiator' : 'target'} answered ${oneLine(key)}=${value}.`,
        );
}

/** Answers that the offers before them do not allow; which is which is known where the whole login was seen. */
function checkAnswers(
  trace: Trace,
  id: number,
  rows: readonly number[],
  turns: readonly LoginTurn[],
  collector: FindingCollector,
): void {
  if (trace.connections[id]?.isPartial === true || trace.lostPdus > 0 || !isWhole(trace, rows, turns)) return;
  const keys = [...saidIn(turns)];
  for (const side of ['initiator', 'target'] as const) {
    const wrong = keys.flatMap(([key, said]) => {
      const spec = keySpec(key);
      const [offered, answered] = [said[said.first], said[side]];
      if (said.first === side || spec === undefined || offered === undefined || answered === undefined) return [];
      if (answerFault(spec, offered, answered) === null) return [];
      return [{ key, text: `${key}=${oneLine(answered)} to ${oneLine(offered)} (${spec.clause})` }];
    });
    if (wrong.length === 0) continue;
    const isWrong = (turn: LoginTurn): boolean =>
      turn.fromInitiator === (side === 'initiator') &&
      turn.pairs.some((pair) => wrong.some(({ key }) => key === pair.key));
    const proof = turns.filter(isWrong).map(({ row }) => row);
    collector.report(
      'illegal-answer',
      id,
      proof,
      () => `The ${side} answered ${wrong.map(({ text }) => text).join(', ')}.`,
    );
  }
}

/** A login that stopped without a refusal: after the target's proof it is the initiator that did not believe. */
function checkUnfinished(
  trace: Trace,
  connection: TraceConnection,
  last: number,
  turns: readonly LoginTurn[],
  said: (side: boolean, key: string) => boolean,
  collector: FindingCollector,
  endNs: number,
): void {
  if (connection.isPartial) return;
  const [page, i] = trace.at(last);
  const isOver = !Number.isNaN(connection.closedNs);
  if (!isOver && endNs - (page.time[i] as number) < PATIENCE_NS) return;
  const lastFromTarget = ((page.opcode[i] as number) & 0x3f) === OPCODES.loginResponse;
  if (said(true, 'CHAP_C') && said(false, 'CHAP_R') && lastFromTarget && isOver && connection.closedBy !== 'target')
    collector.report(
      'chap-target-unproven',
      connection.id,
      [last],
      () => 'The initiator left after the target had answered its challenge.',
    );
  if (!lastFromTarget && connection.closedBy === 'target' && answersChallenge(turns, last))
    collector.report('chap-initiator-refused', connection.id, [last], () => {
      const user = valueOf(turns, 'CHAP_N', true) ?? '';
      return `The target closed the connection right after the initiator had answered its challenge as "${oneLine(user)}".`;
    });
  collector.report('login-unfinished', connection.id, [last], () =>
    `The last login PDU came from the ${lastFromTarget ? 'target' : 'initiator'}. ${connection.closeReason}`.trimEnd(),
  );
}

/** Whether a login stopped at the initiator's answer to a challenge. */
function answersChallenge(turns: readonly LoginTurn[], last: number): boolean {
  const turn = turns[turns.length - 1];
  return turn?.row === last && turn.fromInitiator && turn.pairs.some(({ key }) => key === 'CHAP_R');
}

function valueOf(turns: readonly LoginTurn[], key: string, fromInitiator?: boolean): string | undefined {
  for (const turn of turns) {
    if (fromInitiator !== undefined && turn.fromInitiator !== fromInitiator) continue;
    const pair = turn.pairs.find((each) => each.key === key);
    if (pair !== undefined) return pair.value;
  }
  return undefined;
}
