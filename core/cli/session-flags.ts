import { UsageError } from '../errors/index.ts';
import type { CommonOptions, ConnectOptions, Portal } from '../initiator/index.ts';
import { ISCSI_PORT, parseHostPort, parseIscsiUrl, type IscsiUrl } from '../login/index.ts';
import { hostInitiatorNames } from '../node/initiator-names.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { note, type CliIo } from './io.ts';
import { chapFrom } from './session-secrets.ts';
import { TLS_FLAGS, tlsFrom } from './session-tls.ts';
import { numberOf, Settings, switchOf } from './settings.ts';

const value = (help: string): FlagSpec => ({ value: true, help });

/** Flags that are a number of the session, with the option they set, which is also its name in a file of settings. */
const COMMON_NUMBERS = [
  ['connect-timeout', 'connectTimeoutMs', 'ms to connect, TLS included'],
  ['login-timeout', 'loginTimeoutMs', 'ms for the login as a whole'],
  ['command-timeout', 'commandTimeoutMs', 'ms for each command'],
  ['logout-timeout', 'logoutTimeoutMs', 'ms to log out'],
  ['mrdsl', 'maxRecvDataSegmentLength', 'MaxRecvDataSegmentLength, 512 to 16777215'],
  ['max-redirects', 'maxRedirects', 'redirects that are followed'],
  ['text-limit', 'textLimit', 'bytes one text answer may have'],
] as const;

const TARGET_NUMBERS = [
  ['first-burst', 'firstBurstLength', 'FirstBurstLength'],
  ['max-burst', 'maxBurstLength', 'MaxBurstLength'],
  ['max-outstanding-r2t', 'maxOutstandingR2T', 'MaxOutstandingR2T'],
  ['max-connections', 'maxConnections', 'MaxConnections'],
  ['error-recovery-level', 'errorRecoveryLevel', '0, 1 or 2'],
  ['time2wait', 'defaultTime2Wait', 'DefaultTime2Wait in s'],
  ['time2retain', 'defaultTime2Retain', 'DefaultTime2Retain in s'],
  ['abort-timeout', 'abortTimeoutMs', 'ms for ABORT TASK before the connection goes'],
  ['keepalive-interval', 'keepaliveIntervalMs', 'ms of silence before a ping, 0 for none'],
  ['keepalive-timeout', 'keepaliveTimeoutMs', 'ms its answer may take'],
  ['reconnect-attempts', 'maxReconnectAttempts', 'attempts to come back, 0 for none'],
  ['reconnect-backoff', 'reconnectBackoffMs', 'ms before the first of them'],
  ['snack-timeout', 'snackTimeoutMs', 'ms a PDU asked for again may take'],
  ['queue-limit', 'queueLimit', 'commands that may wait'],
] as const;

/** Options a file may set that have no flag, because no verb of the command line needs them changed by hand. */
const FILE_ONLY_NUMBERS = ['streamDepth', 'routerDepth'] as const;

/** Flags of every verb that talks to a target. */
export const SESSION_FLAGS: Readonly<Record<string, FlagSpec>> = {
  json: { value: false, help: 'print JSON' },
  verbose: { value: false, help: 'say on standard error what the session does' },
  config: value('file of settings; flags come before it'),
  digests: value('header, data, header,data or none'),
  'initiator-name': value('IQN to log in with; a random one otherwise'),
  'transfer-size': value('tune bursts for transfers of this size, such as 64k'),
  immediate: { value: false, help: 'ImmediateData=Yes' },
  'no-immediate': { value: false, help: 'ImmediateData=No' },
  'initial-r2t': { value: false, help: 'InitialR2T=Yes' },
  'no-initial-r2t': { value: false, help: 'InitialR2T=No' },
  ...Object.fromEntries([...COMMON_NUMBERS, ...TARGET_NUMBERS].map(([flag, , help]) => [flag, value(help)])),
  user: value('CHAP user'),
  secret: value('CHAP secret; better from a file or the environment'),
  'secret-file': value('file with the CHAP secret'),
  'target-user': value('name the target must prove (mutual CHAP)'),
  'target-secret': value('secret the target must prove'),
  'target-secret-file': value('file with the secret the target must prove'),
  'chap-algorithms': value('of 5,6,7,8 (MD5, SHA-1, SHA-256, SHA3-256), preferred first'),
  ...TLS_FLAGS,
  trace: value('off, headers or full'),
  'trace-file': value('where the trace goes'),
  'keep-chap': { value: false, help: 'keep CHAP responses in the trace; they let a weak secret be guessed' },
};

type Digests = readonly ('CRC32C' | 'None')[];

function digestsFrom(
  flags: Flags,
  settings: Settings,
  url: Partial<IscsiUrl>,
): Record<'header' | 'data', Digests | undefined> {
  const names = flags.text('digests')?.split(',');
  for (const name of names ?? [])
    if (name !== 'header' && name !== 'data' && name !== 'none')
      throw new UsageError('BAD_ARGUMENT', `--digests takes header, data and none, not "${name}".`);
  const wanted = (asked: boolean, setting: string): Digests | undefined => {
    if (asked) return ['CRC32C', 'None'];
    return names === undefined ? (settings.words(setting) as Digests | undefined) : undefined;
  };
  return {
    header: wanted((names?.includes('header') ?? false) || url.headerDigest === 'crc32c', 'headerDigest'),
    data: wanted(names?.includes('data') ?? false, 'dataDigest'),
  };
}

/** The numbers that are set at all, by option. */
function numbersFrom<O extends string>(
  flags: Flags,
  settings: Settings,
  table: readonly (readonly [flag: string, option: O, help: string])[],
): Partial<Record<O, number>> {
  const found: Partial<Record<O, number>> = {};
  for (const [flag, option] of table) {
    const number = numberOf(flags, settings, flag, option);
    if (number !== undefined) found[option] = number;
  }
  return found;
}

/** The options every verb's session has, from flags, link, file of settings and environment. */
export async function commonOptions(
  flags: Flags,
  settings: Settings,
  io: CliIo,
  url: Partial<IscsiUrl>,
): Promise<CommonOptions> {
  for (const name of url.unknown ?? []) note(io, `warning: "${name}" in the link means nothing here and is left out.`);
  const chap = await chapFrom(flags, settings, io, url);
  const tls = await tlsFrom(flags, settings, io);
  const { header, data } = digestsFrom(flags, settings, url);
  const initiatorName =
    flags.text('initiator-name') ?? settings.text('initiatorName') ?? io.env['LUNASCOPE_INITIATOR_NAME'];
  if (initiatorName !== undefined && (await hostInitiatorNames(io.initiatorNameFile)).includes(initiatorName))
    note(
      io,
      `warning: ${initiatorName} is the name of this computer's own initiator; logging in with it can end its sessions.`,
    );
  const initiatorAlias = settings.text('initiatorAlias');
  const order = settings.text('digestByteOrder');
  const say = (text: string): void => {
    note(io, text);
  };
  return {
    ...numbersFrom(flags, settings, COMMON_NUMBERS),
    ...(chap === undefined ? {} : { chap }),
    ...(tls === undefined ? {} : { tls }),
    ...(header === undefined ? {} : { headerDigest: header }),
    ...(data === undefined ? {} : { dataDigest: data }),
    ...(order === undefined ? {} : { digestByteOrder: order === 'big' ? 'big' : 'little' }),
    ...(initiatorName === undefined ? {} : { initiatorName }),
    ...(initiatorAlias === undefined ? {} : { initiatorAlias }),
    ...(flags.has('verbose') ? { logger: { debug: say, info: say, warn: say } } : {}),
    signal: io.signal,
  };
}

function levelOf(level: number): 0 | 1 | 2 {
  return level === 2 ? 2 : level === 1 ? 1 : 0;
}

/** The options of a session with a target that discovery has no use for. */
function targetOptions(flags: Flags, settings: Settings): Omit<ConnectOptions, 'target'> {
  const { errorRecoveryLevel, ...numbers } = numbersFrom(flags, settings, TARGET_NUMBERS);
  const initialR2T = switchOf(flags, settings, 'initial-r2t', 'no-initial-r2t', 'initialR2T');
  const immediateData = switchOf(flags, settings, 'immediate', 'no-immediate', 'immediateData');
  const transferBytes = flags.size('transfer-size') ?? settings.number('transferBytes');
  const depths: Partial<Record<(typeof FILE_ONLY_NUMBERS)[number], number>> = {};
  for (const option of FILE_ONLY_NUMBERS) {
    const depth = settings.number(option);
    if (depth !== undefined) depths[option] = depth;
  }
  return {
    ...numbers,
    ...depths,
    ...(errorRecoveryLevel === undefined ? {} : { errorRecoveryLevel: levelOf(errorRecoveryLevel) }),
    ...(initialR2T === undefined ? {} : { initialR2T }),
    ...(immediateData === undefined ? {} : { immediateData }),
    ...(transferBytes === undefined ? {} : { transferBytes }),
  };
}

function missing(what: string): never {
  throw new UsageError('BAD_ARGUMENT', '1 argument is needed, 0 given.', {
    hint: `Give ${what}, or --config FILE with what is left out.`,
  });
}

/** A target's portal and session options from an `iscsi://` link, flags and a file of settings. */
export async function targetFrom(
  flags: Flags,
  io: CliIo,
): Promise<{ portal: Portal; options: ConnectOptions; lun: number | undefined }> {
  const settings = await Settings.of(flags);
  const [link] = flags.positionals;
  const url: Partial<IscsiUrl> = link === undefined ? {} : parseIscsiUrl(link);
  const host = url.host ?? settings.text('host') ?? missing('a link such as iscsi://host/target/0');
  const port = url.port ?? settings.number('port') ?? ISCSI_PORT;
  const target = url.target ?? settings.text('target');
  if (target === undefined)
    throw new UsageError('BAD_ARGUMENT', `The ${link === undefined ? 'file of settings' : 'link'} names no target.`, {
      hint: 'Run `discover` with its host to list the targets.',
    });
  return {
    portal: { host, port },
    lun: url.lun ?? settings.number('lun'),
    options: { ...(await commonOptions(flags, settings, io, url)), ...targetOptions(flags, settings), target },
  };
}

/** A portal from HOST[:PORT], a link, or a file of settings, with what its sessions need. */
export async function portalFrom(flags: Flags, io: CliIo): Promise<{ portal: Portal; options: CommonOptions }> {
  const settings = await Settings.of(flags);
  const [text] = flags.positionals;
  const url: Partial<IscsiUrl> =
    text === undefined ? {} : text.includes('://') ? parseIscsiUrl(text) : parseHostPort(text);
  const host = url.host ?? settings.text('host') ?? missing('HOST[:PORT]');
  const port = url.port ?? settings.number('port') ?? ISCSI_PORT;
  return {
    portal: { host, port },
    options: await commonOptions(flags, settings, io, url),
  };
}

/** The LUN a link has to name. */
export function neededLun(lun: number | undefined): number {
  if (lun === undefined)
    throw new UsageError('BAD_ARGUMENT', 'The link names no LUN.', {
      hint: 'Add it at the end: iscsi://host/target/0. `luns` lists them.',
    });
  return lun;
}
