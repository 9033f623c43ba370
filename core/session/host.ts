import type { Crc32c } from '../bytes/index.ts';
export type { PduTap, TapEnd, TapEndpoints } from '../pdu/index.ts';
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

/** The metrics a session can report. */
export type MetricKind = 'pdu-sent' | 'pdu-received' | 'command-complete' | 'bytes-in' | 'bytes-out';

/** One observation: the kind, the opcode it concerns (SCSI for completions, iSCSI otherwise), bytes and milliseconds. */
export type MetricsHook = (kind: MetricKind, opcode: number, bytes: number, latencyMs: number) => void;
