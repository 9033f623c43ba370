import { z } from 'zod';
import { attemptId, chapInput, hostPort, tlsChoice, tlsKey } from './explorer.ts';
import { wireErrorSchema } from './wire-error.ts';

/** A LUN by its eight bytes in hex. */
export const lunHex = z.string().regex(/^[0-9a-f]{16}$/);
export const sessionId = z.string().min(1).max(60);

/** What a login offers where it differs from the defaults; lengths are bytes. */
export const loginOptions = z
  .object({
    headerDigest: z.enum(['None', 'CRC32C', 'CRC32C,None', 'None,CRC32C']),
    dataDigest: z.enum(['None', 'CRC32C', 'CRC32C,None', 'None,CRC32C']),
    initialR2T: z.boolean(),
    immediateData: z.boolean(),
    maxRecvDataSegmentLength: z.number().int(),
    maxBurstLength: z.number().int(),
    firstBurstLength: z.number().int(),
    maxOutstandingR2T: z.number().int(),
    maxConnections: z.number().int(),
    errorRecoveryLevel: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    loginTimeoutMs: z.number().int(),
    commandTimeoutMs: z.number().int(),
    keepaliveIntervalMs: z.number().int(),
  })
  .partial()
  .extend(tlsChoice.shape);

/** What a sign-in is asked with. */
export const loginInput = hostPort.extend({
  attempt: attemptId,
  target: z.string().min(1).max(223),
  chap: chapInput.nullable(),
  options: loginOptions,
  tlsKey,
  /** Remember name and options for the next time. */
  save: z.boolean(),
  keepSecrets: z.boolean(),
});

/** A name of a logical unit. */
const unitName = z.object({ kind: z.string(), text: z.string(), hex: z.string() });

/** A LUN as its session sees it; what could not be read is null, and `error` says why. */
export const lunSummary = z.object({
  lun: lunHex,
  /** As people write it. */
  text: z.string(),
  number: z.number().int().nullable(),
  vendor: z.string(),
  product: z.string(),
  revision: z.string(),
  deviceType: z.string(),
  /** Whether its blocks can be read by address. */
  readable: z.boolean(),
  blockSize: z.number().int().nullable(),
  /** 64-bit numbers in decimal. */
  blocks: z.string().nullable(),
  bytes: z.string().nullable(),
  readOnly: z.boolean().nullable(),
  thin: z.boolean(),
  /** The type of the reservation held, or null. */
  reserved: z.string().nullable(),
  serial: z.string().nullable(),
  names: z.array(unitName),
  /** The access state of the path this session takes, where the unit tells. */
  path: z.object({ group: z.number().int(), state: z.string(), preferred: z.boolean() }).nullable(),
  /** How long its INQUIRY took. */
  latencyMs: z.number().nullable(),
  error: wireErrorSchema.nullable(),
});

/** A session as the tree shows it. */
export const sessionEntry = hostPort.extend({
  id: sessionId,
  /** Counts up over the run, for people. */
  number: z.number().int(),
  groupTag: z.number().int().nullable(),
  target: z.string(),
  alias: z.string().nullable(),
  state: z.enum(['idle', 'connecting', 'login', 'full', 'recovering', 'logging-out', 'closed']),
  since: z.number(),
  /** Goes up with every login: what was learnt under an earlier one may not hold any more. */
  logins: z.number().int(),
  openedAt: z.number(),
  user: z.string().nullable(),
  authMethod: z.string(),
  targetProven: z.boolean(),
  headerDigest: z.string(),
  dataDigest: z.string(),
  /** Why it is not up any more. */
  error: wireErrorSchema.nullable(),
  luns: z.array(lunSummary).nullable(),
  lunsError: wireErrorSchema.nullable(),
  lunsAt: z.number().nullable(),
  scanning: z.boolean(),
  warnings: z.array(z.string()),
});

const textPair = z.object({ key: z.string(), value: z.string() });

/** One key of the negotiation. */
const keyOutcome = z.object({
  key: z.string(),
  origin: z.string(),
  offered: z.string().nullable(),
  answered: z.string().nullable(),
  result: z.string().nullable(),
  defaultValue: z.string().nullable(),
  limitedBy: z.enum(['initiator', 'target']).nullable(),
  note: z.string().nullable(),
});

/** One second of a session. */
const sample = z.object({
  at: z.number(),
  iops: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  /** Median and 99th percentile of the commands that ended, in microseconds; null where none did. */
  p50Us: z.number().nullable(),
  p99Us: z.number().nullable(),
  outstanding: z.number(),
});

/** What all sessions together moved in the last second. */
export const sessionsRate = z.object({ iops: z.number(), bytesIn: z.number(), bytesOut: z.number() });

/** Everything about one session. */
export const sessionDetail = z.object({
  id: sessionId,
  tsih: z.number().int(),
  isid: z.string(),
  initiatorName: z.string(),
  history: z.array(z.object({ at: z.number(), from: z.string(), to: z.string(), reason: wireErrorSchema.nullable() })),
  events: z.array(z.object({ at: z.number(), kind: z.string(), text: z.string() })),
  keys: z.array(keyOutcome),
  exchanges: z.array(
    z.object({ stage: z.string(), sent: z.array(textPair), received: z.array(textPair), transit: z.boolean() }),
  ),
  chapAlgorithm: z.string().nullable(),
  /** What the TLS handshake came to; null over bare TCP. */
  tls: z.object({ protocol: z.string(), cipher: z.string(), subject: z.string(), verified: z.boolean() }).nullable(),
  window: z.object({
    cmdSn: z.number(),
    expCmdSn: z.number(),
    maxCmdSn: z.number(),
    open: z.number(),
    queued: z.number(),
    outstanding: z.number(),
  }),
  connections: z.array(
    z.object({
      id: z.number().int(),
      phase: z.string(),
      host: z.string(),
      port: z.number().int(),
      tasks: z.number().int(),
      pdusIn: z.number(),
      pdusOut: z.number(),
      bytesIn: z.number(),
      bytesOut: z.number(),
    }),
  ),
  pings: z.array(z.object({ at: z.number(), ms: z.number() })),
  samples: z.array(sample),
  asyncEvents: z.array(
    z.object({ at: z.number(), event: z.number().int(), name: z.string(), lun: z.string(), parameters: z.string() }),
  ),
});

/** The task management functions a person can send from the window. */
export const TASK_FUNCTIONS = [
  'abortTaskSet',
  'clearAca',
  'clearTaskSet',
  'lunReset',
  'targetWarmReset',
  'targetColdReset',
] as const;

/** A task management function to send; one that touches other hosts needs the target's name as typed by the person. */
export const taskInput = z.object({
  id: sessionId,
  function: z.enum(TASK_FUNCTIONS),
  lun: lunHex.nullable(),
  typedName: z.string().max(300).nullable(),
});

export const taskAnswer = z.object({ response: z.number().int(), name: z.string(), complete: z.boolean() });

/** A session as the tree shows it. */
export type SessionEntry = z.infer<typeof sessionEntry>;
/** A LUN as its session sees it. */
export type LunSummary = z.infer<typeof lunSummary>;
/** Everything about one session. */
export type SessionDetail = z.infer<typeof sessionDetail>;
/** What a sign-in is asked with. */
export type LoginInput = z.infer<typeof loginInput>;
/** A task management function to send. */
export type TaskInput = z.infer<typeof taskInput>;
