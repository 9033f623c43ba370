import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { Istgt, istgtNames } from '../support/real/istgt.ts';
import { startOurTarget } from '../support/real/our-target.ts';
import { Tgt } from '../support/real/tgt.ts';
import { packageVersion } from '../support/real/tools.ts';

const MiB = 1 << 20;

/** A target that was started for one suite. */
export interface Started {
  /** The LUN under test, and the same LUN once more for the suites about several paths. */
  readonly url: string;
  stop(): Promise<void>;
}

export type Column = 'ours' | 'tgt' | 'istgt';
export const columns: readonly Column[] = ['ours', 'tgt', 'istgt'];

export interface Contestant {
  readonly column: Column;
  version(): Promise<string>;
  /** Starts a fresh target with an empty scratch disk of 128 MiB, 512-byte blocks. */
  start(): Promise<Started>;
}

const cli = fileURLToPath(new URL('../../core/cli/main.ts', import.meta.url));

export const contestants: Record<Column, Contestant> = {
  ours: {
    column: 'ours',
    version: () => Promise.resolve('this tree'),
    start: async () => {
      if (!existsSync(cli)) throw new Error('core/cli/main.ts is not here: our own target cannot be started');
      const target = await startOurTarget(['--memory', '128M', '--writable']);
      return { url: target.urls[0] ?? '', stop: () => target.kill() };
    },
  },
  tgt: {
    column: 'tgt',
    version: () => packageVersion('tgt'),
    start: async () => {
      const name = 'iqn.2026-01.test.tgt:scratch';
      const tgt = await Tgt.start([{ name, luns: [{ lun: 1, file: 'scratch.img', sizeBytes: 128 * MiB }] }]);
      return { url: tgt.url(name, 1), stop: () => tgt.stop() };
    },
  },
  istgt: {
    column: 'istgt',
    version: () => packageVersion('istgt'),
    start: async () => {
      const luns = [{ lun: 0, file: 'scratch.img', sizeBytes: 128 * MiB }];
      const istgt = await Istgt.start([{ name: 'scratch', luns }]);
      return { url: istgt.url(istgtNames.scratch, 0), stop: () => istgt.stop() };
    },
  },
};
