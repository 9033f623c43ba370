import { RESERVED_TAG } from '../../pdu/index.ts';
import { STATUS, type Outcome } from '../unit/outcome.ts';
import type { Connection } from './connection.ts';
import { answerTask, closeTask, failTask, releaseTask } from './task-end.ts';
import { DATA_FLAGS, dataOffset, pduBytes, residualOf, sealPdu, writeDataIn } from './responses.ts';
import type { Task } from './task.ts';

const LARGEST_PIECE = 256 * 1024;

interface Segment {
  readonly at: number;
  readonly length: number;
  readonly flags: number;
}

/** Several Data-In PDUs in one piece of memory, whose data is read into the bytes that go on the wire. */
class DataInBatch {
  readonly #task: Task;
  readonly #offset: number;
  readonly #bytes: Uint8Array;
  readonly #segments: Segment[] = [];
  readonly #last: boolean;
  readonly #withStatus: boolean;
  readonly #connection: Connection;
  readonly #sequenceBefore: number;

  /** Data from `offset` on, `length` bytes; `last` where the command has no more. */
  constructor(task: Task, offset: number, length: number, last: boolean, withStatus: boolean) {
    this.#task = task;
    this.#offset = offset;
    this.#last = last;
    this.#withStatus = withStatus;
    const { connection } = task;
    this.#connection = connection;
    this.#sequenceBefore = task.sequenceBytes;
    const { maxBurstLength } = task.session.parameters;
    const mrdsl = connection.agreed.peerMaxRecvDataSegmentLength;
    let at = 0;
    for (let left = length; left > 0;) {
      const room = maxBurstLength - task.sequenceBytes;
      const size = Math.min(left, mrdsl, room);
      left -= size;
      const ends = size === room || (last && left === 0);
      task.sequenceBytes = ends ? 0 : task.sequenceBytes + size;
      this.#segments.push({ at, length: size, flags: ends ? DATA_FLAGS.final : 0 });
      at += pduBytes(size, connection.digests);
    }
    this.#bytes = connection.allocate(at);
  }

  /** Reads whole blocks from the unit's store; without copies where PDUs end on block boundaries. */
  read(lba: bigint, blockSize: number, lengthBytes: number): Promise<void> | undefined {
    const { store } = this.#task.unitOrFail;
    const data = dataOffset(this.#task.connection.digests);
    const [first, ...more] = this.#segments;
    if (first !== undefined && more.length === 0 && first.length % blockSize === 0)
      return store.read(lba, this.#bytes.subarray(data, data + first.length));
    if (this.#segments.every(({ length }) => length % blockSize === 0)) {
      const pending: Promise<void>[] = [];
      let next = lba;
      for (const { at, length } of this.#segments) {
        const done = store.read(next, this.#bytes.subarray(at + data, at + data + length));
        if (done !== undefined) pending.push(done);
        next += BigInt(length / blockSize);
      }
      return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
    }
    const whole = new Uint8Array(Math.ceil(lengthBytes / blockSize) * blockSize);
    const pending = store.read(lba, whole);
    if (pending !== undefined) return pending.then(() => this.fill(whole));
    this.fill(whole);
    return undefined;
  }

  /** Copies data that is in memory already. */
  fill(data: Uint8Array): void {
    const start = dataOffset(this.#task.connection.digests);
    let from = 0;
    for (const { at, length } of this.#segments) {
      this.#bytes.set(data.subarray(from, from + length), at + start);
      from += length;
    }
  }

  /**
   * Writes the headers and sends; with status, the task is over. False where the task was reassigned meanwhile: the
   * batch was made for another connection and is of no use.
   */
  send(actualLength: number): boolean {
    const task = this.#task;
    const { connection, session } = task;
    if (connection !== this.#connection) {
      task.sequenceBytes = this.#sequenceBefore;
      return false;
    }
    const { digests } = connection;
    const residual = residualOf(task.readExpected, actualLength);
    if (this.#withStatus) closeTask(task);
    const keep = session.parameters.errorRecoveryLevel > 0;
    let offset = this.#offset;
    let statSn = 0;
    this.#segments.forEach(({ at, length, flags }, index) => {
      const final = this.#last && index === this.#segments.length - 1;
      const status = final && this.#withStatus;
      if (status) statSn = connection.takeStatSn();
      // At ERL 1 and up a whole sequence is acknowledged, so that it need not be kept (RFC 7143 11.7.2).
      const asks = keep && flags === DATA_FLAGS.final && !final;
      writeDataIn(this.#bytes, at, session, {
        flags: flags | (status ? DATA_FLAGS.hasStatus | residual.flags : 0) | (asks ? DATA_FLAGS.acknowledge : 0),
        status: 0,
        dataLength: length,
        lunHigh: task.lunHigh,
        lunLow: task.lunLow,
        itt: task.itt,
        ttt: asks ? task.acknowledgeTag() : RESERVED_TAG,
        statSn: status ? statSn : 0,
        dataSn: task.dataSn,
        bufferOffset: offset,
        residual: status ? residual.count : 0,
      });
      sealPdu(this.#bytes, at, length, digests);
      if (keep)
        connection.replay.keep(task, task.dataSn, this.#bytes.subarray(at, at + pduBytes(length, digests)), offset);
      task.dataSn += 1;
      offset += length;
    });
    task.sentBytes = offset;
    const { target } = session;
    if (target.damageEvery > 0 && digests.data !== undefined && session.commands % target.damageEvery === 0) {
      const at = dataOffset(digests);
      const damaged = this.#bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      connection.send(damaged);
    } else connection.send(this.#bytes, !keep);
    if (!this.#withStatus) return true;
    const end = this.#segments[this.#segments.length - 1];
    if (keep && end !== undefined) connection.retain(statSn, this.#bytes.subarray(end.at), task);
    releaseTask(task, { status: STATUS.good });
    return true;
  }
}

/** Sends what a command produced, and its status; GOOD travels in the last Data-In (RFC 7143 11.7.3). */
export function sendData(task: Task, outcome: Outcome): void {
  const data = outcome.dataIn ?? new Uint8Array(0);
  const length = Math.min(data.length, task.readExpected);
  const good = outcome.status === STATUS.good;
  for (let at = 0; at < length;) {
    const piece = Math.min(length - at, LARGEST_PIECE);
    const last = at + piece === length;
    const batch = new DataInBatch(task, at, piece, last, last && good);
    batch.fill(data.subarray(at, at + piece));
    batch.send(data.length);
    at += piece;
  }
  if (length === 0 || !good) answerTask(task, outcome, data.length);
}

/** Reads blocks from the store and answers with them, in pieces, as fast as the connection takes them. */
export function runRead(task: Task, lba: bigint, lengthBytes: number): void {
  const total = Math.min(lengthBytes, task.readExpected);
  const { blockSize } = task.unitOrFail.store;
  try {
    if (total === 0) {
      answerTask(task, { status: STATUS.good }, lengthBytes);
      return;
    }
    while (task.sentBytes < total) {
      const writable = task.connection.whenWritable();
      if (writable !== undefined) {
        void writable.then(() => {
          if (!task.aborted) runRead(task, lba, lengthBytes);
        });
        return;
      }
      const offset = task.sentBytes;
      const piece = Math.min(total - offset, LARGEST_PIECE);
      const last = offset + piece === total;
      const batch = new DataInBatch(task, offset, piece, last, last);
      const pending = batch.read(lba + BigInt(offset / blockSize), blockSize, piece);
      if (pending !== undefined) {
        pending
          .then(() => {
            if (task.aborted) return;
            if (batch.send(lengthBytes) && last) return;
            runRead(task, lba, lengthBytes);
          })
          .catch((error: unknown) => failTask(task, error));
        return;
      }
      batch.send(lengthBytes);
    }
  } catch (error) {
    failTask(task, error);
  }
}
