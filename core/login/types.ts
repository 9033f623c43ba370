import type { AuthError, LoginError, ProtocolError } from '../errors/index.ts';
import type { OutgoingPdu } from '../pdu/index.ts';
import type { ChallengeLog } from './chap.ts';

/** The two ends of a connection. */
export type LoginSide = 'initiator' | 'target';

/** What a session is for (RFC 7143 13.21). */
export type SessionType = 'Normal' | 'Discovery';

/** Unpredictable bytes, as many as asked for. */
export type RandomBytes = (length: number) => Uint8Array;

/** CHAP algorithm numbers: 5 MD5, 6 SHA-1, 7 SHA-256, 8 SHA3-256 (IANA PPP authentication algorithms). */
export type ChapAlgorithm = 5 | 6 | 7 | 8;

/** Hashes bytes with a CHAP algorithm; an algorithm the platform lacks throws. */
export type ChapDigest = (algorithm: ChapAlgorithm, bytes: Uint8Array) => Uint8Array;

/** A digest value that can be offered. */
export type DigestName = 'CRC32C' | 'None';

/** A CHAP secret; text is taken as UTF-8. */
export type ChapSecret = string | Uint8Array;

/** How an initiator proves itself, and what it wants the target to prove. */
export interface InitiatorChap {
  readonly user: string;
  readonly secret: ChapSecret;
  /** Present for mutual CHAP; `user` is the name the target must give, any name where it is left out. */
  readonly mutual?: { readonly user?: string; readonly secret: ChapSecret };
  /** Algorithms offered, the preferred one first; all four, strongest first, where it is left out. */
  readonly algorithms?: readonly ChapAlgorithm[];
  /** Also offer AuthMethod None, so that a target may let the initiator in unproven. */
  readonly allowNone?: boolean;
}

/** The values one side wants for the operational keys; what is left out is this library's own choice. */
export interface OperationalOffers {
  readonly headerDigest?: readonly DigestName[];
  readonly dataDigest?: readonly DigestName[];
  readonly maxConnections?: number;
  readonly initialR2T?: boolean;
  readonly immediateData?: boolean;
  readonly maxRecvDataSegmentLength?: number;
  readonly maxBurstLength?: number;
  readonly firstBurstLength?: number;
  readonly defaultTime2Wait?: number;
  readonly defaultTime2Retain?: number;
  readonly maxOutstandingR2T?: number;
  readonly dataPduInOrder?: boolean;
  readonly dataSequenceInOrder?: boolean;
  readonly errorRecoveryLevel?: 0 | 1 | 2;
  /** Task reporting semantics in order of preference; not offered where left out. */
  readonly taskReporting?: readonly TaskReporting[];
  /** Protocol level of RFC 7144; not offered where left out. */
  readonly protocolLevel?: number;
}

/** How a target reports tasks ended by others (RFC 7143 13.23). */
export type TaskReporting = 'RFC3720' | 'ResponseFence' | 'FastAbort';

/** Where the value of a key came from. */
export type KeyOrigin =
  'default' | 'offered by initiator' | 'offered by target' | 'declared by initiator' | 'declared by target' | 'session';

/** One key of a negotiation, fit for display. */
export interface KeyOutcome {
  readonly key: string;
  readonly origin: KeyOrigin;
  /** What the side that spoke first said. */
  readonly offered: string | null;
  /** What the other side answered; null for declarations and for keys nobody named. */
  readonly answered: string | null;
  /** The value in force, null where the key has none (refused, irrelevant, not understood). */
  readonly result: string | null;
  readonly defaultValue: string | null;
  /** The side whose value kept the result from being what the other wanted. */
  readonly limitedBy: LoginSide | null;
  readonly note?: string;
}

/** Everything login decides about a connection and its session. */
export interface SessionParameters {
  readonly sessionType: SessionType;
  readonly headerDigest: DigestName;
  readonly dataDigest: DigestName;
  readonly maxConnections: number;
  readonly initialR2T: boolean;
  readonly immediateData: boolean;
  /** Most data bytes we accept in one PDU. */
  readonly ownMaxRecvDataSegmentLength: number;
  /** Most data bytes the peer accepts in one PDU; 8192 when undeclared. */
  readonly peerMaxRecvDataSegmentLength: number;
  readonly maxBurstLength: number;
  readonly firstBurstLength: number;
  readonly defaultTime2Wait: number;
  readonly defaultTime2Retain: number;
  readonly maxOutstandingR2T: number;
  readonly dataPduInOrder: boolean;
  readonly dataSequenceInOrder: boolean;
  readonly errorRecoveryLevel: 0 | 1 | 2;
  readonly taskReporting: TaskReporting;
  readonly protocolLevel: number;
  readonly targetAlias: string | null;
  readonly initiatorAlias: string | null;
  readonly targetPortalGroupTag: number | null;
  readonly targetAddress: string | null;
  readonly negotiated: readonly KeyOutcome[];
}

/** A portal as targets write it: host (IPv6 without brackets), port, portal group tag where one was given. */
export interface PortalAddress {
  readonly host: string;
  readonly port: number;
  readonly groupTag: number | null;
}

/** A target found by discovery. */
export interface DiscoveredTarget {
  readonly name: string;
  readonly portals: readonly PortalAddress[];
}

/** One direction of one login exchange, for display; secrets are redacted. */
export interface LoginExchange {
  readonly stage: 'security' | 'operational' | 'full feature';
  readonly sent: readonly { readonly key: string; readonly value: string }[];
  readonly received: readonly { readonly key: string; readonly value: string }[];
  readonly transit: boolean;
}

/** What a finished login hands to the session. */
export interface LoginResult {
  readonly tsih: number;
  /** Next StatSN expected: the ExpStatSN of the first PDU in full feature phase. */
  readonly expStatSn: number;
  readonly expCmdSn: number;
  readonly maxCmdSn: number;
  readonly parameters: SessionParameters;
  readonly warnings: readonly string[];
  readonly history: readonly LoginExchange[];
  /** AuthMethod in force. */
  readonly authMethod: 'CHAP' | 'None';
  readonly chapAlgorithm: ChapAlgorithm | null;
  /** Whether the target proved itself (mutual CHAP). */
  readonly targetProven: boolean;
}

/** A login that failed in a way known to work when tried another way. */
export interface RetryAdvice {
  /** Log in again with these CHAP algorithms, once. */
  readonly algorithms: readonly ChapAlgorithm[];
  readonly reason: string;
}

/** What the initiator's login machine wants done next. */
export type LoginStep =
  | { readonly kind: 'send'; readonly pdu: OutgoingPdu }
  | { readonly kind: 'done'; readonly result: LoginResult }
  | { readonly kind: 'redirect'; readonly address: PortalAddress; readonly permanent: boolean }
  | {
      readonly kind: 'failed';
      readonly error: LoginError | AuthError | ProtocolError;
      readonly retryAdvice?: RetryAdvice;
    };

/** How the initiator's login machine is set up. */
export interface InitiatorLoginConfig {
  readonly initiatorName: string;
  readonly initiatorAlias?: string;
  /** Required in a normal session. */
  readonly targetName?: string;
  readonly sessionType: SessionType;
  /** Six bytes. */
  readonly isid: Uint8Array;
  /** Zero asks for a new session; otherwise the connection joins, or is reinstated in, that session. */
  readonly tsih: number;
  readonly cid: number;
  /** CmdSN the first command will carry; login requests are immediate and do not advance it. */
  readonly cmdSn: number;
  /** Initiator task tag of the whole login; 0 where left out. */
  readonly itt?: number;
  /** Next StatSN where the connection is restarted under its old CID; 0 where left out. */
  readonly expStatSn?: number;
  /** Parameters of the session being joined; required where `tsih` is not zero. */
  readonly session?: SessionParameters;
  readonly chap?: InitiatorChap;
  readonly offers?: OperationalOffers;
  /** Values by key name that replace what would be offered; known keys are still held to their ranges. */
  readonly overrides?: ReadonlyMap<string, string>;
  /** Most bytes of text one answer may gather over its PDUs; 65536 where left out. */
  readonly textLimit?: number;
  /** Most login requests before the login is given up as endless; 64 where left out. */
  readonly exchangeLimit?: number;
  /** Begin with operational negotiation: one round trip less, refused by targets that want authentication. */
  readonly skipSecurity?: boolean;
  /** Challenges of other logins, so that a reflected or reused one is noticed across connections. */
  readonly challenges?: ChallengeLog;
  readonly random: RandomBytes;
  readonly chapDigest: ChapDigest;
}

/** Who may log in to a target, and how. */
export type TargetAuth =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'chap';
      /** Secrets by CHAP name. */
      readonly accounts: ReadonlyMap<string, ChapSecret>;
      /** The target's own name and secret, used where the initiator asks for proof. */
      readonly mutual?: { readonly user: string; readonly secret: ChapSecret };
      /** Algorithms accepted; all four where left out. The initiator's order decides. */
      readonly algorithms?: readonly ChapAlgorithm[];
    };

/** What a target name stands for. */
export type TargetResolution =
  | { readonly kind: 'found'; readonly auth: TargetAuth; readonly alias?: string; readonly offers?: OperationalOffers }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'redirect'; readonly address: PortalAddress; readonly permanent: boolean };

/** Who asks for what, as far as the first login request tells. */
export interface TargetLoginRequest {
  readonly initiatorName: string;
  /** Absent in discovery. */
  readonly targetName: string | null;
  readonly sessionType: SessionType;
  /** Six bytes, a copy. */
  readonly isid: Uint8Array;
  readonly tsih: number;
  readonly cid: number;
  readonly cmdSn: number;
}

/** The caller's word on a login that has succeeded in everything else. */
export type Admission =
  | {
      readonly kind: 'admitted';
      /** Handle of the new session, or of the one joined; never zero. */
      readonly tsih: number;
      readonly expCmdSn: number;
      readonly maxCmdSn: number;
    }
  | { readonly kind: 'refused'; readonly statusClass: number; readonly statusDetail: number; readonly reason: string };

/** How the target's login machine is set up. */
export interface TargetLoginConfig {
  /** Called once, with the name of the first request. */
  readonly resolveTarget: (targetName: string, request: TargetLoginRequest) => TargetResolution;
  /** Called once, before the last response; the session exists from then on. */
  readonly admit: (request: TargetLoginRequest, parameters: SessionParameters) => Admission;
  /** Parameters of the session a request with this TSIH joins; undefined where there is none (status 020a). */
  readonly sessionOf: (tsih: number, request: TargetLoginRequest) => SessionParameters | undefined;
  readonly discoveryAuth: TargetAuth;
  readonly portalGroupTag: number;
  readonly offers?: OperationalOffers;
  /** First StatSN of the connection. */
  readonly statSn: number;
  /** Commands the initiator may have outstanding after login, for the MaxCmdSN of login responses. */
  readonly window: number;
  /** Most bytes of text one request may gather over its PDUs; 65536 where left out. */
  readonly textLimit?: number;
  /** Most login requests before the login is refused; 64 where left out. */
  readonly exchangeLimit?: number;
  /** Challenges of other logins, so that a reflected or reused one is noticed across connections. */
  readonly challenges?: ChallengeLog;
  readonly random: RandomBytes;
  readonly chapDigest: ChapDigest;
}

/** How a target's login ended. */
export type TargetLoginOutcome =
  | {
      readonly kind: 'accepted';
      readonly request: TargetLoginRequest;
      readonly tsih: number;
      /** StatSN of the next response on this connection. */
      readonly statSn: number;
      readonly parameters: SessionParameters;
      readonly chapUser: string | null;
      readonly chapAlgorithm: ChapAlgorithm | null;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly statusClass: number;
      readonly statusDetail: number;
      readonly reason: string;
      /** What was asked for, null where the first request could not be read. */
      readonly request: TargetLoginRequest | null;
    };

/** What the target's login machine wants done: send these, and where it has ended, how; after a refusal close the connection. */
export interface TargetLoginStep {
  readonly send: readonly OutgoingPdu[];
  readonly outcome?: TargetLoginOutcome;
}
