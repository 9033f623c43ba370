import { readU32, serialLess, serialLessOrEqual } from '../../bytes/index.ts';
import { ProtocolError } from '../../errors/index.ts';
import type { TargetLogin } from '../../login/index.ts';
import type { SessionParameters, TargetLoginOutcome } from '../../login/index.ts';
import {
  BHS_LENGTH,
  buildPdu,
  framePdu,
  INITIATOR_OPCODES,
  NO_DIGESTS,
  PduFramer,
  RESERVED_TAG,
  type Digests,
  type OutgoingPdu,
  type PduSink,
} from '../../pdu/index.ts';
import { dispatch, receiveNonImmediate } from './dispatch.ts';
import { placeDataOut, handleDataOut } from './data-out.ts';
import { REJECT, type RejectReason } from './reject.ts';
import { Replay } from './replay.ts';
import type { TargetServer } from './server.ts';
import type { Session } from './session.ts';
import type { Task } from './task.ts';
import type { TextExchange } from './text.ts';
import type { ConnectionOrigin, ConnectionSink, ServerLimits } from './types.ts';

/** Data segment taken during login, before anything is agreed (RFC 7143 13.12). */
const LOGIN_SEGMENT = 8192;
/** Immediate data from which on a copy is worth saving. */
const LARGE = 32 * 1024;
/** Answers kept for retransmission before a peer that acknowledges none is given up. */
const MOST_RETAINED = 8192;

/** An answer that its initiator has not acknowledged. */
export interface RetainedAnswer {
  readonly statSn: number;
  readonly bytes: Uint8Array;
  readonly task: Task | undefined;
}

/** One TCP connection of the target as a machine: bytes in, bytes out through its sink. */
export class Connection {
  readonly server: TargetServer;
  readonly origin: ConnectionOrigin;
  readonly openedAt: number;
  readonly retained: RetainedAnswer[] = [];
  readonly replay: Replay;
  session: Session | undefined;
  cid = 0;
  digests: Digests = NO_DIGESTS;
  parameters: SessionParameters | undefined;
  statSn: number;
  /** When anything last came. */
  heardAt: number;
  /** A logout has been answered: nothing more is taken. */
  leaving = false;
  closed = false;
  /** Tag of the NOP-In awaiting its answer, and when it was sent. */
  ping: { readonly ttt: number; readonly at: number } | undefined;
  /** When the initiator asked to log out was to have done so. */
  logoutDeadline = 0;
  text: TextExchange | undefined;
  readonly #sink: ConnectionSink;
  readonly #framer: PduFramer;
  readonly #pdus: PduSink;
  #login: TargetLogin | undefined;
  /** When the PDU that is not whole yet was begun. */
  #partialSince = 0;
  #stalledSince = 0;
  #lastQueued = 0;
  #waiters: (() => void)[] = [];
  #placed: Uint8Array | undefined;
  readonly #limitsForFramer = {
    maxDataSegmentLength: LOGIN_SEGMENT,
    accepts: (opcode: number) =>
      this.session === undefined ? opcode === INITIATOR_OPCODES.loginRequest : opcode < 0x20,
  };

  constructor(
    server: TargetServer,
    origin: ConnectionOrigin,
    sink: ConnectionSink,
    login: TargetLogin,
    statSn: number,
  ) {
    this.server = server;
    this.origin = origin;
    this.#sink = sink;
    this.#login = login;
    this.statSn = statSn;
    this.replay = new Replay(server.limits.replayBytes);
    this.openedAt = server.now;
    this.heardAt = server.now;
    this.#pdus = {
      placeData: (bytes, at, _ahs, length) => this.#place(bytes, at, length),
      handlePdu: (bytes, at, ahsLength, data) => this.#handle(bytes, at, ahsLength, data),
      handleDataDigestError: (bytes, at, _ahs, data) => this.#handleDamaged(bytes, at, data),
    };
    this.#framer = new PduFramer(this.#pdus, this.#limitsForFramer);
  }

  get limits(): ServerLimits {
    return this.server.limits;
  }

  /** Its session; full feature phase has one. */
  get sessionOrFail(): Session {
    if (this.session === undefined) throw new Error('The connection has no session yet.');
    return this.session;
  }

  /** What login agreed on for this connection. */
  get agreed(): SessionParameters {
    if (this.parameters === undefined) throw new Error('The connection has not logged in yet.');
    return this.parameters;
  }

  /** Takes bytes from the network; what breaks the protocol closes the connection. */
  receive(bytes: Uint8Array, now: number): void {
    if (this.closed || this.leaving) return;
    this.server.now = now;
    this.heardAt = now;
    try {
      this.#framer.receive(bytes);
      this.#partialSince = this.#framer.idle ? 0 : this.#partialSince || now;
    } catch (error) {
      if (error instanceof ProtocolError) this.close(error.message);
      else this.fail(error);
    }
  }

  /** Queues bytes for the network. */
  send(bytes: Uint8Array, disposable = false): void {
    if (!this.closed) this.#sink.send(bytes, disposable);
  }

  /** Builds, seals and queues a PDU that is not on the hot path. */
  sendPdu(pdu: OutgoingPdu, digests: Digests = this.digests): Uint8Array {
    const bytes = framePdu(pdu, digests);
    this.send(bytes);
    return bytes;
  }

  /** Memory that will be wholly written. */
  allocate(length: number): Uint8Array {
    return this.server.allocate(length);
  }

  /** The StatSN of an answer that goes out now. */
  takeStatSn(): number {
    const { statSn } = this;
    this.statSn = (statSn + 1) >>> 0;
    return statSn;
  }

  /** The fields every answer carries. */
  get window(): { readonly expCmdSn: number; readonly maxCmdSn: number } {
    const { expCmdSn, maxCmdSn } = this.sessionOrFail;
    return { expCmdSn, maxCmdSn };
  }

  /** Keeps an answer until its StatSN is acknowledged (error recovery level 1 and up). */
  retain(statSn: number, bytes: Uint8Array, task?: Task): void {
    this.retained.push({ statSn, bytes, task });
    if (this.retained.length > MOST_RETAINED) this.close('the initiator acknowledges no status');
  }

  /** Nothing while there is room to send, else a promise of it. */
  whenWritable(): Promise<void> | undefined {
    if (this.#sink.queuedBytes < this.limits.queuedBytes || this.closed) return undefined;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** To be called when the network has taken what was queued. */
  drained(): void {
    if (this.#waiters.length === 0) return;
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const tell of waiting) tell();
  }

  /** Rejects a PDU, whose header goes back (RFC 7143 11.17). */
  reject(reason: RejectReason, bytes: Uint8Array, at: number): void {
    const header = bytes.slice(at, at + BHS_LENGTH);
    const statSn = this.takeStatSn();
    const out = this.sendPdu(
      buildPdu('reject', { final: true, reason, itt: RESERVED_TAG, statSn, ...this.window }, header),
    );
    if (this.agreed.errorRecoveryLevel > 0) this.retain(statSn, out);
  }

  /** Sends what is queued and closes. */
  end(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.#sink.end();
    this.server.forget(this, reason);
    this.drained();
  }

  /** Closes at once. */
  close(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.#sink.destroy();
    this.server.forget(this, reason);
    this.drained();
  }

  /** Closes on a mistake of our own; one connection's trouble is not that of the others. */
  fail(error: unknown): void {
    this.server.emit({ kind: 'internalError', origin: this.origin, error });
    this.close('internal error');
  }

  /** To be called when the network has closed it. */
  handleClosed(reason = 'the initiator closed the connection'): void {
    if (this.closed) return;
    this.closed = true;
    this.server.forget(this, reason);
    this.drained();
  }

  /** Looks at the clock: what has taken too long ends. */
  timeout(now: number): void {
    const { limits } = this;
    if (this.session === undefined) {
      if (now - this.openedAt >= limits.loginMs) this.close('the login took too long');
      return;
    }
    if (this.#partialSince !== 0 && now - this.#partialSince >= limits.partialPduMs) {
      this.close('a PDU was begun and not finished');
      return;
    }
    const queued = this.#sink.queuedBytes;
    if (queued === 0 || queued !== this.#lastQueued) this.#stalledSince = now;
    else if (now - this.#stalledSince >= limits.sendStallMs) {
      this.close('the initiator takes no data');
      return;
    }
    this.#lastQueued = queued;
    if (this.logoutDeadline !== 0 && now >= this.logoutDeadline) {
      this.close('the initiator did not log out when asked');
      return;
    }
    this.#keepAlive(now);
  }

  /** Sends a NOP-In that wants an answer (RFC 7143 11.19). */
  sendPing(now: number): void {
    const session = this.sessionOrFail;
    const ttt = session.takeTransferTag();
    this.ping = { ttt, at: now };
    this.sendPdu(buildPdu('nopIn', { final: true, itt: RESERVED_TAG, ttt, statSn: this.statSn, ...this.window }));
  }

  #keepAlive(now: number): void {
    const { intervalMs, timeoutMs } = this.server.keepAlive;
    if (this.ping !== undefined) {
      if (now - this.ping.at >= timeoutMs) this.close('the initiator does not answer');
    } else if (intervalMs > 0 && now - this.heardAt >= intervalMs) this.sendPing(now);
  }

  /** Where data goes without being collected first: into its write's buffer, or into what becomes one. */
  #place(bytes: Uint8Array, at: number, length: number): Uint8Array | undefined {
    if (this.session === undefined) return undefined;
    const opcode = (bytes[at] as number) & 0x3f;
    if (opcode === INITIATOR_OPCODES.dataOut) return placeDataOut(this.session, bytes, at, length);
    const whole = opcode === INITIATOR_OPCODES.scsiCommand && length >= LARGE && readU32(bytes, at + 20) === length;
    this.#placed = whole ? this.allocate(length) : undefined;
    return this.#placed;
  }

  /** Whether `data` is memory of our own that its command may keep; asked once. */
  adopts(data: Uint8Array): boolean {
    const own = data.length > 0 && data === this.#placed;
    this.#placed = undefined;
    return own;
  }

  #handle(bytes: Uint8Array, at: number, ahsLength: number, data: Uint8Array): void {
    this.#partialSince = 0;
    if (this.closed || this.leaving) return;
    if (this.#login !== undefined) {
      this.#handleLogin(this.#login, bytes.slice(at, at + BHS_LENGTH), data);
      return;
    }
    const opcode = (bytes[at] as number) & 0x3f;
    this.#acknowledge(readU32(bytes, at + 28));
    if (opcode === INITIATOR_OPCODES.dataOut) {
      handleDataOut(this, bytes, at, data, true);
      return;
    }
    const immediate = ((bytes[at] as number) & 0x40) !== 0;
    if (immediate || opcode === INITIATOR_OPCODES.snackRequest) dispatch(this, opcode, bytes, at, ahsLength, data);
    else receiveNonImmediate(this, opcode, bytes, at, ahsLength, data);
  }

  #handleDamaged(bytes: Uint8Array, at: number, data: Uint8Array): void {
    this.#partialSince = 0;
    if (this.session === undefined) throw new ProtocolError('PROTOCOL_DIGEST', 'A data digest was wrong during login.');
    if (((bytes[at] as number) & 0x3f) === INITIATOR_OPCODES.dataOut) handleDataOut(this, bytes, at, data, false);
    else this.reject(REJECT.dataDigest, bytes, at);
  }

  /** Lets go of what the initiator says it has (RFC 7143 4.2.2.2). */
  #acknowledge(expStatSn: number): void {
    const { retained } = this;
    if (retained.length === 0 || !serialLessOrEqual(expStatSn, this.statSn)) return;
    let count = 0;
    while (count < retained.length && serialLess((retained[count] as RetainedAnswer).statSn, expStatSn)) count += 1;
    for (const { task } of retained.splice(0, count)) if (task !== undefined) this.replay.release(task);
  }

  #handleLogin(login: TargetLogin, header: Uint8Array, data: Uint8Array): void {
    const step = login.receive(header, data);
    for (const pdu of step.send) this.sendPdu(pdu, NO_DIGESTS);
    const { outcome } = step;
    if (outcome === undefined) return;
    this.#login = undefined;
    if (outcome.kind === 'refused') {
      this.server.reportRefusal(this, outcome);
      this.end(`login refused: ${outcome.reason}`);
      return;
    }
    this.#enterFullFeature(outcome);
  }

  #enterFullFeature(outcome: Extract<TargetLoginOutcome, { kind: 'accepted' }>): void {
    const { parameters } = outcome;
    this.parameters = parameters;
    this.cid = outcome.request.cid;
    this.statSn = outcome.statSn;
    const crc = this.server.environment.crc32c;
    this.digests = {
      order: 'little',
      ...(parameters.headerDigest === 'CRC32C' ? { header: crc } : {}),
      ...(parameters.dataDigest === 'CRC32C' ? { data: crc } : {}),
    };
    this.#framer.setDigests(this.digests);
    this.#limitsForFramer.maxDataSegmentLength = parameters.ownMaxRecvDataSegmentLength;
    this.server.enter(this, outcome);
  }
}
