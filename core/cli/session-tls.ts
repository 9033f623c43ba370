import { UsageError } from '../errors/index.ts';
import type { TlsOptions } from '../initiator/index.ts';
import { readTextFile } from '../node/files.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { note, type CliIo } from './io.ts';
import type { Settings } from './settings.ts';

const FILES = [
  ['ca', 'tls-ca', 'tls.caFile', 'The TLS authority'],
  ['cert', 'tls-cert', 'tls.certFile', 'The TLS certificate'],
  ['key', 'tls-key', 'tls.keyFile', 'The TLS key'],
] as const;

/** Flags of TLS. */
export const TLS_FLAGS = {
  tls: { value: false, help: 'connect inside TLS, to a terminator in front of the target' },
  'no-tls': { value: false, help: 'connect without TLS, whatever the file of settings says' },
  'tls-ca': { value: true, help: 'PEM file of the authority to trust; the known ones otherwise' },
  'tls-cert': { value: true, help: 'PEM file of the certificate to show' },
  'tls-key': { value: true, help: 'PEM file of its key' },
  'tls-servername': { value: true, help: 'name the certificate must carry; the host otherwise' },
  'tls-no-verify': { value: false, help: 'take any certificate (not safe)' },
} as const satisfies Readonly<Record<string, FlagSpec>>;

/** TLS from flags and file; undefined where the session is to run over bare TCP. */
export async function tlsFrom(flags: Flags, settings: Settings, io: CliIo): Promise<TlsOptions | undefined> {
  const asked = Object.keys(TLS_FLAGS).filter((name) => name !== 'no-tls' && flags.has(name));
  if (flags.has('no-tls')) {
    if (asked[0] === undefined) return undefined;
    throw new UsageError('BAD_ARGUMENT', `--no-tls and --${asked[0]} are opposites; only one can hold.`);
  }
  const inFile = settings.switched('tls.enabled') ?? settings.hasSection('tls');
  if (asked.length === 0 && !inFile) return undefined;
  const pems: { ca?: string; cert?: string; key?: string } = {};
  for (const [part, flag, setting, what] of FILES) {
    const path = flags.text(flag) ?? settings.text(setting);
    if (path !== undefined) pems[part] = await readTextFile(path, what);
  }
  const servername = flags.text('tls-servername') ?? settings.text('tls.servername');
  const verify = !flags.has('tls-no-verify') && settings.switched('tls.verify') !== false;
  if (!verify) note(io, 'warning: the certificate is not verified; anyone in between can read and change everything.');
  return {
    ...pems,
    ...(servername === undefined ? {} : { servername }),
    ...(verify ? {} : { rejectUnauthorized: false }),
  };
}
