import { z } from 'zod';
import { wireErrorSchema } from './wire-error.ts';

const LONGEST_NAME = 255;
const LONGEST_SECRET = 512;
const LONGEST_UNIT = 600;
/** Certificates are options too. */
const LONGEST_OPTION = 20_000;
const MOST_TARGETS = 20_000;

/** Where something listens. */
export const hostPort = z.object({
  host: z.string().min(1).max(LONGEST_NAME),
  port: z.number().int().min(1).max(65535),
});

const portalAddress = hostPort.extend({ groupTag: z.number().int().nullable() });

/** How this end proves itself. A secret that is null stands for the one kept for this very host, target and name. */
export const chapInput = z.object({
  user: z.string().min(1).max(LONGEST_NAME),
  secret: z.string().min(1).max(LONGEST_SECRET).nullable(),
  mutual: z
    .object({ user: z.string().max(LONGEST_NAME), secret: z.string().min(1).max(LONGEST_SECRET).nullable() })
    .nullable(),
});

/** How connections run inside TLS; over bare TCP where `tls` is left out. */
export const tlsChoice = z
  .object({
    /** Whose certificates are taken. */
    tls: z.enum(['verify', 'any']),
    /** The name the certificate must carry, where it is not the portal's host. */
    tlsServername: z.string().max(LONGEST_NAME),
    /** Certificates (PEM) of those whose word is taken, where not those this computer trusts. */
    tlsCa: z.string().max(LONGEST_OPTION),
    /** The certificate (PEM) this end shows. */
    tlsCert: z.string().max(LONGEST_OPTION),
  })
  .partial();

/** The key (PEM) of the certificate this end shows; null stands for the one kept for this very place. */
export const tlsKey = z.string().min(1).max(LONGEST_OPTION).nullable().optional();

/** Names an attempt that the window began, so that it can follow and cancel it. */
export const attemptId = z.string().min(1).max(60);

/** One thing a login or a discovery has done. */
export const attemptStep = z.object({
  step: z.enum(['resolve', 'connect', 'login', 'redirect', 'retry', 'sendTargets']),
  text: z.string(),
  /** Milliseconds since the attempt began. */
  atMs: z.number(),
});

/** What a discovery is asked with. */
export const discoverInput = hostPort.extend({
  attempt: attemptId,
  chap: chapInput.nullable(),
  tls: tlsChoice.optional(),
  tlsKey,
  /** Keep the portal for the next start. */
  save: z.boolean(),
  /** Keep the secrets too, where the system has a store for them. */
  keepSecrets: z.boolean(),
});

/** A target as a portal told of it. */
const knownTarget = z.object({ name: z.string(), portals: z.array(portalAddress) });

/** A portal: what it answered last, and when. */
export const portalEntry = hostPort.extend({
  /** `host:port`, IPv6 in brackets. */
  id: z.string(),
  origin: z.enum(['saved', 'found', 'demo']),
  state: z.enum(['unchecked', 'asking', 'answered', 'failed']),
  askedAt: z.number().nullable(),
  tookMs: z.number().nullable(),
  error: wireErrorSchema.nullable(),
  warnings: z.array(z.string()),
  targets: z.array(knownTarget).max(MOST_TARGETS),
  /** The CHAP name of discovery, where one is kept. */
  user: z.string().nullable(),
  /** How it was asked last. */
  tls: tlsChoice,
});

/** What is kept of a sign-in: everything but the secrets. */
export const signInProfile = hostPort.extend({
  target: z.string(),
  user: z.string().nullable(),
  /** Null where the target need not prove itself. */
  targetUser: z.string().nullable(),
  mutual: z.boolean(),
  /** Where the secrets are: in the system's store, in memory for this run, or nowhere. */
  secrets: z.enum(['store', 'run', 'none']),
  options: z.record(z.string().max(60), z.string().max(LONGEST_OPTION)),
});

/** One way to a logical unit: a target over a portal, and the LUN it has there. */
const unitPath = hostPort.extend({ target: z.string().min(1).max(223), lun: z.string().regex(/^[0-9a-f]{16}$/) });

/** The way that reads of a logical unit take, by the unit's world-wide name, because a person chose it. */
export const chosenPath = unitPath.extend({ unit: z.string().min(1).max(LONGEST_UNIT) });

/** A choice to make, or to take back. */
export const pathChoice = z.object({ unit: z.string().min(1).max(LONGEST_UNIT), path: unitPath.nullable() });

/** All portals and what is kept about them. */
export const explorerState = z.object({
  portals: z.array(portalEntry),
  profiles: z.array(signInProfile),
  paths: z.array(chosenPath),
  initiatorName: z.string(),
  /** Whether the system has a store for secrets. */
  secretStore: z.boolean(),
});

/** A link that was opened; its secrets stay in the main process, kept for this run. */
export const openedLink = hostPort.extend({
  target: z.string().nullable(),
  lun: z.number().int().nullable(),
  user: z.string().nullable(),
  mutualUser: z.string().nullable(),
  hasSecret: z.boolean(),
  hasTargetSecret: z.boolean(),
  headerDigest: z.string().nullable(),
});

/** Something that was opened from outside: a link or a capture. */
export const opened = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('link'), link: openedLink }),
  z.object({ kind: z.literal('capture'), path: z.string() }),
  z.object({ kind: z.literal('refused'), error: wireErrorSchema }),
]);

/** All portals and what is kept about them. */
export type ExplorerState = z.infer<typeof explorerState>;
/** A portal: what it answered last, and when. */
export type PortalEntry = z.infer<typeof portalEntry>;
/** What is kept of a sign-in. */
export type SignInProfile = z.infer<typeof signInProfile>;
/** The way that reads of a logical unit take. */
export type ChosenPath = z.infer<typeof chosenPath>;
/** How this end proves itself. */
export type ChapInput = z.infer<typeof chapInput>;
/** How connections run inside TLS. */
export type TlsChoice = z.infer<typeof tlsChoice>;
/** One thing a login or a discovery has done. */
export type AttemptStep = z.infer<typeof attemptStep>;
/** Something that was opened from outside. */
export type Opened = z.infer<typeof opened>;
/** A link that was opened. */
export type OpenedLink = z.infer<typeof openedLink>;
