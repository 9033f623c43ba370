import { LunascopeError } from '../errors/index.ts';
import type { Connection } from './connection.ts';
import type { Connector } from './connector.ts';
import type { ControlRequest } from './control.ts';
import type { SessionCore } from './core.ts';
import { lateControl } from './deadlines.ts';
import { checkEarly } from './early-status.ts';
import { endHolders } from './reading.ts';
import { endControl } from './receive-status.ts';
import { sendPing } from './requests.ts';
import { repeatRequests } from './snack.ts';
import type { Task } from './task.ts';

type Drop = (connection: Connection, error: LunascopeError) => void;
type Abort = (task: Task, reason: LunascopeError) => void;

const EMPTY = new Uint8Array(0);

/** Looks at the clock for every connection and control request: what has taken too long ends, who is silent is pinged. */
export function checkConnections(core: SessionCore, connector: Connector, now: number, drop: Drop, abort: Abort): void {
  for (const connection of [...core.connections.values()]) {
    const late = connector.late(connection, now);
    if (late !== undefined) drop(connection, late);
    else if (connection.phase === 'full') {
      try {
        repeatRequests(core, connection, now);
        checkEarly(core, connection, now);
        keepAlive(core, connection, now);
      } catch (error) {
        if (!(error instanceof LunascopeError)) throw error;
        drop(connection, error);
      }
    }
  }
  for (const control of core.controls.values()) {
    if (control.deadline > now) core.watch(control.deadline);
    else endLate(core, control, now, drop, abort);
  }
}

function endLate(core: SessionCore, control: ControlRequest, now: number, drop: Drop, abort: Abort): void {
  const { itt } = control;
  const connection = core.connections.get(control.connection);
  const fatal = connection?.keepaliveTag === itt;
  if (fatal && connection.paused) return;
  if (connection?.paused === true) {
    // Its answer may be there, unread: it has its time again.
    control.deadline = now + control.deadline - control.sentAt;
    core.watch(control.deadline);
    endHolders(connection, abort);
    return;
  }
  const error = lateControl(control.kind, now - control.sentAt, control.kind === 'tmf' ? control.function : 0, fatal);
  endControl(core, itt, error);
  if (fatal) drop(connection, error);
  else connection?.noteLate(itt);
}

/** Silence before a ping; where PDUs are recovered, also what shows that the end of a transfer was lost. */
function silence(core: SessionCore): number {
  const { keepaliveIntervalMs, snackTimeoutMs } = core.options;
  if (core.recoveryLevel === 0 || core.tasks.size === 0) return keepaliveIntervalMs;
  return keepaliveIntervalMs > 0 ? Math.min(keepaliveIntervalMs, snackTimeoutMs) : snackTimeoutMs;
}

function keepAlive(core: SessionCore, connection: Connection, now: number): void {
  const interval = silence(core);
  if (interval <= 0 || connection.keepaliveTag >= 0 || connection.paused || connection.farewell) return;
  const due = connection.lastHeardAt + interval;
  if (due > now) {
    core.watch(due);
    return;
  }
  const done = (): void => {
    core.watch(core.host.now() + silence(core));
  };
  connection.keepaliveTag = sendPing(core, EMPTY, core.options.keepaliveTimeoutMs, done, connection.id);
}
