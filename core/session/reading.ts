import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import type { Task } from './task.ts';

/** Stops reading a connection because a consumer has enough; until it goes on, silence is ours and not the target's. */
export function pauseReading(core: SessionCore, connection: Connection): void {
  connection.paused = true;
  core.host.setReading(connection.id, false);
}

/** Goes on reading a connection; the clocks that stood still start anew. */
export function resumeReading(core: SessionCore, id: number): void {
  const connection = core.connections.get(id);
  if (connection?.paused === true) {
    const now = core.host.now();
    connection.paused = false;
    connection.lastHeardAt = now;
    for (const task of core.tasks.all())
      if (task.connection === id && task.noProgressMs > 0 && task.deadline !== Infinity) {
        task.deadline = now + task.noProgressMs;
        core.watch(task.deadline);
      }
    const keepalive = core.controls.get(connection.keepaliveTag);
    if (keepalive !== undefined) {
      keepalive.deadline = now + core.options.keepaliveTimeoutMs;
      core.watch(keepalive.deadline);
    }
  }
  core.host.setReading(id, true);
}

/** Whether a task stands still because its own reader does. */
export function waitsForReader(core: SessionCore, task: Task): boolean {
  return task.noProgressMs > 0 && task.consumer !== undefined && core.connections.get(task.connection)?.paused === true;
}
