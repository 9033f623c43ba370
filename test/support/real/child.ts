import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A long-running process started by a test, ended by its pid and never by its name. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** Everything printed so far, both streams, the last MiB of it. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
}

/** What a short-lived command printed and how it ended. */
export interface RunResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const outputLimit = 1 << 20;
const alive = new Set<number>();
const guard = '/usr/bin/setpriv';

process.on('exit', () => {
  for (const pid of alive) killQuietly(pid);
});

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended on its own first.
  }
}

/** A process whose parent is killed outright must not live on: the kernel ends it, where there is such a kernel. */
function guarded(command: string, args: readonly string[]): [string, string[]] {
  if (process.platform !== 'linux' || !existsSync(guard)) return [command, [...args]];
  return [guard, ['--pdeathsig', 'KILL', '--', command, ...args]];
}

/** Starts a process that runs until it is killed; it never outlives this one. */
export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const [file, argv] = guarded(command, args);
  const child = spawn(file, argv, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-outputLimit);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const pid = child.pid ?? 0;
  if (pid > 0) alive.add(pid);
  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit): void => {
      ended = true;
      alive.delete(pid);
      resolve(exit);
    };
    child.once('exit', (code, signal) => {
      end({ code, signal });
    });
    child.once('error', (error) => {
      keep(String(error));
      end({ code: 127, signal: null });
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (!ended) child.kill(name);
  };
  return {
    pid,
    exited,
    running: () => !ended,
    output: () => output,
    signal,
    kill: async () => {
      signal('SIGKILL');
      await exited;
    },
  };
}

export interface RunOptions extends ChildOptions {
  readonly timeoutMs?: number;
  /** Bytes for the command's standard input, which is closed after them. */
  readonly input?: string | Uint8Array;
}

/** Runs a command to its end, or to its time limit, and returns what it printed; a failure is a result, not an exception. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [file, argv] = guarded(command, args);
  const child = spawn(file, argv, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  if (pid > 0) alive.add(pid);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A command that ends before reading its input is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, options.timeoutMs ?? 60_000);
  const exit = await new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', (error) => {
      stderr.push(Buffer.from(String(error)));
      resolve({ code: 127, signal: null });
    });
  });
  clearTimeout(timer);
  alive.delete(pid);
  return { ...exit, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), timedOut };
}

/** As run(), but anything except exit code 0 is an error that quotes what the command printed. */
export async function runOk(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(command, args, options);
  if (result.code === 0 && !result.timedOut) return result.stdout;
  const how = result.timedOut ? 'did not end in time' : `exited with ${String(result.code ?? result.signal)}`;
  throw new Error(`${command} ${args.join(' ')} ${how}:\n${result.stdout}${result.stderr}`.trimEnd());
}
