import { UsageError } from '../errors/index.ts';
import { splitArguments } from '../node/terminal.ts';

/** One flag: whether it takes a value, and what it is for. */
export interface FlagSpec {
  readonly value: boolean;
  readonly help: string;
}

/** Flags by name, as they were given. */
export class Flags {
  readonly positionals: readonly string[];
  readonly #values: ReadonlyMap<string, string | true>;

  constructor(positionals: readonly string[], values: ReadonlyMap<string, string | true>) {
    this.positionals = positionals;
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** A flag that has to be there. */
  needed(name: string): string {
    return this.text(name) ?? fail(`--${name} is needed.`);
  }

  /** A whole number within its range. */
  integer(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^[0-9]{1,15}$/u.test(text) ? Number(text) : NaN;
    if (!Number.isInteger(value) || value < least || value > most)
      return fail(`--${name} takes a whole number from ${String(least)} to ${String(most)}, not "${text}".`);
    return value;
  }

  /** A number that may need 64 bits, decimal or 0x hex. */
  wide(name: string): bigint | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^(?:[0-9]{1,20}|0x[0-9a-fA-F]{1,16})$/u.test(text) || BigInt(text) >= 1n << 64n)
      return fail(`--${name} takes a number below 2^64, not "${text}".`);
    return BigInt(text);
  }

  /** A 64-bit number that has to be there. */
  wideNeeded(name: string): bigint {
    return this.wide(name) ?? fail(`--${name} is needed.`);
  }

  /** A number of bytes with an optional k, m, g or t (powers of 1024). */
  size(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseSize(text, `--${name}`);
  }
}

function fail(sentence: string): never {
  throw new UsageError('BAD_ARGUMENT', sentence);
}

/** Parses a size such as `4k` or `128M`. */
export function parseSize(text: string, what: string): number {
  const match = /^([0-9]{1,15})([kmgt]?)(?:i?b)?$/iu.exec(text);
  const power = match === null ? -1 : 'kmgt'.indexOf((match[2] ?? '').toLowerCase()) + 1;
  const scale = match?.[2] === '' ? 1 : 1024 ** power;
  const bytes = match === null ? NaN : Number(match[1]) * scale;
  return Number.isSafeInteger(bytes) && bytes > 0
    ? bytes
    : fail(`${what} takes a size such as 4k, 128M or 1G, not "${text}".`);
}

/** Parses a verb's arguments; an unknown flag, or one without its value, is named. */
export function parseFlags(
  args: readonly string[],
  specs: Readonly<Record<string, FlagSpec>>,
  positionals: readonly [least: number, most: number],
): Flags {
  const parsed = splitArguments(args, specs);
  const [least, most] = positionals;
  if (parsed.positionals.length < least)
    fail(
      `${String(least)} argument${least === 1 ? ' is' : 's are'} needed, ${String(parsed.positionals.length)} given.`,
    );
  if (parsed.positionals.length > most) fail(`"${parsed.positionals[most] ?? ''}" is one argument too many.`);
  return new Flags(parsed.positionals, parsed.values);
}
