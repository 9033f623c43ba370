import { UsageError } from '../errors/index.ts';

/** What a setting may be. */
export type SettingKind =
  | { readonly kind: 'text' | 'path' | 'switch' }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  /** One of these words, or several of them with commas between, preferred first. */
  | { readonly kind: 'word' | 'words'; readonly of: readonly string[] };

/** A setting's value; words of a list keep their commas. */
export type ConfigValue = string | number | boolean;

const TEXT = { kind: 'text' } as const;
const PATH = { kind: 'path' } as const;
const SWITCH = { kind: 'switch' } as const;
const whole = (least: number, most: number): SettingKind => ({ kind: 'number', least, most });

const MS = whole(1, 24 * 3600 * 1000);
const LENGTH = whole(512, 16777215);
const DIGESTS: SettingKind = { kind: 'words', of: ['CRC32C', 'None'] };

/** Every setting a file may hold, by name; a section and its setting are written with a dot between. */
export const SETTINGS: ReadonlyMap<string, SettingKind> = new Map<string, SettingKind>([
  ['host', TEXT],
  ['port', whole(1, 65535)],
  ['target', TEXT],
  ['lun', whole(0, 16383)],
  ['initiatorName', TEXT],
  ['initiatorAlias', TEXT],
  ['chap.user', TEXT],
  ['chap.secretFile', PATH],
  ['chap.targetUser', TEXT],
  ['chap.targetSecretFile', PATH],
  ['chap.algorithms', { kind: 'words', of: ['5', '6', '7', '8'] }],
  ['tls.enabled', SWITCH],
  ['tls.caFile', PATH],
  ['tls.certFile', PATH],
  ['tls.keyFile', PATH],
  ['tls.servername', TEXT],
  ['tls.verify', SWITCH],
  ['headerDigest', DIGESTS],
  ['dataDigest', DIGESTS],
  ['digestByteOrder', { kind: 'word', of: ['little', 'big'] }],
  ['maxRecvDataSegmentLength', LENGTH],
  ['firstBurstLength', LENGTH],
  ['maxBurstLength', LENGTH],
  ['transferBytes', whole(1, 0xffffffff)],
  ['maxOutstandingR2T', whole(1, 65535)],
  ['maxConnections', whole(1, 65535)],
  ['errorRecoveryLevel', whole(0, 2)],
  ['initialR2T', SWITCH],
  ['immediateData', SWITCH],
  ['defaultTime2Wait', whole(0, 3600)],
  ['defaultTime2Retain', whole(0, 3600)],
  ['connectTimeoutMs', MS],
  ['loginTimeoutMs', MS],
  ['commandTimeoutMs', MS],
  ['logoutTimeoutMs', MS],
  ['abortTimeoutMs', MS],
  ['keepaliveIntervalMs', whole(0, 3600 * 1000)],
  ['keepaliveTimeoutMs', MS],
  ['maxReconnectAttempts', whole(0, 1048576)],
  ['reconnectBackoffMs', whole(1, 30_000)],
  ['snackTimeoutMs', MS],
  ['maxRedirects', whole(0, 32)],
  ['queueLimit', whole(1, 1048576)],
  ['textLimit', whole(8192, 256 * 1024 * 1024)],
  ['streamDepth', whole(1, 1024)],
  ['routerDepth', whole(1, 4096)],
]);

/** What a setting takes, in words. */
export function allowedIn(kind: SettingKind): string {
  switch (kind.kind) {
    case 'text':
      return 'a text';
    case 'path':
      return 'the name of a file';
    case 'switch':
      return 'true or false';
    case 'number':
      return `a whole number from ${String(kind.least)} to ${String(kind.most)}`;
    case 'word':
      return kind.of.join(' or ');
    case 'words':
      return `one or more of ${kind.of.join(', ')} with commas between`;
  }
}

/** Reads a setting's value; `where` tells a person where it stands. */
export function parseSetting(name: string, kind: SettingKind, text: string, where: string): ConfigValue {
  const value = valueOf(kind, text);
  if (value !== undefined) return value;
  const given = text === '' ? 'nothing' : JSON.stringify(text.slice(0, 80));
  throw new UsageError('BAD_ARGUMENT', `${name} takes ${allowedIn(kind)}, not ${given} (${where}).`, {
    details: { setting: name, where },
  });
}

function valueOf(kind: SettingKind, text: string): ConfigValue | undefined {
  switch (kind.kind) {
    case 'text':
    case 'path':
      return text === '' ? undefined : text;
    case 'switch':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'number': {
      const number = /^[0-9]{1,12}$/u.test(text) ? Number(text) : NaN;
      return number >= kind.least && number <= kind.most ? number : undefined;
    }
    case 'word':
      return kind.of.includes(text) ? text : undefined;
    case 'words': {
      const words = text.split(',').map((word) => word.trim());
      const right = words.every((word, i) => kind.of.includes(word) && words.indexOf(word) === i);
      return right ? words.join(',') : undefined;
    }
  }
}
