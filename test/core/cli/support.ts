import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { runCli } from '../../../core/cli/main.ts';

/** What a command line printed and how it ended. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON. */
  json(): unknown;
}

function gather(stream: PassThrough): () => string {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString('utf8');
}

/** Runs a command line in this process. */
export async function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  signal = new AbortController().signal,
  more: { readonly initiatorNameFile?: string } = {},
): Promise<CliRun> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const [out, err] = [gather(stdout), gather(stderr)];
  const code = await runCli(args, { stdin: new PassThrough(), stdout, stderr, env, signal, ...more });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out: out(), err: err(), json: () => JSON.parse(out()) as unknown };
}

/** A small disk that the command line serves until it is stopped. */
export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves such a disk, with further flags. */
export async function serveDisk(...flags: readonly string[]): Promise<Served> {
  const stop = new AbortController();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io = { stdin, stdout, stderr, env: {}, signal: stop.signal };
  const ended = runCli(['serve', '--memory', '4M', '--port', '0', ...flags], io);
  const [first] = (await once(stdout, 'data')) as [Buffer];
  return {
    url: first.toString().split('\n')[0] ?? '',
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}
