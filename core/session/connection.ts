import { crc32c, padded } from '../bytes/index.ts';
import type { InitiatorLogin, LoginResult, PortalAddress, SessionParameters } from '../login/index.ts';
import { BHS_LENGTH, isInitiatorOpcode, NO_DIGESTS, PduFramer, writeDigest } from '../pdu/index.ts';
import type { Digests, OutgoingPdu, PduDamage, PduSink } from '../pdu/index.ts';
import { EarlyStatuses } from './early-status.ts';
import type { Task } from './task.ts';
import { COPY_LIMIT, TransmitQueue, type ChunkWriter } from './transmit.ts';
import { Untold } from './untold.ts';
import type { PduTap, SessionHost, TapEnd, TapEndpoints } from './host.ts';

/** Where a connection stands. */
export type ConnectionPhase = 'connecting' | 'login' | 'full' | 'logged-out' | 'closed';

const LOGIN_SEGMENT_LIMIT = 8192;
const LATE_TAGS = 64;

/** One TCP connection of a session: its framing, its sequence numbers and what it has to send. */
export class Connection {
  readonly id: number;
  readonly tx = new TransmitQueue();
  readonly framer: PduFramer;
  readonly #limits = {
    maxDataSegmentLength: LOGIN_SEGMENT_LIMIT,
    accepts: (opcode: number): boolean => !isInitiatorOpcode(opcode),
  };
  readonly #hooks: { readonly tap?: PduTap | undefined };
  readonly #host: SessionHost;
  #endpoints: TapEndpoints | undefined;
  #tap: PduTap | undefined;
  #tapId = -1;
  /** PDUs that wait to be sent, and such as came with the bytes that are being read. */
  readonly #sent = new Untold();
  readonly #received = new Untold();
  address: PortalAddress;
  phase: ConnectionPhase = 'connecting';
  login: InitiatorLogin | undefined;
  result: LoginResult | undefined;
  /** In force from the end of the login on. */
  parameters: SessionParameters | undefined;
  digests: Digests = NO_DIGESTS;
  expStatSn = 0;
  /** The status number asked for again, how often, and when last. */
  readonly wanted = { statSn: 0, requests: 0, at: 0 };
  /** Statuses that came before their turn. */
  readonly early = new EarlyStatuses();
  /** SCSI tasks bound to this connection. */
  tasks = 0;
  openedAt = 0;
  lastHeardAt = 0;
  /** Streams whose reader has enough for now, so that nothing is read. */
  readonly holders = new Set<Task>();
  /** Tag of the keepalive under way; -1 while there is none. */
  keepaliveTag = -1;
  /** Tags of requests whose time was over before their answer came, oldest first. */
  readonly lateTags = new Set<number>();
  /** On its way out: it takes no more commands. */
  leaving = false;
  /** Its logout has been asked for: nothing new is sent on it (RFC 7143 11.14). */
  farewell = false;
  /** Called when its last task is gone, or it is itself. */
  onIdle: (() => void) | undefined;
  /** PDUs and bytes since the start, both ways. */
  readonly counters = { pdusIn: 0, pdusOut: 0, bytesIn: 0, bytesOut: 0 };

  constructor(
    id: number,
    address: PortalAddress,
    sink: PduSink,
    host: SessionHost,
    hooks: { readonly tap?: PduTap | undefined },
  ) {
    this.id = id;
    this.address = address;
    this.framer = new PduFramer(sink, this.#limits);
    this.#host = host;
    this.#hooks = hooks;
  }

  /** Whether reading is held back. */
  get paused(): boolean {
    return this.holders.size > 0;
  }

  /** An answer to this request may still come; of these only the newest are kept. */
  noteLate(itt: number): void {
    this.lateTags.add(itt);
    const [oldest] = this.lateTags;
    if (this.lateTags.size > LATE_TAGS && oldest !== undefined) this.lateTags.delete(oldest);
  }

  /** Remembers both ends, once TCP is up. */
  setEndpoints(endpoints: TapEndpoints): void {
    this.#endpoints = endpoints;
    this.#followTap();
  }

  /** The recorder in force, which has been told of this connection. */
  #followTap(): PduTap | undefined {
    const { tap } = this.#hooks;
    if (tap === this.#tap) return tap;
    this.tapClose('Recording ended.', 'goes-on');
    if (this.#endpoints === undefined) return undefined;
    this.#tap = tap;
    this.#tapId = tap === undefined ? -1 : tap.openConnection(this.#host.now(), this.#endpoints);
    return tap;
  }

  /** Takes bytes `from` to `to` of `chunk`, and tells the recorder of the PDUs that came with them. */
  receive(chunk: Uint8Array, from: number, to: number): void {
    this.lastHeardAt = this.#host.now();
    this.counters.bytesIn += to - from;
    try {
      this.framer.receive(chunk, from, to);
    } finally {
      this.#tellReceived();
    }
  }

  /** A PDU came in: the recorder is told of it with `#tellReceived`, or now where its bytes may be gone by then. */
  tapIncoming(
    bytes: Uint8Array,
    at: number,
    ahsLength: number,
    data: Uint8Array,
    wireAt: number,
    damage?: PduDamage,
  ): void {
    const tap = this.#followTap();
    if (tap === undefined) return;
    if (damage !== undefined) {
      this.#tellReceived();
      tap.recordPdu(this.#tapId, false, this.lastHeardAt, bytes, at, ahsLength, data, 0, data.length, damage);
      return;
    }
    // From where its header is read anyway, if it stands there.
    const here = wireAt >= 0;
    this.#received.add(bytes, at, ahsLength, here ? bytes : data, here ? wireAt : 0, data.length);
    // Its bytes may be gone soon.
    if (!here) this.#tellReceived();
  }

  /** Tells the recorder of what came in, while the bytes that were read are still there. */
  #tellReceived(): void {
    if (this.#received.pending) this.#received.tell(this.#tap, this.#tapId, false, this.lastHeardAt);
  }

  /** Hands over what is to be sent, and tells the recorder of it now: a PDU is sent when it is written. */
  drain(write: ChunkWriter): void {
    if (this.#sent.pending) {
      this.#tellReceived();
      const tap = this.#followTap();
      this.#sent.tell(tap, this.#tapId, true, this.#host.now());
    }
    this.tx.drain(write);
  }

  /** Tells the recorder that the connection is gone. */
  tapClose(reason: string, end: TapEnd): void {
    this.#tellReceived();
    this.#tap?.closeConnection(this.#tapId, this.#host.now(), reason, end);
    this.#tap = undefined;
    this.#tapId = -1;
  }

  /** Puts the parameters agreed at login in force for what follows. */
  enterFullFeature(result: LoginResult, digests: Digests): void {
    this.phase = 'full';
    this.result = result;
    this.parameters = result.parameters;
    this.digests = digests;
    this.expStatSn = result.expStatSn;
    this.login = undefined;
    this.#limits.maxDataSegmentLength = result.parameters.ownMaxRecvDataSegmentLength;
    this.framer.setDigests(digests);
  }

  /** Room for a header with `ahsLength` more bytes and its digest; returns where it begins in `tx.buffer`, with anything in it. */
  reserveHeader(ahsLength: number): number {
    return this.tx.reserve(BHS_LENGTH + ahsLength + (this.digests.header === undefined ? 0 : 4));
  }

  /** Room for a header without additional ones, whose 48 bytes are zeroed. */
  reserveEmptyHeader(): number {
    const at = this.reserveHeader(0);
    this.tx.buffer.fill(0, at, at + BHS_LENGTH);
    return at;
  }

  /** Completes a header written at `at`: its digest, then its data with padding and digest. */
  finishPdu(at: number, ahsLength: number, data: Uint8Array | undefined): void {
    const tx = this.tx;
    const headerLength = BHS_LENGTH + ahsLength;
    const header = tx.buffer;
    if (this.digests.header !== undefined)
      writeDigest(header, at + headerLength, crc32c(header.subarray(at, at + headerLength)), this.digests.order);
    const length = data?.length ?? 0;
    this.counters.pdusOut += 1;
    this.counters.bytesOut += headerLength + length;
    const traced = this.#hooks.tap !== undefined;
    if (data === undefined || length === 0) {
      if (traced) this.#sent.add(header, at, ahsLength, header, 0, 0);
      return;
    }
    const crc = this.digests.data;
    const tail = padded(length) - length;
    const tailLength = tail + (crc === undefined ? 0 : 4);
    if (length <= COPY_LIMIT) {
      const into = tx.reserve(length + tailLength);
      tx.buffer.set(data, into);
      if (traced) this.#sent.add(header, at, ahsLength, tx.buffer, into, length);
      const end = into + length + tail;
      if (tail > 0) tx.buffer.fill(0, into + length, end);
      if (crc !== undefined) writeDigest(tx.buffer, end, crc(tx.buffer.subarray(into, end)), this.digests.order);
      return;
    }
    tx.attach(data);
    if (traced) this.#sent.add(header, at, ahsLength, data, 0, length);
    if (tailLength === 0) return;
    const into = tx.reserve(tailLength);
    tx.buffer.fill(0, into, into + tail);
    if (crc !== undefined) {
      const sum = crc(tx.buffer.subarray(into, into + tail), crc(data));
      writeDigest(tx.buffer, into + tail, sum, this.digests.order);
    }
  }

  /** Queues a PDU that is already encoded. */
  sendPdu(pdu: OutgoingPdu): void {
    const ahsLength = pdu.ahs?.length ?? 0;
    const at = this.reserveHeader(ahsLength);
    this.tx.buffer.set(pdu.bhs, at);
    if (pdu.ahs !== undefined) this.tx.buffer.set(pdu.ahs, at + BHS_LENGTH);
    this.finishPdu(at, ahsLength, pdu.data);
  }
}
