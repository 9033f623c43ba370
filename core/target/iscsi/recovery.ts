import { readU32, serialLess } from '../../bytes/index.ts';
import type { Connection } from './connection.ts';
import { continueTask } from './execute.ts';
import { REJECT } from './reject.ts';
import { reframePdu, refreshWindow } from './responses.ts';
import type { Task } from './task.ts';
import { abortTask } from './task-end.ts';
import { TMF_RESPONSE } from './tmf-response.ts';

const SNACK = { dataOrR2t: 0, status: 1, dataAck: 2, rData: 3 } as const;

/** Takes a SNACK: PDUs that went missing are sent again (RFC 7143 11.16). */
export function handleSnack(connection: Connection, bytes: Uint8Array, at: number): void {
  const session = connection.sessionOrFail;
  if (session.parameters.errorRecoveryLevel === 0) {
    connection.reject(REJECT.snack, bytes, at);
    return;
  }
  const type = (bytes[at + 1] as number) & 0x0f;
  const itt = readU32(bytes, at + 16);
  const ttt = readU32(bytes, at + 20);
  const begin = readU32(bytes, at + 40);
  const run = readU32(bytes, at + 44);
  let done = false;
  if (type === SNACK.status) done = resendStatus(connection, begin, run);
  else if (type === SNACK.dataAck) done = acknowledgeData(connection, ttt, begin, run);
  else if (type === SNACK.dataOrR2t) done = resendData(connection, itt, begin, run);
  if (!done) connection.reject(type === SNACK.dataAck ? REJECT.invalidDataAck : REJECT.snack, bytes, at);
}

function findTask(connection: Connection, itt: number): Task | undefined {
  const session = connection.sessionOrFail;
  const task = session.tasks.get(itt) ?? connection.retained.find((answer) => answer.task?.itt === itt)?.task;
  return task?.connection === connection ? task : undefined;
}

function resendStatus(connection: Connection, begin: number, run: number): boolean {
  const from = run === 0 && begin === 0 ? undefined : begin;
  const wanted = connection.retained.filter(
    ({ statSn }) =>
      from === undefined || (!serialLess(statSn, from) && (run === 0 || serialLess(statSn, (from + run) >>> 0))),
  );
  if (from !== undefined && !wanted.some(({ statSn }) => statSn === from)) return false;
  for (const { bytes } of wanted) resend(connection, bytes);
  return true;
}

function resendData(connection: Connection, itt: number, begin: number, run: number): boolean {
  const task = findTask(connection, itt);
  if (task === undefined) return false;
  const end = run === 0 ? task.sentPdus.length : begin + run;
  if (begin >= task.sentPdus.length || end > task.sentPdus.length) return false;
  const pdus = task.sentPdus.slice(begin, end);
  if (pdus.some((pdu) => pdu === undefined)) return false;
  for (const pdu of pdus) if (pdu !== undefined) resend(connection, pdu.bytes);
  return true;
}

function acknowledgeData(connection: Connection, ttt: number, begin: number, run: number): boolean {
  const session = connection.sessionOrFail;
  const candidates = [...session.tasks.values(), ...connection.retained.map(({ task }) => task)];
  const task = candidates.find((each) => each?.hasAcknowledgeTag(ttt) === true);
  if (task === undefined || run !== 0 || begin > task.sentPdus.length) return false;
  connection.replay.release(task, begin);
  return true;
}

/** A copy goes out with the present window; all else stays as it was. */
function resend(connection: Connection, bytes: Uint8Array): void {
  const copy = bytes.slice();
  refreshWindow(copy, connection.sessionOrFail, connection.digests);
  connection.send(copy);
}

/** Keeps the tasks of a lost connection for reassignment at error recovery level 2, else ends them. */
export function detachTasks(connection: Connection): void {
  const { session } = connection;
  if (session === undefined) return;
  // What logged out does not come back for its tasks.
  const keeps =
    session.open &&
    !connection.leaving &&
    session.parameters.errorRecoveryLevel === 2 &&
    session.parameters.defaultTime2Retain > 0;
  for (const task of [...session.tasks.values()])
    if (task.connection === connection) {
      if (!keeps) void abortTask(task);
      else for (const { ttt } of task.solicitations) session.solicitations.delete(ttt);
    }
  if (!keeps) return;
  const { cid } = connection;
  const expires = session.server.now + session.parameters.defaultTime2Retain * 1000;
  session.detached.set(cid, { connection, expires });
}

/** Makes a task of a lost connection go on over this one (RFC 7143 7.2.2); answers a task management response. */
export function reassignTask(connection: Connection, itt: number, expDataSn: number): number {
  const session = connection.sessionOrFail;
  if (session.parameters.errorRecoveryLevel < 2) return TMF_RESPONSE.reassignmentNotSupported;
  const live = session.tasks.get(itt);
  const lost = [...session.detached.values()].map(({ connection: old }) => old);
  if (live !== undefined) {
    if (!live.connection.closed) return TMF_RESPONSE.stillAllegiant;
    const before = live.connection;
    live.connection = connection;
    // Deferred, so that the answer to the reassignment goes out first.
    void Promise.resolve().then(() => continueReassigned(live, expDataSn, before));
    return TMF_RESPONSE.complete;
  }
  for (const old of lost) {
    const answer = old.retained.find(({ task }) => task?.itt === itt);
    if (answer?.task === undefined) continue;
    const { task } = answer;
    task.connection = connection;
    void Promise.resolve().then(() => {
      resendFrom(task, expDataSn, answer.bytes, old);
      const statSn = connection.takeStatSn();
      const copy = reframePdu(answer.bytes, old.digests, statSn, session, connection.digests);
      connection.send(copy);
      connection.retain(statSn, copy, task);
    });
    return TMF_RESPONSE.complete;
  }
  return TMF_RESPONSE.noSuchTask;
}

function continueReassigned(task: Task, expDataSn: number, before: Connection): void {
  if (task.aborted || task.answered) return;
  if (task.writeExpected > 0) {
    // What was asked for over the lost connection is asked for again, and unsolicited data is no longer waited for.
    task.unsolicitedOpen = false;
    task.nextR2tOffset = task.received;
    task.solicitations = [];
    if (!task.running) continueTask(task);
  } else resendFrom(task, expDataSn, undefined, before);
}

/** `except` is the answer, which goes out by itself; the digests may differ from those of the lost connection. */
function resendFrom(task: Task, expDataSn: number, except: Uint8Array | undefined, before: Connection): void {
  const { connection, session } = task;
  for (let sn = expDataSn; sn < task.sentPdus.length; sn += 1) {
    const pdu = task.sentPdus[sn];
    if (pdu === undefined || pdu.bytes.byteOffset === except?.byteOffset) continue;
    connection.send(reframePdu(pdu.bytes, before.digests, 0, session, connection.digests));
  }
  before.replay.release(task);
}
