import type { DigestOrder } from '../pdu/index.ts';
import type { InitiatorChap, OperationalOffers, PortalAddress, SessionType } from '../login/index.ts';

/** How a session is set up; everything is already checked and has its default. */
export interface SessionOptions {
  readonly initiatorName: string;
  readonly initiatorAlias?: string;
  readonly targetName?: string;
  readonly sessionType: SessionType;
  readonly portal: PortalAddress;
  readonly isid: Uint8Array;
  readonly chap?: InitiatorChap;
  readonly offers: OperationalOffers;
  readonly overrides?: ReadonlyMap<string, string>;
  readonly digestOrder: DigestOrder;
  readonly connectTimeoutMs: number;
  /** For the login as a whole, connect included where it comes later. */
  readonly loginTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly logoutTimeoutMs: number;
  /** For ABORT TASK after a cancelled or late command. */
  readonly abortTimeoutMs: number;
  readonly keepaliveIntervalMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly maxRedirects: number;
  /** Attempts to come back after a loss, each without success; 0 lets the session end with its connection. */
  readonly maxReconnectAttempts: number;
  /** Pause before the first attempt; it doubles up to 30 s. */
  readonly reconnectBackoffMs: number;
  /** How long a PDU that was asked for again, or the answer of a silent target, is waited for (error recovery level 1 and up). */
  readonly snackTimeoutMs: number;
  /** Commands that may wait for the window; one more is refused. */
  readonly queueLimit: number;
  /** Bytes of text one exchange may gather. */
  readonly textLimit: number;
}
