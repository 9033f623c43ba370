import { UsageError } from '../errors/index.ts';
import type { ChapOptions, CommonOptions, ConnectOptions, Portal } from '../initiator/index.ts';
import { parseHostPort, parseIscsiUrl, type IscsiUrl } from '../login/index.ts';
import { readTextFile } from '../node/files.ts';
import { askLine } from '../node/terminal.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { note, type CliIo } from './io.ts';

const value = (help: string): FlagSpec => ({ value: true, help });

/** Flags of every verb that talks to a target. */
export const SESSION_FLAGS = {
  json: { value: false, help: 'print JSON' },
  verbose: { value: false, help: 'say on standard error what the session does' },
  'connect-timeout': value('ms to connect'),
  'login-timeout': value('ms for the login as a whole'),
  'command-timeout': value('ms for each command'),
  'logout-timeout': value('ms to log out'),
  digests: value('header, data, or header,data'),
  'initiator-name': value('IQN to log in with; a random one otherwise'),
  mrdsl: value('MaxRecvDataSegmentLength, 512 to 16777215'),
  'first-burst': value('FirstBurstLength'),
  'max-burst': value('MaxBurstLength'),
  'no-immediate': { value: false, help: 'ImmediateData=No' },
  'initial-r2t': { value: false, help: 'InitialR2T=Yes' },
  user: value('CHAP user'),
  secret: value('CHAP secret; better from a file or the environment'),
  'secret-file': value('file with the CHAP secret'),
  'target-user': value('name the target must prove (mutual CHAP)'),
  'target-secret': value('secret the target must prove'),
  'target-secret-file': value('file with the secret the target must prove'),
  'chap-algorithms': value('of 5,6,7,8 (MD5, SHA-1, SHA-256, SHA3-256), preferred first'),
  trace: value('off, headers or full'),
  'trace-file': value('where the trace goes'),
} as const satisfies Readonly<Record<string, FlagSpec>>;

const LARGEST_MS = 24 * 3600 * 1000;
const SEGMENT_RANGE = [512, 16777215] as const;

async function secretFrom(
  flags: Flags,
  io: CliIo,
  name: 'secret' | 'target-secret',
  fromUrl: string | undefined,
): Promise<string | undefined> {
  const direct = flags.text(name);
  if (direct !== undefined) {
    note(
      io,
      `warning: --${name} shows the secret to everyone who can list processes; use --${name}-file or the environment.`,
    );
    return direct;
  }
  const file = flags.text(`${name}-file`);
  if (file !== undefined) {
    const content = await readTextFile(file, 'The secret file');
    return content.replace(/\r?\n$/u, '');
  }
  return fromUrl ?? io.env[name === 'secret' ? 'LUNASCOPE_CHAP_SECRET' : 'LUNASCOPE_TARGET_SECRET'];
}

async function askSecret(io: CliIo, user: string): Promise<string> {
  const secret = await askLine(io, `CHAP secret for ${user}: `);
  if (secret === undefined)
    throw new UsageError('BAD_ARGUMENT', `There is no secret for CHAP user ${user}.`, {
      hint: 'Give --secret-file, or set LUNASCOPE_CHAP_SECRET.',
    });
  return secret;
}

async function chapFrom(flags: Flags, io: CliIo, url: Partial<IscsiUrl>): Promise<ChapOptions | undefined> {
  const user = flags.text('user') ?? url.user ?? io.env['LUNASCOPE_CHAP_USER'];
  if (user === undefined) return undefined;
  const secret = (await secretFrom(flags, io, 'secret', url.secret)) ?? (await askSecret(io, user));
  const mutualSecret = await secretFrom(flags, io, 'target-secret', url.targetSecret);
  const mutualUser = flags.text('target-user') ?? url.targetUser;
  const algorithms = flags
    .text('chap-algorithms')
    ?.split(',')
    .map((text) => {
      if (text === '5' || text === '6' || text === '7' || text === '8') return Number(text) as 5 | 6 | 7 | 8;
      throw new UsageError('BAD_ARGUMENT', `--chap-algorithms takes 5, 6, 7 and 8, not "${text}".`);
    });
  return {
    user,
    secret,
    ...(algorithms === undefined ? {} : { algorithms }),
    ...(mutualSecret === undefined
      ? {}
      : { mutual: { secret: mutualSecret, ...(mutualUser === undefined ? {} : { user: mutualUser }) } }),
  };
}

function digestsFrom(flags: Flags, url: Partial<IscsiUrl>): { header: boolean; data: boolean } {
  const names = flags.text('digests')?.split(',') ?? [];
  for (const name of names)
    if (name !== 'header' && name !== 'data' && name !== 'none')
      throw new UsageError('BAD_ARGUMENT', `--digests takes header and data, not "${name}".`);
  return { header: names.includes('header') || url.headerDigest === 'crc32c', data: names.includes('data') };
}

/** The options every verb's session has, from flags, link and environment. */
export async function commonOptions(flags: Flags, io: CliIo, url: Partial<IscsiUrl>): Promise<CommonOptions> {
  const chap = await chapFrom(flags, io, url);
  const digests = digestsFrom(flags, url);
  const names = {
    'connect-timeout': 'connectTimeoutMs',
    'login-timeout': 'loginTimeoutMs',
    'command-timeout': 'commandTimeoutMs',
    'logout-timeout': 'logoutTimeoutMs',
  } as const;
  const timeouts: Partial<Record<(typeof names)[keyof typeof names], number>> = {};
  for (const [flag, option] of Object.entries(names)) {
    const ms = flags.integer(flag, 1, LARGEST_MS);
    if (ms !== undefined) timeouts[option] = ms;
  }
  const initiatorName = flags.text('initiator-name') ?? io.env['LUNASCOPE_INITIATOR_NAME'];
  const mrdsl = flags.integer('mrdsl', ...SEGMENT_RANGE);
  const say = (text: string): void => {
    note(io, text);
  };
  return {
    ...timeouts,
    ...(chap === undefined ? {} : { chap }),
    ...(digests.header ? { headerDigest: ['CRC32C', 'None'] } : {}),
    ...(digests.data ? { dataDigest: ['CRC32C', 'None'] } : {}),
    ...(initiatorName === undefined ? {} : { initiatorName }),
    ...(mrdsl === undefined ? {} : { maxRecvDataSegmentLength: mrdsl }),
    ...(flags.has('verbose') ? { logger: { debug: say, info: say, warn: say } } : {}),
    signal: io.signal,
  };
}

/** A target's portal and session options from an `iscsi://` link and flags. */
export async function targetFrom(
  flags: Flags,
  io: CliIo,
): Promise<{ portal: Portal; options: ConnectOptions; lun: number | undefined }> {
  const url = parseIscsiUrl(flags.positionals[0] ?? '');
  if (url.target === undefined)
    throw new UsageError('BAD_ARGUMENT', 'The link names no target.', {
      hint: 'Run `discover` with its host to list the targets.',
    });
  const firstBurst = flags.integer('first-burst', ...SEGMENT_RANGE);
  const maxBurst = flags.integer('max-burst', ...SEGMENT_RANGE);
  return {
    portal: { host: url.host, port: url.port },
    lun: url.lun,
    options: {
      ...(await commonOptions(flags, io, url)),
      target: url.target,
      ...(firstBurst === undefined ? {} : { firstBurstLength: firstBurst }),
      ...(maxBurst === undefined ? {} : { maxBurstLength: maxBurst }),
      ...(flags.has('no-immediate') ? { immediateData: false } : {}),
      ...(flags.has('initial-r2t') ? { initialR2T: true } : {}),
    },
  };
}

/** A portal from HOST[:PORT] or a link. */
export function portalFrom(text: string): { portal: Portal; url: Partial<IscsiUrl> } {
  const url = text.includes('://') ? parseIscsiUrl(text) : parseHostPort(text);
  return { portal: { host: url.host, port: url.port }, url };
}

/** The LUN a link has to name. */
export function neededLun(lun: number | undefined): number {
  if (lun === undefined)
    throw new UsageError('BAD_ARGUMENT', 'The link names no LUN.', {
      hint: 'Add it at the end: iscsi://host/target/0. `luns` lists them.',
    });
  return lun;
}
