import { TimeoutError, type LunascopeError } from '../errors/index.ts';
import { TMF_FUNCTION_NAMES } from '../pdu/index.ts';
import type { Task } from './task.ts';

/** What to do about a command of which nobody saw what became of it. */
export const UNKNOWN_OUTCOME =
  'It may or may not have been carried out. Read back what it should have changed before sending it again.';

/** Why a task may have been late that is no fault of its own. */
interface Circumstances {
  /** Why the session has no connection. */
  readonly away?: LunascopeError | undefined;
  /** A reader held the connection back. */
  readonly held?: boolean;
}

function standing(task: Task, { away, held = false }: Circumstances): string {
  if (away !== undefined) return `The session has lost its connection and is not back yet: ${away.message}`;
  if (task.state === 'queued') return 'It was never sent: the target kept its command window closed.';
  if (held) return 'It was sent, but a stream on its connection was not read, so that no answer could come.';
  return 'It was sent, and is being aborted.';
}

/** What a task ends with when its deadline passes; one that was sent and may have changed something says so. */
export function lateTask(task: Task, now: number, circumstances: Circumstances = {}): TimeoutError {
  const where = standing(task, circumstances);
  const harmless = task.idempotent || task.state === 'queued';
  const options = {
    retryable: harmless,
    ...(harmless ? {} : { hint: UNKNOWN_OUTCOME }),
    ...(circumstances.away === undefined ? {} : { cause: circumstances.away }),
  };
  if (task.noProgressMs > 0)
    return new TimeoutError(
      'TIMEOUT_NO_PROGRESS',
      `Nothing moved for ${String(task.noProgressMs / 1000)} s. ${where}`,
      options,
    );
  const waited = ((now - task.submittedAt) / 1000).toFixed(1);
  return new TimeoutError('TIMEOUT_COMMAND', `The command was not done after ${waited} s. ${where}`, options);
}

/** What a control request ends with when its answer does not come; without a keepalive the connection is lost. */
export function lateControl(
  kind: 'tmf' | 'ping' | 'logout' | 'text',
  waitedMs: number,
  tmf: number,
  keepalive: boolean,
): TimeoutError {
  const waited = `${(waitedMs / 1000).toFixed(1)} s`;
  if (kind === 'ping')
    return new TimeoutError('TIMEOUT_KEEPALIVE', `The target has not answered a ping for ${waited}.`, {
      hint: `The network or the target may be down${keepalive ? '; the connection is given up' : ''}.`,
      retryable: true,
    });
  if (kind === 'logout')
    return new TimeoutError('TIMEOUT_LOGOUT', `The target has not answered the logout for ${waited}.`);
  if (kind === 'tmf')
    return new TimeoutError(
      'TIMEOUT_COMMAND',
      `The target has not answered ${TMF_FUNCTION_NAMES[tmf] ?? 'task management'} for ${waited}.`,
    );
  return new TimeoutError('TIMEOUT_COMMAND', `The target has not finished its text answer for ${waited}.`, {
    retryable: true,
  });
}
