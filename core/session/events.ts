import type { LunascopeError } from '../errors/index.ts';
import type { LoginResult, PortalAddress } from '../login/index.ts';

/** Where a session stands. */
export type SessionState = 'idle' | 'connecting' | 'login' | 'full' | 'recovering' | 'logging-out' | 'closed';

/** An asynchronous message with all its fields (RFC 7143 11.9). */
export interface AsyncEvent {
  readonly event: number;
  readonly name: string;
  readonly lun: bigint;
  readonly vendorCode: number;
  readonly parameter1: number;
  readonly parameter2: number;
  readonly parameter3: number;
  /** Sense data of a SCSI event (event 0), else empty. */
  readonly sense: Uint8Array;
  /** What follows the sense data, or the whole segment. */
  readonly data: Uint8Array;
}

/** What a session tells its owner. */
export type SessionEvent =
  | { readonly kind: 'state'; readonly from: SessionState; readonly to: SessionState; readonly reason?: LunascopeError }
  | {
      readonly kind: 'step';
      readonly step: 'connect' | 'login' | 'redirect' | 'retry';
      readonly text: string;
      readonly address?: PortalAddress;
    }
  | { readonly kind: 'login'; readonly connection: number; readonly result: LoginResult }
  | {
      readonly kind: 'connection';
      readonly connection: number;
      readonly change: 'lost' | 'closed';
      readonly text: string;
    }
  | { readonly kind: 'async'; readonly event: AsyncEvent }
  | { readonly kind: 'ping'; readonly connection: number; readonly roundTripMs: number }
  /** The target hints that other units, or other facts of them, stand behind its LUNs now: the list of them may be old. */
  | { readonly kind: 'units'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string };
