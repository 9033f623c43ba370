import { readU32, serialAdd, serialDistance } from '../bytes/index.ts';
import { ProtocolError } from '../errors/index.ts';
import { BHS_LENGTH, OPCODES, RESERVED_TAG } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';

/** How long a status that came before its turn is kept for the one that should have come first. */
const HOLD_MS = 500;
/** Statuses that nothing was asked for, such as asynchronous messages, among those a target may be ahead. */
const UNASKED = 16;
/** Most that are kept of one connection, and most data that has no other place to be. */
const MOST_HELD = 1024;
const MOST_BYTES = 1 << 20;

/** A PDU that is kept; its header is a copy, as what it was read from is used again. */
export interface EarlyPdu {
  readonly opcode: number;
  readonly bytes: Uint8Array;
  readonly data: Uint8Array;
}

/** Statuses of one connection that came before their turn, by number. */
export class EarlyStatuses {
  readonly #held = new Map<number, EarlyPdu>();
  #bytes = 0;
  #warned = false;
  until = Infinity;

  get waiting(): boolean {
    return this.#held.size > 0;
  }

  /** Keeps a PDU until `until` at the latest, with `bytes` of data that take memory; false where it is too many, or there twice. */
  keep(statSn: number, pdu: EarlyPdu, bytes: number, until: number): boolean {
    if (this.#held.has(statSn) || this.#held.size >= MOST_HELD || this.#bytes + bytes > MOST_BYTES) return false;
    if (this.#held.size === 0) this.until = until;
    this.#held.set(statSn, pdu);
    this.#bytes += bytes;
    return true;
  }

  /** The PDU whose turn it is, which is kept no longer. */
  take(statSn: number, until: number): EarlyPdu | undefined {
    const pdu = this.#held.get(statSn);
    if (pdu === undefined) return undefined;
    this.#held.delete(statSn);
    if (this.#held.size === 0) this.#bytes = 0;
    this.until = this.#held.size === 0 ? Infinity : until;
    return pdu;
  }

  /** True once: a target that does this does it again and again. */
  warnOnce(): boolean {
    const first = !this.#warned;
    this.#warned = true;
    return first;
  }
}

/** Whether a PDU uses up a status number (RFC 7143 11: those with StatSN that are not R2T, unsolicited NOP-In or Data-In without status). */
function hasStatus(opcode: number, bytes: Uint8Array, at: number): boolean {
  if (opcode === OPCODES.dataIn) return ((bytes[at + 1] as number) & 0x01) !== 0;
  if (opcode === OPCODES.nopIn) return readU32(bytes, at + 16) !== RESERVED_TAG;
  return opcode !== OPCODES.readyToTransfer;
}

function sequenceError(statSn: number, expected: number, why: string): ProtocolError {
  return new ProtocolError(
    'PROTOCOL_SEQUENCE',
    `Status ${String(statSn)} came where ${String(expected)} was next, ${why}.`,
    { details: { statSn, expected } },
  );
}

/**
 * Keeps a PDU aside whose status comes before its turn. The order is the target's duty (RFC 7143 4.2.2.2), yet targets with
 * threads of their own for commands and pings swap two now and then. Where PDUs are recovered (level 1 and up) the one
 * missing is asked for instead.
 */
export function keepEarly(
  core: SessionCore,
  connection: Connection,
  opcode: number,
  bytes: Uint8Array,
  at: number,
  data: Uint8Array,
): boolean {
  const statSn = readU32(bytes, at + 24);
  const ahead = serialDistance(connection.expStatSn, statSn);
  if (ahead <= 0 || core.recoveryLevel > 0 || !hasStatus(opcode, bytes, at)) return false;
  if (ahead > core.tasks.size + core.controls.size + UNASKED) return false;
  const until = core.host.now() + HOLD_MS;
  // Data of a read lies in its caller's buffer already.
  const inPlace = core.tasks.get(readU32(bytes, at + 16))?.dataIn?.buffer === data.buffer;
  const pdu = { opcode, bytes: bytes.slice(at, at + BHS_LENGTH), data: inPlace ? data : data.slice() };
  if (!connection.early.keep(statSn, pdu, inPlace ? 0 : data.length, until))
    throw sequenceError(statSn, connection.expStatSn, 'and no more can be kept until it comes');
  core.watch(connection.early.until);
  return true;
}

/** The PDU kept aside whose turn has come, if there is one. */
export function takeEarly(core: SessionCore, connection: Connection): EarlyPdu | undefined {
  const { early, expStatSn } = connection;
  if (!early.waiting) return undefined;
  const pdu = early.take(expStatSn, core.host.now() + HOLD_MS);
  if (pdu === undefined) return undefined;
  core.watch(early.until);
  if (early.warnOnce()) {
    const text = `The target sent status ${String(expStatSn)} before the one it follows on connection ${String(connection.id)}; they were taken in order.`;
    core.emit({ kind: 'warning', text });
  }
  return pdu;
}

/** Looks at the clock: the status that should have come first has not. */
export function checkEarly(core: SessionCore, connection: Connection, now: number): void {
  const { early, expStatSn } = connection;
  if (!early.waiting) return;
  if (early.until <= now)
    throw sequenceError(serialAdd(expStatSn, 1), expStatSn, `which did not follow within ${String(HOLD_MS)} ms`);
  core.watch(early.until);
}
