import { TimeoutError, type LunascopeError } from '../errors/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import type { Task } from './task.ts';

/** Stops reading a connection because a task's consumer has enough; until it goes on, silence is ours and not the target's. */
export function pauseReading(core: SessionCore, connection: Connection, task: Task): void {
  connection.holders.add(task);
  core.host.setReading(connection.id, false);
}

/** A task holds its connection back no longer; reading goes on once no other does. */
export function releaseReading(core: SessionCore, connection: Connection, task: Task): void {
  const { holders } = connection;
  if (holders.size > 0 && holders.delete(task) && holders.size === 0) goOnReading(core, connection);
}

/** Goes on reading a connection, whoever held it back. */
export function resumeReading(core: SessionCore, connection: Connection): void {
  if (!connection.paused) return;
  connection.holders.clear();
  goOnReading(core, connection);
}

/** The clocks that stood still start anew. */
function goOnReading(core: SessionCore, connection: Connection): void {
  const now = core.host.now();
  connection.lastHeardAt = now;
  for (const task of core.tasks.all())
    if (task.connection === connection.id && task.noProgressMs > 0 && task.deadline !== Infinity) {
      task.deadline = now + task.noProgressMs;
      core.watch(task.deadline);
    }
  const keepalive = core.controls.get(connection.keepaliveTag);
  if (keepalive !== undefined) {
    keepalive.deadline = now + core.options.keepaliveTimeoutMs;
    core.watch(keepalive.deadline);
  }
  core.host.setReading(connection.id, true);
}

/** Whether a task stands still because its own reader does; a session that is being left waits for no reader. */
export function waitsForReader(core: SessionCore, task: Task): boolean {
  if (task.noProgressMs === 0 || task.consumer === undefined || core.state === 'logging-out') return false;
  return core.connections.get(task.connection)?.paused === true;
}

/** Ends the streams that hold a connection back, as others on it have waited until their time was over. */
export function endHolders(connection: Connection, abort: (task: Task, reason: LunascopeError) => void): void {
  for (const task of [...connection.holders])
    abort(
      task,
      new TimeoutError(
        'TIMEOUT_NO_PROGRESS',
        'The reader of this data held its connection back until the time of another request on it was over.',
        { hint: 'Take the data as it comes, or give the stream a session of its own.', retryable: task.idempotent },
      ),
    );
}
