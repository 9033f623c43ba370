import { CancelledError, LunascopeError, UsageError } from '../errors/index.ts';
import { note, toJson, type CliIo } from './io.ts';
import { VERBS } from './verbs.ts';

/** Why everything is called off where nobody reads the output any more. */
const READER_GONE = 'reader gone';

async function usage(): Promise<string> {
  const verbs = await Promise.all([...VERBS.values()].map((load) => load()));
  const width = Math.max(...verbs.map((verb) => verb.usage.length));
  return [
    'Lunascope on the command line. Links are iscsi://[user@]host[:port]/target-name/lun.',
    '',
    ...verbs.map((verb) => `  ${verb.usage.padEnd(width)}  ${verb.help}`),
    '',
    'VERB --help, or help VERB, lists the flags of a verb.',
  ].join('\n');
}

function describe(error: LunascopeError): string {
  return error.hint === undefined
    ? `${error.message} (${error.code})`
    : `${error.message} (${error.code})\n  ${error.hint}`;
}

/** Runs one command line; returns the exit code: 0 only when it did what was asked. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const [first = '', second, ...others] = args;
  // `help VERB` is another way to say `VERB --help`.
  const isHelp = first === 'help' && second !== undefined && second !== '--help';
  const [name = '', ...rest] = isHelp ? [second, '--help', ...others] : args;
  if (name === '' || name === '--help' || name === '-h' || name === 'help') {
    io.stdout.write(`${await usage()}\n`);
    return name === '' ? 2 : 0;
  }
  try {
    const load = VERBS.get(name);
    if (load === undefined)
      throw new UsageError('BAD_ARGUMENT', `There is no verb "${name}".`, {
        hint: `Verbs: ${[...VERBS.keys()].join(', ')}.`,
      });
    const verb = await load();
    if (rest.includes('--help')) {
      const flags = Object.entries(verb.flags).map(
        ([flag, spec]) => `  --${flag}${spec.value ? ' VALUE' : ''}`.padEnd(32) + spec.help,
      );
      io.stdout.write(`${[verb.usage, verb.help, '', ...flags].join('\n')}\n`);
      return 0;
    }
    return await verb.run(rest, io);
  } catch (error) {
    if (!(error instanceof LunascopeError)) throw error;
    // Who reads no further, as `head` does, needs no word about what was called off for it.
    if (error instanceof CancelledError && io.signal.reason === READER_GONE) return 1;
    note(
      io,
      rest.includes('--json')
        ? toJson({ code: error.code, message: error.message, hint: error.hint ?? null, details: error.details })
        : describe(error),
    );
    return error instanceof UsageError && error.code === 'BAD_ARGUMENT' ? 2 : 1;
  }
}

/** How long a reader of the output may take over what is left once the program was told to stop. */
const FLUSH_MS = 500;

/** Runs the command line of this process. */
export async function main(): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  process.once('SIGTERM', () => {
    stop.abort();
  });
  process.stdout.on('error', () => {
    stop.abort(READER_GONE);
  });
  process.exitCode = await runCli(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal: stop.signal,
  });
  // A read of a pipe that nobody writes to cannot be called back, so that the process would wait for it.
  if (!stop.signal.aborted) return;
  const flushed = [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve)));
  const late = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  await Promise.race([Promise.all(flushed), late]);
  process.exit();
}

if (import.meta.main) await main();
