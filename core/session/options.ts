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
  /** Commands that may wait for the window; one more is refused. */
  readonly queueLimit: number;
  /** Bytes of text one exchange may gather. */
  readonly textLimit: number;
}
