import { TimeoutError, type LunascopeError } from '../errors/index.ts';
import { TMF_FUNCTION_NAMES } from '../pdu/index.ts';
import type { Task } from './task.ts';

/** What a task ends with when its deadline passes. */
export function lateTask(task: Task, now: number, away?: LunascopeError): TimeoutError {
  const waited = ((now - task.submittedAt) / 1000).toFixed(1);
  const where =
    away !== undefined
      ? `The session has lost its connection and is not back yet: ${away.message}`
      : task.state === 'queued'
        ? 'It was never sent: the target kept its command window closed.'
        : 'It was sent, and is being aborted.';
  const cause = away === undefined ? {} : { cause: away };
  if (task.noProgressMs > 0)
    return new TimeoutError(
      'TIMEOUT_NO_PROGRESS',
      `Nothing moved for ${String(task.noProgressMs / 1000)} s. ${where}`,
      {
        retryable: true,
        ...cause,
      },
    );
  return new TimeoutError('TIMEOUT_COMMAND', `The command was not done after ${waited} s. ${where}`, {
    retryable: task.idempotent || task.state === 'queued',
    ...cause,
  });
}

/** What a control request ends with when its answer does not come. */
export function lateControl(kind: 'tmf' | 'ping' | 'logout' | 'text', waitedMs: number, tmf: number): TimeoutError {
  const waited = `${(waitedMs / 1000).toFixed(1)} s`;
  if (kind === 'ping')
    return new TimeoutError('TIMEOUT_KEEPALIVE', `The target has not answered a ping for ${waited}.`, {
      hint: 'The network or the target may be down; the connection is given up.',
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
