import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { UsageError } from '../errors/index.ts';

/** What a verb may touch of the process: handed in, so that tests can give their own. */
export interface CliIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fires on the first Ctrl+C. */
  readonly signal: AbortSignal;
}

/** Writes a run of text and waits while the reader is slower; a signal ends the waiting. */
export async function writeText(stream: Writable, text: string, signal: AbortSignal): Promise<void> {
  if (!stream.write(text) && !signal.aborted) await once(stream, 'drain', { signal }).catch(() => undefined);
}

/** Asks a person for one line; undefined where nobody is there to answer. */
export async function askLine(io: CliIo, question: string): Promise<string | undefined> {
  if (!('isTTY' in io.stdin) || io.stdin.isTTY !== true) return undefined;
  const lines = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

/** Splits arguments into flags and the rest; a flag nobody knows, or one without its value, is a UsageError. */
export function splitArguments(
  args: readonly string[],
  flags: Readonly<Record<string, { readonly value: boolean }>>,
): { readonly values: ReadonlyMap<string, string | true>; readonly positionals: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const values = new Map<string, string | true>();
    for (const [name, value] of Object.entries(parsed.values))
      if (typeof value === 'string' || value === true) values.set(name, value);
    return { values, positionals: parsed.positionals };
  } catch (cause) {
    const [sentence = ''] = cause instanceof Error ? cause.message.split('. ') : ['The arguments are wrong.'];
    const known = Object.keys(flags).map((name) => `--${name}`);
    throw new UsageError('BAD_ARGUMENT', sentence, { hint: `Flags here: ${known.join(' ')}`, cause });
  }
}
