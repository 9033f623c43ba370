import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors/index.ts';
import { parseSetting, SETTINGS, type ConfigValue } from './config-settings.ts';

const LARGEST_FILE = 64 * 1024;
const KEY = /^[A-Za-z][A-Za-z0-9]*$/u;

/** Reads a file of session settings: `name: value` a line, sections by indentation, comments after #; or the same as JSON. Files it names are looked for beside it. */
export async function loadConfigFile(path: string): Promise<ReadonlyMap<string, ConfigValue>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError('BAD_ARGUMENT', `The settings in ${path} cannot be read.`, {
      hint: 'Check the name of the file, and that this user may read it.',
      cause,
    });
  });
  const settings = new Map(parseConfig(text, path));
  for (const [name, value] of settings)
    if (SETTINGS.get(name)?.kind === 'path') settings.set(name, resolve(dirname(path), String(value)));
  return settings;
}

/** Reads the text of such a file; a setting that does not exist, comes twice or has a value it cannot have is a UsageError that names file, line and what is allowed. */
export function parseConfig(text: string, file = 'the settings'): ReadonlyMap<string, ConfigValue> {
  if (text.length > LARGEST_FILE)
    throw new UsageError(
      'OUT_OF_RANGE',
      `A file of settings has at most ${String(LARGEST_FILE)} characters; ${file} has more.`,
    );
  const found = new Map<string, ConfigValue>();
  const bare = text.replace(/^\ufeff/u, '');
  const entries = bare.trimStart().startsWith('{') ? entriesOfJson(bare, file) : entriesOfLines(bare, file);
  for (const [name, value, where] of entries) {
    const kind = SETTINGS.get(name);
    if (kind === undefined) refuse(`There is no setting ${JSON.stringify(name.slice(0, 80))}`, where);
    if (found.has(name)) refuse(`The setting ${name} comes twice`, where);
    found.set(name, parseSetting(name, kind, value, where));
  }
  return found;
}

function refuse(what: string, where: string): never {
  throw new UsageError('BAD_ARGUMENT', `${what} (${where}).`, {
    hint: `The settings are ${[...SETTINGS.keys()].join(', ')}.`,
    details: { where },
  });
}

type Entry = readonly [name: string, value: string, where: string];

function entriesOfLines(text: string, file: string): Entry[] {
  const out: Entry[] = [];
  let section = '';
  for (const [index, raw] of text.split(/\r?\n/u).entries()) {
    const where = `${file}, line ${String(index + 1)}`;
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

function entriesOfJson(text: string, file: string): Entry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new UsageError('BAD_ARGUMENT', `The settings begin with { and are not JSON (${file}).`, { cause });
  }
  return entriesOfObject(parsed, '', file);
}

function entriesOfObject(value: unknown, prefix: string, file: string): Entry[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse('A section holds names and values', `${file}, ${prefix}`);
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): Entry[] => {
    const path = `${prefix}${name}`;
    const where = `${file}, key ${path}`;
    if (Array.isArray(inner)) return [[path, inner.map(String).join(','), where]];
    if (typeof inner === 'object' && inner !== null && prefix === '') return entriesOfObject(inner, `${path}.`, file);
    if (typeof inner !== 'string' && typeof inner !== 'number' && typeof inner !== 'boolean')
      refuse(`The setting ${path} has no value`, where);
    return [[path, String(inner), where]];
  });
}
