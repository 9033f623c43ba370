import { readFile } from 'node:fs/promises';
import { TransportError, UsageError } from '../errors/index.ts';

/** What a setting of a file may be. */
export type ConfigValue = string | number | boolean;

const LARGEST_FILE = 64 * 1024;
const KEY = /^[A-Za-z][A-Za-z0-9]*$/u;
/** Settings by name, and what they are; sections are written with a dot. */
const SETTINGS: ReadonlyMap<string, 'text' | 'number' | 'switch'> = new Map([
  ['host', 'text'],
  ['port', 'number'],
  ['target', 'text'],
  ['initiatorName', 'text'],
  ['initiatorAlias', 'text'],
  ['chap.user', 'text'],
  ['chap.secretFile', 'text'],
  ['chap.targetUser', 'text'],
  ['chap.targetSecretFile', 'text'],
  ['headerDigest', 'text'],
  ['dataDigest', 'text'],
  ['maxRecvDataSegmentLength', 'number'],
  ['firstBurstLength', 'number'],
  ['maxBurstLength', 'number'],
  ['maxOutstandingR2T', 'number'],
  ['maxConnections', 'number'],
  ['errorRecoveryLevel', 'number'],
  ['initialR2T', 'switch'],
  ['immediateData', 'switch'],
  ['connectTimeoutMs', 'number'],
  ['loginTimeoutMs', 'number'],
  ['commandTimeoutMs', 'number'],
  ['logoutTimeoutMs', 'number'],
  ['keepaliveIntervalMs', 'number'],
  ['keepaliveTimeoutMs', 'number'],
  ['maxReconnectAttempts', 'number'],
  ['reconnectBackoffMs', 'number'],
  ['snackTimeoutMs', 'number'],
]);

/** Reads a file of session settings: `name: value` a line, sections by indentation, comments after #; or the same as JSON. */
export async function loadConfigFile(path: string): Promise<ReadonlyMap<string, ConfigValue>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TransportError('IO_FAILED', `The settings in ${path} cannot be read.`, { cause });
  });
  return parseConfig(text);
}

/** Reads the text of such a file; a setting that does not exist, comes twice or has a value of another kind is a UsageError with its line. */
export function parseConfig(text: string): ReadonlyMap<string, ConfigValue> {
  if (text.length > LARGEST_FILE)
    throw new UsageError('OUT_OF_RANGE', `A file of settings has at most ${String(LARGEST_FILE)} characters.`);
  const found = new Map<string, ConfigValue>();
  const entries = text.trimStart().startsWith('{') ? entriesOfJson(text) : entriesOfLines(text);
  for (const [name, value, where] of entries) {
    const kind = SETTINGS.get(name);
    if (kind === undefined) refuse(`There is no setting ${JSON.stringify(name)}`, where);
    if (found.has(name)) refuse(`The setting ${name} comes twice`, where);
    found.set(name, typed(name, kind, value, where));
  }
  return found;
}

function refuse(what: string, where: string): never {
  throw new UsageError('BAD_ARGUMENT', `${what} (${where}).`, {
    hint: `The settings are ${[...SETTINGS.keys()].join(', ')}.`,
  });
}

function typed(name: string, kind: 'text' | 'number' | 'switch', value: string, where: string): ConfigValue {
  if (kind === 'text') return value === '' ? refuse(`The setting ${name} is empty`, where) : value;
  if (kind === 'number') {
    if (!/^[0-9]{1,10}$/u.test(value))
      refuse(`The setting ${name} is a whole number, not ${JSON.stringify(value)}`, where);
    return Number(value);
  }
  if (value !== 'true' && value !== 'false')
    refuse(`The setting ${name} is true or false, not ${JSON.stringify(value)}`, where);
  return value === 'true';
}

type Entry = readonly [name: string, value: string, where: string];

function entriesOfLines(text: string): Entry[] {
  const out: Entry[] = [];
  let section = '';
  for (const [index, raw] of text.split(/\r?\n/u).entries()) {
    const where = `line ${String(index + 1)}`;
    const line = withoutComment(raw);
    if (line.trim() === '') continue;
    const cut = line.indexOf(':');
    const name = line.slice(0, Math.max(cut, 0)).trim();
    if (cut < 0 || !KEY.test(name)) refuse('A line reads "name: value"', where);
    const indented = /^\s/u.test(line);
    if (!indented) section = '';
    const written = line.slice(cut + 1).trim();
    const value = unquoted(written);
    if (!indented && written === '') section = `${name}.`;
    else out.push([indented ? `${section}${name}` : name, value, where]);
  }
  return out;
}

/** A # begins a comment where it stands first or after a blank, outside quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i] ?? '';
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '#' && (i === 0 || /\s/u.test(line[i - 1] ?? ''))) return line.slice(0, i);
  }
  return line;
}

function unquoted(text: string): string {
  const first = text[0];
  return text.length >= 2 && (first === '"' || first === "'") && text.endsWith(first) ? text.slice(1, -1) : text;
}

function entriesOfJson(text: string): Entry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new UsageError('BAD_ARGUMENT', 'The settings begin with { and are not JSON.', { cause });
  }
  return entriesOfObject(parsed, '');
}

function entriesOfObject(value: unknown, prefix: string): Entry[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse('A section holds names and values', prefix);
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): Entry[] => {
    const path = `${prefix}${name}`;
    if (typeof inner === 'object' && inner !== null && prefix === '') return entriesOfObject(inner, `${path}.`);
    if (typeof inner !== 'string' && typeof inner !== 'number' && typeof inner !== 'boolean')
      refuse(`The setting ${path} has no value`, path);
    return [[path, String(inner), path]];
  });
}
