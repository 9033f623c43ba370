import type { FlagSpec } from './flags.ts';
import type { CliIo } from './io.ts';

/** One verb of the command line. */
export interface Verb {
  readonly usage: string;
  readonly help: string;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  /** Runs it; resolves with the exit code, fails with the typed error. */
  run(args: readonly string[], io: CliIo): Promise<number>;
}
