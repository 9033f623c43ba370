import { CancelledError, type LunascopeError } from '../errors/index.ts';
import { Task, UNKNOWN_OUTCOME, type SessionMachine, type TaskRequest } from '../session/index.ts';

/** What a caller's signal says when it fires; `unknown` where nobody can tell what became of what was asked for. */
export function cancelled(signal: AbortSignal, unknown = false): CancelledError {
  const hint = unknown ? { hint: UNKNOWN_OUTCOME } : {};
  return new CancelledError('CANCELLED', 'The caller called it off.', { cause: signal.reason, ...hint });
}

/** Runs one task to its end; a signal aborts it. Fails only with what the task itself ended with, never for its SCSI status. */
export function runTask(machine: SessionMachine, request: TaskRequest, signal?: AbortSignal): Promise<Task> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelled(signal));
      return;
    }
    const onAbort = (): void => {
      if (signal !== undefined) machine.abort(task, cancelled(signal, task.state === 'sent' && !task.idempotent));
    };
    const task = new Task(request, (done) => {
      signal?.removeEventListener('abort', onAbort);
      if (done.error === undefined) resolve(done);
      else reject(done.error);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    machine.submit(task);
  });
}

/** Turns a callback with a value or an error into a promise; a signal ends the waiting, not what is under way. */
export function promised<T>(
  start: (done: (value: T | undefined, error: LunascopeError | undefined) => void) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelled(signal));
      return;
    }
    const onAbort = (): void => {
      if (signal !== undefined) reject(cancelled(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    start((value, error) => {
      signal?.removeEventListener('abort', onAbort);
      if (error === undefined) resolve(value as T);
      else reject(error);
    });
  });
}
