import type { Crc32c } from '../bytes/index.ts';
import type { ChapDigest, PortalAddress } from '../login/index.ts';

/** What a session needs from the world; core/node gives it sockets and clocks, tests a simulation. */
export interface SessionHost {
  readonly crc32c: Crc32c;
  readonly chapDigest: ChapDigest;
  random(length: number): Uint8Array;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Opens a connection; the host answers with `connected` or `connectionLost`. */
  open(connection: number, address: PortalAddress): void;
  /** Closes a connection; nothing about it is reported afterwards. */
  close(connection: number): void;
  /** Stops or goes on taking bytes from a connection. */
  setReading(connection: number, reading: boolean): void;
  /**
   * Asks for leave to log in again, so that many sessions do not all do so at once; `granted` is called once, perhaps at
   * once. What is returned gives the leave back, or withdraws the question.
   */
  acquireLogin(granted: () => void): () => void;
  /** Something waits to be sent, or the next deadline came closer: poll soon, from a later tick. */
  wake(): void;
}

/** Both ends of a connection; the initiator's side first. */
export interface TapEndpoints {
  readonly initiatorHost: string;
  readonly initiatorPort: number;
  readonly targetHost: string;
  readonly targetPort: number;
}

/**
 * Records what goes over the wire, at PDU boundaries. Calls are synchronous; `bytes` holds the header at `at` with its
 * additional headers behind it, and it and `data` are valid only during the call.
 */
export interface PduTap {
  /** A connection begins; answers the number it goes by in later calls. */
  openConnection(timeMs: number, endpoints: TapEndpoints): number;
  /** One PDU; `dataDamaged` marks data whose digest was wrong. */
  recordPdu(
    connection: number,
    fromInitiator: boolean,
    timeMs: number,
    bytes: Uint8Array,
    at: number,
    ahsLength: number,
    data: Uint8Array,
    dataDamaged?: boolean,
  ): void;
  /** The loop that stamps the times ran this much late. */
  recordLag(timeMs: number, lagMs: number): void;
  /** A connection ended; `reason` is for people. */
  closeConnection(connection: number, timeMs: number, reason: string): void;
}

/** The metrics a session can report. */
export type MetricKind = 'pdu-sent' | 'pdu-received' | 'command-complete' | 'bytes-in' | 'bytes-out';

/** One observation: the kind, the opcode it concerns (SCSI for completions, iSCSI otherwise), bytes and milliseconds. */
export type MetricsHook = (kind: MetricKind, opcode: number, bytes: number, latencyMs: number) => void;
