import { decodeAsync } from './async-message.ts';
import { ProtocolError, TaskError, TransportError } from '../errors/index.ts';
import { decodeBhs, RESERVED_TAG, type PduFields } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { ControlRequest } from './control.ts';
import type { SessionCore } from './core.ts';
import type { AsyncEvent } from './events.ts';
import { acceptNumbers, followWindow } from './numbers.ts';
import { noticeSense } from './recheck.ts';
import { answerPing, confirmExpStatSn, continueText, TEXT_ROUND_LIMIT } from './requests.ts';
import { noticeStatSn, requestTails } from './snack.ts';
import type { Task } from './task.ts';

/** The request an answer belongs to; undefined for one whose time was over before its answer came. */
function controlOf<K extends ControlRequest['kind']>(
  core: SessionCore,
  connection: Connection,
  itt: number,
  kind: K,
  what: string,
): Extract<ControlRequest, { kind: K }> | undefined {
  const control = core.controls.get(itt);
  if (control === undefined && connection.lateTags.delete(itt)) {
    core.emit({ kind: 'warning', text: `${what} came after the time of its request was over.` });
    return undefined;
  }
  if (control?.kind !== kind || control.connection !== connection.id)
    throw new ProtocolError(
      'PROTOCOL_UNEXPECTED',
      `${what} names request 0x${itt.toString(16)}, which is not under way on this connection.`,
      { details: { itt } },
    );
  return control as Extract<ControlRequest, { kind: K }>;
}

/** Takes a NOP-In: an echo of ours, a ping to answer, or word about the window (RFC 7143 11.19). */
export function handleNopIn(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): void {
  const nop = decodeBhs('nopIn', bytes, at);
  if (nop.itt === RESERVED_TAG) {
    followWindow(core, bytes, at);
    noticeStatSn(core, connection, nop.statSn);
    if (nop.ttt !== RESERVED_TAG) answerPing(core, connection, nop.lun, nop.ttt);
    return;
  }
  if (!acceptNumbers(core, connection, bytes, at)) return;
  const ping = controlOf(core, connection, nop.itt, 'ping', 'NOP-In');
  if (ping === undefined) return;
  core.controls.delete(nop.itt);
  if (connection.keepaliveTag === nop.itt) connection.keepaliveTag = -1;
  const echoed = data.length === ping.payload.length && data.every((byte, i) => byte === ping.payload[i]);
  if (!echoed) {
    core.emit({ kind: 'warning', text: 'The target answered a ping with other data than was sent.' });
  }
  const roundTripMs = core.host.now() - ping.sentAt;
  requestTails(core, connection, ping.sentAt - core.options.snackTimeoutMs);
  core.emit({ kind: 'ping', connection: connection.id, roundTripMs });
  ping.done(roundTripMs, undefined);
}

/** Takes the answer to a task management function (RFC 7143 11.6). */
export function handleTmfResponse(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number): void {
  const answer = decodeBhs('taskManagementResponse', bytes, at);
  if (!acceptNumbers(core, connection, bytes, at)) return;
  const request = controlOf(core, connection, answer.itt, 'tmf', 'Task Management Response');
  if (request === undefined) return;
  core.controls.delete(answer.itt);
  request.done(answer.response, undefined);
}

/** Takes a part of a text answer and asks for the rest where there is more (RFC 7143 11.11). */
export function handleTextResponse(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): void {
  const answer = decodeBhs('textResponse', bytes, at);
  if (!acceptNumbers(core, connection, bytes, at)) return;
  const exchange = controlOf(core, connection, answer.itt, 'text', 'Text Response');
  if (exchange === undefined) return;
  if (answer.final && answer.continue)
    throw new ProtocolError('PROTOCOL_MALFORMED', 'A Text Response is final and goes on at the same time.');
  if (!answer.final && answer.ttt === RESERVED_TAG)
    throw new ProtocolError(
      'PROTOCOL_MALFORMED',
      'A Text Response is not final but has no transfer tag to go on with.',
    );
  exchange.answer.add(data);
  exchange.rounds += 1;
  if (!answer.final) {
    if (exchange.rounds > TEXT_ROUND_LIMIT)
      throw new ProtocolError(
        'PROTOCOL_TOO_LARGE',
        `The target has not ended its text answer after ${String(TEXT_ROUND_LIMIT)} PDUs.`,
      );
    continueText(core, connection, answer.itt, answer.ttt, answer.lun);
    return;
  }
  const pairs = exchange.answer.take();
  core.controls.delete(answer.itt);
  exchange.done(pairs, undefined);
}

/** Takes the answer to a logout (RFC 7143 11.15). */
export function handleLogoutResponse(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number): void {
  const answer = decodeBhs('logoutResponse', bytes, at);
  if (!acceptNumbers(core, connection, bytes, at)) return;
  const request = controlOf(core, connection, answer.itt, 'logout', 'Logout Response');
  if (request === undefined) return;
  core.controls.delete(answer.itt);
  const own = request.reason === 0 || request.cid === connection.id;
  if (own && answer.response === 0) connection.phase = 'logged-out';
  request.done({ response: answer.response, time2Wait: answer.time2Wait, time2Retain: answer.time2Retain }, undefined);
}

/** What the session has to do after an asynchronous message. */
export type AsyncAction =
  | { readonly kind: 'none' }
  | { readonly kind: 'logout'; readonly withinSeconds: number }
  | {
      readonly kind: 'drop';
      readonly connection: number | 'all';
      readonly waitSeconds: number;
      readonly error: TransportError;
    }
  | { readonly kind: 'negotiate'; readonly withinSeconds: number }
  | { readonly kind: 'abort'; readonly tasks: readonly Task[]; readonly error: TaskError };

/** Takes an asynchronous message (RFC 7143 11.9) and says what it calls for. */
export function handleAsync(
  core: SessionCore,
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): AsyncAction {
  const message: PduFields<'asyncMessage'> = decodeBhs('asyncMessage', bytes, at);
  if (!acceptNumbers(core, connection, bytes, at)) return { kind: 'none' };
  const event: AsyncEvent = decodeAsync(message, data);
  core.emit({ kind: 'async', event });
  if (event.sense.length > 0) noticeSense(core, Number(event.lun >> 32n), Number(event.lun & 0xffffffffn), event.sense);
  switch (event.event) {
    case 1:
      return { kind: 'logout', withinSeconds: event.parameter3 };
    case 2: {
      const error = new TransportError(
        'CONNECTION_CLOSED',
        `The target drops connection ${String(event.parameter1)}.`,
        {
          retryable: true,
        },
      );
      return { kind: 'drop', connection: event.parameter1, waitSeconds: event.parameter2, error };
    }
    case 3: {
      const error = new TransportError('CONNECTION_CLOSED', 'The target drops all connections of the session.', {
        retryable: true,
      });
      return { kind: 'drop', connection: 'all', waitSeconds: event.parameter2, error };
    }
    case 4:
      return { kind: 'negotiate', withinSeconds: event.parameter3 };
    case 5: {
      const error = new TaskError('TASK_ABORTED', 'The target ended all tasks of this LUN.', { retryable: true });
      confirmExpStatSn(core, connection, event.lun);
      const ended = core.tasks
        .all()
        .filter((task) => ((BigInt(task.lunHigh) << 32n) | BigInt(task.lunLow)) === event.lun);
      for (const task of ended) if (task.connection === connection.id) core.finish(task, task.abortReason ?? error);
      // Data of those on other connections may be half in their buffers: each is over when its connection says so.
      return { kind: 'abort', tasks: ended.filter((task) => task.connection !== connection.id), error };
    }
    default:
      return { kind: 'none' };
  }
}
