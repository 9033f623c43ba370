import { UsageError } from '../errors/index.ts';
import type { ChapOptions } from '../initiator/index.ts';
import type { IscsiUrl } from '../login/index.ts';
import { readTextFile } from '../node/files.ts';
import { askLine } from '../node/terminal.ts';
import type { Flags } from './flags.ts';
import { note, type CliIo } from './io.ts';
import type { Settings } from './settings.ts';

const SOURCES = {
  secret: { setting: 'chap.secretFile', variable: 'LUNASCOPE_CHAP_SECRET' },
  'target-secret': { setting: 'chap.targetSecretFile', variable: 'LUNASCOPE_TARGET_SECRET' },
} as const;

async function secretFrom(
  flags: Flags,
  settings: Settings,
  io: CliIo,
  name: keyof typeof SOURCES,
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
  const { setting, variable } = SOURCES[name];
  const file = flags.text(`${name}-file`) ?? (fromUrl === undefined ? settings.text(setting) : undefined);
  if (file === undefined && fromUrl !== undefined)
    note(
      io,
      `warning: a secret in the link is shown to everyone who can list processes; use --${name}-file or the environment.`,
    );
  if (file === undefined) return fromUrl ?? io.env[variable];
  return (await readTextFile(file, 'The secret file')).replace(/\r?\n$/u, '');
}

async function askSecret(io: CliIo, user: string): Promise<string> {
  const secret = await askLine(io, `CHAP secret for ${user}: `);
  if (secret === undefined)
    throw new UsageError('BAD_ARGUMENT', `There is no secret for CHAP user ${user}.`, {
      hint: 'Give --secret-file, or set LUNASCOPE_CHAP_SECRET.',
    });
  return secret;
}

function algorithmsFrom(flags: Flags, settings: Settings): readonly (5 | 6 | 7 | 8)[] | undefined {
  const words = flags.text('chap-algorithms')?.split(',') ?? settings.words('chap.algorithms');
  return words?.map((text) => {
    if (text === '5' || text === '6' || text === '7' || text === '8') return Number(text) as 5 | 6 | 7 | 8;
    throw new UsageError('BAD_ARGUMENT', `--chap-algorithms takes 5, 6, 7 and 8, not "${text}".`);
  });
}

const OF_USER = ['secret', 'secret-file', 'target-user', 'target-secret', 'target-secret-file', 'chap-algorithms'];
const SETTINGS_OF_USER = ['chap.secretFile', 'chap.targetUser', 'chap.targetSecretFile', 'chap.algorithms'];

/** What was said of CHAP needs a user it is for; a session without CHAP is not what was meant. */
function refuseWithoutUser(flags: Flags, settings: Settings): void {
  const flag = OF_USER.find((name) => flags.has(name));
  const setting = SETTINGS_OF_USER.find((name) => settings.text(name) !== undefined);
  if (flag === undefined && setting === undefined) return;
  throw new UsageError(
    'BAD_ARGUMENT',
    `${flag === undefined ? `${setting ?? ''} in the file of settings` : `--${flag}`} says how to sign in, and no user is given.`,
    { hint: 'Give one with --user, in the link (iscsi://user@host/target), or as chap.user in the file.' },
  );
}

/** How to authenticate, from flags, link, file of settings, environment or a prompt, in this order. */
export async function chapFrom(
  flags: Flags,
  settings: Settings,
  io: CliIo,
  url: Partial<IscsiUrl>,
): Promise<ChapOptions | undefined> {
  const user = flags.text('user') ?? url.user ?? settings.text('chap.user') ?? io.env['LUNASCOPE_CHAP_USER'];
  if (user === undefined) {
    refuseWithoutUser(flags, settings);
    return undefined;
  }
  const secret = (await secretFrom(flags, settings, io, 'secret', url.secret)) ?? (await askSecret(io, user));
  const mutualSecret = await secretFrom(flags, settings, io, 'target-secret', url.targetSecret);
  const mutualUser = flags.text('target-user') ?? url.targetUser ?? settings.text('chap.targetUser');
  if (mutualUser !== undefined && mutualSecret === undefined)
    throw new UsageError(
      'BAD_ARGUMENT',
      `The target is to prove that it is "${mutualUser}", and no secret of it is given.`,
      {
        hint: 'Give --target-secret-file, or set LUNASCOPE_TARGET_SECRET.',
      },
    );
  const algorithms = algorithmsFrom(flags, settings);
  return {
    user,
    secret,
    ...(algorithms === undefined ? {} : { algorithms }),
    ...(mutualSecret === undefined
      ? {}
      : { mutual: { secret: mutualSecret, ...(mutualUser === undefined ? {} : { user: mutualUser }) } }),
  };
}
