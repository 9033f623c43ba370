import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../errors/index.ts';

/** What a verb may touch of the process: handed in, so that tests can give their own. */
export interface CliIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fires on the first Ctrl+C. */
  readonly signal: AbortSignal;
  /** Told when a recording that was asked for has ended with less than all of it. */
  readonly onIncompleteTrace?: () => void;
  /** Where this computer's own initiator keeps its name; the system's place where it is left out. */
  readonly initiatorNameFile?: string;
}

/** Writes a run of text and waits while the reader is slower; a signal ends the waiting. */
export async function writeText(stream: Writable, text: string, signal: AbortSignal): Promise<void> {
  if (!stream.write(text) && !signal.aborted) await once(stream, 'drain', { signal }).catch(() => undefined);
}

/** Asks a person for one line; undefined where nobody is there to answer, or where input ends unanswered. */
export async function askLine(io: CliIo, question: string): Promise<string | undefined> {
  if (!('isTTY' in io.stdin) || io.stdin.isTTY !== true) return undefined;
  const lines = createInterface({ input: io.stdin, output: io.stderr });
  return new Promise((resolve) => {
    lines.once('close', () => resolve(undefined));
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}

/** Flags and what is left; of a flag that comes twice the last counts. */
export interface SplitArguments {
  readonly values: ReadonlyMap<string, string | true>;
  readonly positionals: readonly string[];
}

/** Splits arguments into flags and the rest; after `--` all is rest. A flag nobody knows, or one without its value, is a UsageError. */
export function splitArguments(
  args: readonly string[],
  flags: Readonly<Record<string, { readonly value: boolean }>>,
): SplitArguments {
  const known = new Map(Object.entries(flags));
  const refuse: (sentence: string) => never = (sentence) => {
    throw new UsageError('BAD_ARGUMENT', sentence, {
      hint: `Flags here: ${[...known.keys()].map((name) => `--${name}`).join(' ')}`,
    });
  };
  const values = new Map<string, string | true>();
  const positionals: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      positionals.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positionals.push(arg);
      continue;
    }
    const [, name = arg, , attached] = /^--([^=]*)(=([\s\S]*))?$/u.exec(arg) ?? [];
    const spec = known.get(name);
    if (spec === undefined) refuse(`There is no flag ${arg.startsWith('--') ? `--${name}` : arg} here.`);
    if (!spec.value) {
      if (attached !== undefined) refuse(`--${name} takes no value, yet "${attached}" was given.`);
      values.set(name, true);
      continue;
    }
    const next = attached ?? args[i + 1];
    // A value may begin with a dash; what is a flag itself was hardly meant as one.
    const isFlag = attached === undefined && next?.startsWith('--') === true && known.has(next.slice(2));
    if (next === undefined || isFlag) refuse(`--${name} needs a value.`);
    values.set(name, next);
    if (attached === undefined) i += 1;
  }
  return { values, positionals };
}
