import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { Istgt, istgtNames } from '../support/real/istgt.ts';
import { startOurTarget } from '../support/real/our-target.ts';
import { Tgt } from '../support/real/tgt.ts';
import { packageVersion } from '../support/real/tools.ts';

const MiB = 1 << 20;

/** A target that was started for one suite. */
export interface Started {
  /** The LUN under test. */
  readonly url: string;
  /** A second path to it, for the suites about several paths. */
  readonly secondUrl?: string;
  /** Flags iscsi-test-cu needs for this unit. */
  readonly flags?: readonly string[];
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

async function startOurs(args: readonly string[]): Promise<Started> {
  if (!existsSync(cli)) throw new Error('core/cli/main.ts is not here: our own target cannot be started');
  const target = await startOurTarget(args);
  return { url: target.urls[0] ?? '', stop: () => target.kill() };
}

export const contestants: Record<Column, Contestant> = {
  ours: {
    column: 'ours',
    version: () => Promise.resolve('this tree'),
    start: () => startOurs(['--memory', '128M', '--writable']),
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

/** Our unit once more, as what the base run had to skip needs it. */
export interface Variant extends Contestant {
  readonly unit: string;
  readonly suites: readonly string[];
  /** Tests that cannot apply to this unit either, with the reason; they count as skipped. */
  readonly except: ReadonlyMap<string, string>;
}

const base = ['--memory', '128M'];
const variant = (
  unit: string,
  suites: readonly string[],
  start: () => Promise<Started>,
  except: Variant['except'] = new Map(),
): Variant => ({ ...contestants.ours, unit, suites, start, except });

export const variants: readonly Variant[] = [
  variant('removable medium', ['PreventAllow', 'StartStopUnit'], () =>
    startOurs([...base, '--writable', '--removable']),
  ),
  variant('4096-byte physical blocks', ['CompareAndWrite', 'WriteSame10', 'WriteSame16', 'Unmap'], () =>
    startOurs([...base, '--writable', '--physical-block-size', '4096']),
  ),
  variant('write protected', ['ReadOnly'], () => startOurs(base)),
  variant(
    'sanitize allowed',
    ['Sanitize'],
    async () => ({ ...(await startOurs([...base, '--writable'])), flags: ['--allow-sanitize'] }),
    new Map([
      [
        'Sanitize.Reset',
        'the test looks three seconds later whether the overwrite still runs; here it is done at once',
      ],
    ]),
  ),
  variant('two paths', ['MultipathIO'], async () => {
    const started = await startOurs([...base, '--writable']);
    return { ...started, secondUrl: started.url };
  }),
];
