import { fileURLToPath } from 'node:url';
import { startChild, type Child } from './child.ts';
import { waitFor } from './wait.ts';

const main = fileURLToPath(new URL('../../../core/cli/main.ts', import.meta.url));

/** Our own target as a stranger sees it: a process of its own that printed its URLs. */
export interface OurTarget {
  readonly pid: number;
  readonly port: number;
  /** One iscsi:// URL per LUN, as `serve` printed them. */
  readonly urls: readonly string[];
  output(): string;
  kill(): Promise<void>;
}

/** Starts `serve` of the command line on a port of its choice and waits until it printed its URLs. */
export async function startOurTarget(
  args: readonly string[],
  options: { readonly urls?: number; readonly port?: number } = {},
): Promise<OurTarget> {
  const port = ['--port', String(options.port ?? 0)];
  const child = startChild(process.execPath, [main, 'serve', ...args, ...port]);
  try {
    await waitFor('our target listening', () => {
      if (!child.running()) throw new Error(`our target ended at start:\n${child.output()}`);
      return urlsOf(child).length >= (options.urls ?? 1);
    });
  } catch (error) {
    await child.kill();
    throw error;
  }
  const urls = urlsOf(child);
  return {
    pid: child.pid,
    port: Number(new URL((urls[0] ?? '').replace('iscsi:', 'http:')).port),
    urls,
    output: () => child.output(),
    kill: () => child.kill(),
  };
}

function urlsOf(child: Child): string[] {
  const whole = child.output().split('\n').slice(0, -1);
  return whole.map((line) => line.trim()).filter((line) => line.startsWith('iscsi://'));
}
