import { UsageError } from '../errors/index.ts';
import { checkIscsiName, generateIqn, ISCSI_PORT, NAME_BYTES, randomIsid } from '../login/index.ts';
import type { ChapAlgorithm, DigestName, InitiatorChap, OperationalOffers, SessionType } from '../login/index.ts';
import { secureRandom } from '../node/random.ts';
import type { TlsOptions } from '../node/tls.ts';
import type { DigestOrder } from '../pdu/index.ts';
import type { AsyncEvent, MetricsHook, PduTap, SessionEvent, SessionOptions } from '../session/index.ts';
import { planBursts, type BurstKey, type BurstPlan } from './burst-plan.ts';

/** Where a target listens. */
export interface Portal {
  readonly host: string;
  /** 3260 where it is left out. */
  readonly port?: number;
}

/** How this end proves itself; `mutual` asks the target to prove itself too. */
export interface ChapOptions {
  readonly user: string;
  readonly secret: string | Uint8Array;
  readonly mutual?: { readonly user?: string; readonly secret: string | Uint8Array };
  /** 5 MD5, 6 SHA-1, 7 SHA-256, 8 SHA3-256; all, strongest first, where it is left out. */
  readonly algorithms?: readonly ChapAlgorithm[];
}

/** Takes lines for a log. */
export interface Logger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
}

/** What discovery and sessions have in common. */
export interface CommonOptions {
  /** A random one of this library's own where it is left out. */
  readonly initiatorName?: string;
  readonly initiatorAlias?: string;
  /** Six bytes; random where left out. The same name and ISID reinstate a session (RFC 7143 6.3.5). */
  readonly isid?: Uint8Array;
  readonly chap?: ChapOptions;
  /** Runs every connection inside TLS, which a terminator in front of the target takes off again; none where it is left out. */
  readonly tls?: TlsOptions;
  /** In order of preference; `['None']` where it is left out. */
  readonly headerDigest?: readonly DigestName[];
  readonly dataDigest?: readonly DigestName[];
  /** `little`, as RFC 7143 13.1 has it, where it is left out. */
  readonly digestByteOrder?: DigestOrder;
  /** Most data bytes we take in one PDU: 512 to 16777215, 262144 where it is left out. */
  readonly maxRecvDataSegmentLength?: number;
  /** Values by RFC 7143 key name that replace what would be offered. */
  readonly operationalOverrides?: Readonly<Record<string, string>>;
  readonly connectTimeoutMs?: number;
  readonly loginTimeoutMs?: number;
  readonly commandTimeoutMs?: number;
  readonly logoutTimeoutMs?: number;
  readonly maxRedirects?: number;
  /** Bytes one text answer may gather; 8 MiB where it is left out. */
  readonly textLimit?: number;
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  /** Sees every PDU whole: basic header and data. */
  readonly onPdu?: (direction: 'sent' | 'received', pdu: Uint8Array) => void;
  /** Records PDUs at their boundaries; see `PduTap`. */
  readonly tap?: PduTap;
  readonly onEvent?: (event: SessionEvent) => void;
}

/** How to open a session. */
export interface ConnectOptions extends CommonOptions {
  readonly target: string;
  readonly initialR2T?: boolean;
  readonly immediateData?: boolean;
  /** 512 to 16777215; 262144 where it is left out. */
  readonly firstBurstLength?: number;
  /** 512 to 16777215; 1048576 where it is left out. */
  readonly maxBurstLength?: number;
  /** Size of the transfers to come: bursts and segments that are not fixed above are chosen for it, and a disk's commands have it. */
  readonly transferBytes?: number;
  readonly maxOutstandingR2T?: number;
  readonly maxConnections?: number;
  readonly errorRecoveryLevel?: 0 | 1 | 2;
  readonly defaultTime2Wait?: number;
  readonly defaultTime2Retain?: number;
  /** A ping after this long without a word from the target; 5000 where it is left out, 0 for none. */
  readonly keepaliveIntervalMs?: number;
  /** How long the answer may take; 5000 where it is left out. */
  readonly keepaliveTimeoutMs?: number;
  /** How long ABORT TASK may take before the connection is dropped; 5000 where it is left out. */
  readonly abortTimeoutMs?: number;
  /** Attempts to come back after a lost connection before the session ends; 20 where it is left out, 0 for none. */
  readonly maxReconnectAttempts?: number;
  /** Pause before the first attempt, doubling up to 30 s; 1000 where it is left out. */
  readonly reconnectBackoffMs?: number;
  /** At error recovery level 1 and up, how long a PDU asked for again is waited for; 5000 where it is left out. */
  readonly snackTimeoutMs?: number;
  /** Commands that may wait for the target's window; 65536 where it is left out. */
  readonly queueLimit?: number;
  /** Data segments a stream holds before reading pauses: 1 to 1024, 8 where it is left out. */
  readonly streamDepth?: number;
  /** PDUs of one task that may wait for whoever takes its data before reading pauses: 1 to 4096, 64 where it is left out. */
  readonly routerDepth?: number;
  readonly onAsync?: (event: AsyncEvent) => void;
  readonly metrics?: MetricsHook;
}

const SECOND = 1000;
const LARGEST_LENGTH = 16777215;

/** What holds where an option is left out. */
export const DEFAULTS = {
  connectTimeoutMs: 10 * SECOND,
  loginTimeoutMs: 15 * SECOND,
  commandTimeoutMs: 30 * SECOND,
  logoutTimeoutMs: 5 * SECOND,
  abortTimeoutMs: 5 * SECOND,
  keepaliveIntervalMs: 5 * SECOND,
  keepaliveTimeoutMs: 5 * SECOND,
  maxRedirects: 4,
  maxReconnectAttempts: 20,
  reconnectBackoffMs: SECOND,
  snackTimeoutMs: 5 * SECOND,
  queueLimit: 65536,
  textLimit: 8 * 1024 * 1024,
  streamDepth: 8,
  routerDepth: 64,
  maxRecvDataSegmentLength: 262144,
  firstBurstLength: 262144,
  maxBurstLength: 1048576,
} as const;

/** Refuses a number outside its range with a sentence that names the option. */
export function checkRange(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(
      'OUT_OF_RANGE',
      `${name} is a whole number from ${String(least)} to ${String(most)}; ${String(value)} is not.`,
      {
        details: { option: name, value },
      },
    );
  return value;
}

/** Refuses a deadline of one call that is none. */
export function checkDeadline(name: string, ms: number): number {
  if (!(ms > 0 && ms <= 24 * 3600 * SECOND))
    throw new UsageError('OUT_OF_RANGE', `${name} is more than 0 ms and at most a day; ${String(ms)} ms is not.`, {
      details: { option: name, value: ms },
    });
  return ms;
}

type TimeoutName =
  | 'connectTimeoutMs'
  | 'loginTimeoutMs'
  | 'commandTimeoutMs'
  | 'logoutTimeoutMs'
  | 'abortTimeoutMs'
  | 'keepaliveTimeoutMs'
  | 'snackTimeoutMs';

function timeout(options: Partial<Record<TimeoutName, number>>, name: TimeoutName): number {
  return checkRange(name, options[name] ?? DEFAULTS[name], 1, 24 * 3600 * SECOND);
}

function chapOf(chap: ChapOptions): InitiatorChap {
  if (chap.user === '') throw new UsageError('BAD_ARGUMENT', 'CHAP needs a user name.');
  if (chap.secret.length === 0) throw new UsageError('BAD_ARGUMENT', 'CHAP needs a secret.');
  for (const algorithm of chap.algorithms ?? [])
    if (![5, 6, 7, 8].includes(algorithm))
      throw new UsageError('BAD_ARGUMENT', `CHAP algorithms are 5, 6, 7 and 8, not ${String(algorithm)}.`);
  return {
    user: chap.user,
    secret: chap.secret,
    ...(chap.mutual === undefined ? {} : { mutual: chap.mutual }),
    ...(chap.algorithms === undefined ? {} : { algorithms: chap.algorithms }),
  };
}

const FIXED_BY: readonly (readonly [
  key: BurstKey,
  option: 'maxRecvDataSegmentLength' | 'firstBurstLength' | 'maxBurstLength',
])[] = [
  ['MaxRecvDataSegmentLength', 'maxRecvDataSegmentLength'],
  ['FirstBurstLength', 'firstBurstLength'],
  ['MaxBurstLength', 'maxBurstLength'],
];

/** Chooses segment and bursts: what the caller fixed, by option or by overriding the key, stays. */
export function burstPlanOf(options: CommonOptions & Partial<ConnectOptions>): BurstPlan {
  const { transferBytes } = options;
  if (transferBytes !== undefined) checkRange('transferBytes', transferBytes, 1, 0xffffffff);
  const fixed: Partial<Record<BurstKey, number>> = {};
  for (const [key, option] of FIXED_BY) {
    const given = options[option];
    if (given !== undefined) fixed[key] = checkRange(option, given, 512, LARGEST_LENGTH);
    const written = Object.entries(options.operationalOverrides ?? {}).find(([name]) => name === key)?.[1];
    if (written !== undefined && /^[0-9]{3,8}$/u.test(written)) fixed[key] = Number(written);
  }
  const firstBurst = options.firstBurstLength;
  const defaults = {
    MaxRecvDataSegmentLength: DEFAULTS.maxRecvDataSegmentLength,
    FirstBurstLength: DEFAULTS.firstBurstLength,
    MaxBurstLength: DEFAULTS.maxBurstLength,
  };
  const plan = planBursts(transferBytes, defaults, fixed);
  const { FirstBurstLength: first, MaxBurstLength: most } = plan.offered;
  if (firstBurst !== undefined && first > most)
    throw new UsageError(
      'OUT_OF_RANGE',
      `firstBurstLength (${String(first)}) must not be above maxBurstLength (${String(most)}).`,
    );
  return plan;
}

function offersOf(options: CommonOptions & Partial<ConnectOptions>): OperationalOffers {
  const { offered } = burstPlanOf(options);
  return {
    headerDigest: options.headerDigest ?? ['None'],
    dataDigest: options.dataDigest ?? ['None'],
    initialR2T: options.initialR2T ?? false,
    immediateData: options.immediateData ?? true,
    maxRecvDataSegmentLength: offered.MaxRecvDataSegmentLength,
    maxBurstLength: offered.MaxBurstLength,
    firstBurstLength: offered.FirstBurstLength,
    maxOutstandingR2T: checkRange('maxOutstandingR2T', options.maxOutstandingR2T ?? 1, 1, 65535),
    maxConnections: checkRange('maxConnections', options.maxConnections ?? 1, 1, 65535),
    errorRecoveryLevel: checkedLevel(options.errorRecoveryLevel),
    defaultTime2Wait: checkRange('defaultTime2Wait', options.defaultTime2Wait ?? 2, 0, 3600),
    defaultTime2Retain: checkRange('defaultTime2Retain', options.defaultTime2Retain ?? 20, 0, 3600),
    dataPduInOrder: true,
    dataSequenceInOrder: true,
  };
}

function checkOwnName(name: string): void {
  const { problem } = checkIscsiName(name);
  if (problem !== null)
    throw new UsageError('BAD_ARGUMENT', `"${shown(name)}" is no initiator name. ${problem}`, { details: { name } });
}

/** Targets in the field have underscores and worse in their names; only what is no name at all, or cannot be sent, is refused. */
function checkTargetName(name: string): void {
  const { form, problem } = checkIscsiName(name);
  if (form === 'other' || /\p{Cc}/u.test(name) || new TextEncoder().encode(name).length > NAME_BYTES)
    throw new UsageError('BAD_ARGUMENT', `"${shown(name)}" is no target name. ${problem ?? ''}`.trimEnd(), {
      hint: 'Run discovery to see the names of the targets.',
      details: { name },
    });
}

function shown(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}...` : name;
}

function checkedOrder(order: DigestOrder = 'little'): DigestOrder {
  if (!['little', 'big'].includes(order))
    throw new UsageError('BAD_ARGUMENT', `digestByteOrder is little or big, not ${order}.`);
  return order;
}

function checkedLevel(level: 0 | 1 | 2 = 0): 0 | 1 | 2 {
  checkRange('errorRecoveryLevel', level, 0, 2);
  return level;
}

function checkedIsid(isid: Uint8Array | undefined): Uint8Array {
  if (isid !== undefined && isid.length !== 6)
    throw new UsageError('BAD_ARGUMENT', `An ISID has 6 bytes; ${String(isid.length)} were given.`);
  return isid ?? randomIsid(secureRandom);
}

/** Checks a caller's options and fills in the defaults. */
export function sessionOptions(
  portal: Portal,
  options: CommonOptions & Partial<ConnectOptions>,
  sessionType: SessionType,
): SessionOptions {
  if (portal.host.trim() === '') throw new UsageError('BAD_ARGUMENT', 'The portal has no host.');
  const initiatorName = options.initiatorName ?? generateIqn(secureRandom);
  checkOwnName(initiatorName);
  if (options.target !== undefined) checkTargetName(options.target);
  return {
    initiatorName,
    ...(options.initiatorAlias === undefined ? {} : { initiatorAlias: options.initiatorAlias }),
    ...(options.target === undefined ? {} : { targetName: options.target }),
    sessionType,
    portal: { host: portal.host, port: checkRange('port', portal.port ?? ISCSI_PORT, 1, 65535), groupTag: null },
    isid: checkedIsid(options.isid),
    ...(options.chap === undefined ? {} : { chap: chapOf(options.chap) }),
    offers: offersOf(options),
    ...(options.operationalOverrides === undefined
      ? {}
      : { overrides: new Map(Object.entries(options.operationalOverrides)) }),
    digestOrder: checkedOrder(options.digestByteOrder),
    connectTimeoutMs: timeout(options, 'connectTimeoutMs'),
    loginTimeoutMs: timeout(options, 'loginTimeoutMs'),
    commandTimeoutMs: timeout(options, 'commandTimeoutMs'),
    logoutTimeoutMs: timeout(options, 'logoutTimeoutMs'),
    abortTimeoutMs: timeout(options, 'abortTimeoutMs'),
    keepaliveIntervalMs: checkRange(
      'keepaliveIntervalMs',
      options.keepaliveIntervalMs ?? DEFAULTS.keepaliveIntervalMs,
      0,
      3600 * SECOND,
    ),
    keepaliveTimeoutMs: timeout(options, 'keepaliveTimeoutMs'),
    maxRedirects: checkRange('maxRedirects', options.maxRedirects ?? DEFAULTS.maxRedirects, 0, 32),
    maxReconnectAttempts:
      sessionType === 'Discovery'
        ? 0
        : checkRange('maxReconnectAttempts', options.maxReconnectAttempts ?? DEFAULTS.maxReconnectAttempts, 0, 1 << 20),
    reconnectBackoffMs: checkRange(
      'reconnectBackoffMs',
      options.reconnectBackoffMs ?? DEFAULTS.reconnectBackoffMs,
      1,
      30 * SECOND,
    ),
    snackTimeoutMs: timeout(options, 'snackTimeoutMs'),
    queueLimit: checkRange('queueLimit', options.queueLimit ?? DEFAULTS.queueLimit, 1, 1 << 20),
    textLimit: checkRange('textLimit', options.textLimit ?? DEFAULTS.textLimit, 8192, 256 * 1024 * 1024),
  };
}
