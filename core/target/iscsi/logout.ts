import { readU16, readU32 } from '../../bytes/index.ts';
import { buildPdu } from '../../pdu/index.ts';
import type { Connection } from './connection.ts';
import { abortTask } from './task-end.ts';
import { detachTasks } from './recovery.ts';

const REASON = { closeSession: 0, closeConnection: 1, removeForRecovery: 2 } as const;
const RESPONSE = { closed: 0, noSuchConnection: 1, recoveryNotSupported: 2, failed: 3 } as const;

/** Takes a Logout Request (RFC 7143 11.14). */
export function handleLogout(connection: Connection, bytes: Uint8Array, at: number): void {
  const session = connection.sessionOrFail;
  const reason = (bytes[at + 1] as number) & 0x7f;
  const itt = readU32(bytes, at + 16);
  const cid = readU16(bytes, at + 20);
  const answer = (response: number): void => {
    const statSn = connection.takeStatSn();
    const { defaultTime2Wait, defaultTime2Retain, errorRecoveryLevel } = session.parameters;
    connection.sendPdu(
      buildPdu('logoutResponse', {
        final: true,
        response,
        itt,
        statSn,
        ...connection.window,
        time2Wait: defaultTime2Wait,
        time2Retain: errorRecoveryLevel === 2 ? defaultTime2Retain : 0,
      }),
    );
  };
  if (reason === REASON.closeSession) {
    for (const task of [...session.tasks.values()]) void abortTask(task);
    answer(RESPONSE.closed);
    session.server.endSession(session, 'the initiator logged out', connection);
    connection.leaving = true;
    connection.end('the initiator logged out');
    return;
  }
  if (reason !== REASON.closeConnection && reason !== REASON.removeForRecovery) {
    answer(RESPONSE.failed);
    return;
  }
  const other = session.connections.get(cid);
  if (reason === REASON.removeForRecovery) {
    if (session.parameters.errorRecoveryLevel < 2) answer(RESPONSE.recoveryNotSupported);
    else if (other === undefined && !session.detached.has(cid)) answer(RESPONSE.noSuchConnection);
    else {
      if (other !== undefined && other !== connection) {
        detachTasks(other);
        other.close('removed for recovery');
      }
      answer(RESPONSE.closed);
    }
    return;
  }
  if (other === undefined) {
    answer(RESPONSE.noSuchConnection);
    return;
  }
  for (const task of [...session.tasks.values()]) if (task.connection === other) void abortTask(task);
  answer(RESPONSE.closed);
  other.leaving = true;
  other.end('the initiator closed this connection');
}
