import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Config {
  readonly default: IConfiguration;
  readonly rows: readonly (readonly [string, string, readonly string[], string])[];
}

const config = (await import(join(root, '.dependency-cruiser.mjs'))) as Config;

/** Every file that a fixture tree may import; each exports one value and one type. */
const EVERYTHING = [
  ...[
    'bytes',
    'errors',
    'pdu',
    'scsi',
    'login',
    'trace',
    'disk',
    'session',
    'target',
    'node',
    'initiator',
    'demo',
    'cli',
  ],
].flatMap((folder) => [`core/${folder}/index.ts`, `core/${folder}/inside.ts`]);
EVERYTHING.push(
  'core/browser.ts',
  'electron/contract/names.ts',
  'electron/contract/requests.ts',
  'electron/main/main.ts',
  'electron/preload/preload.ts',
  'renderer/lib/client.ts',
  'renderer/features/lun/view.tsx',
);

/** Lays out a tree in which one file imports another, and gives the names of the rules it breaks. */
async function broken(from: string, to: string, kind: 'value' | 'type' = 'value'): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lunascope-rules-'));
  try {
    for (const path of EVERYTHING) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), 'export const value = 1;\nexport type Shape = number;\n');
    }
    const up = '../'.repeat(from.split('/').length - 1);
    const target = to.startsWith('node:') ? to : `${up}${to}`;
    const statement = kind === 'type' ? `import type { Shape } from '${target}'` : `import { value } from '${target}'`;
    mkdirSync(dirname(join(folder, from)), { recursive: true });
    writeFileSync(join(folder, from), `${statement};\nexport const own = 1;\n`);
    const { cache: _cache, ...options } = config.default.options ?? {};
    const result = await cruise(['core', 'electron', 'renderer'], {
      ...options,
      baseDir: folder,
      validate: true,
      ruleSet: { forbidden: config.default.forbidden ?? [] },
    });
    const { summary } = result.output as ICruiseResult;
    return summary.violations.map((violation) => violation.rule.name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PURE = ['bytes', 'errors', 'pdu', 'scsi', 'login', 'trace', 'disk', 'session', 'target'];

/** The design's table, written out by hand: what each folder of core may import. */
const CORE_TABLE: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  errors: ['bytes'],
  pdu: ['bytes', 'errors'],
  scsi: ['bytes', 'errors'],
  login: ['bytes', 'errors', 'pdu', 'scsi'],
  trace: ['bytes', 'errors', 'pdu', 'scsi'],
  disk: ['bytes', 'errors', 'pdu', 'scsi'],
  session: ['bytes', 'errors', 'pdu', 'scsi', 'login'],
  target: ['bytes', 'errors', 'pdu', 'scsi', 'login'],
  node: PURE,
  initiator: [...PURE, 'node'],
  demo: [...PURE, 'node'],
  cli: [...PURE, 'node', 'initiator', 'demo'],
};

describe('the import rules', () => {
  it.each(Object.keys(CORE_TABLE))('hold core/%s to its row, folder by folder', async (folder) => {
    const others = Object.keys(CORE_TABLE).filter((other) => other !== folder);
    const verdicts = await Promise.all(
      others.map(async (other) => [
        other,
        (await broken(`core/${folder}/asks.ts`, `core/${other}/index.ts`)).length === 0,
      ]),
    );
    expect(
      verdicts
        .filter(([, allowed]) => allowed)
        .map(([other]) => other)
        .sort(),
    ).toEqual([...(CORE_TABLE[folder] ?? [])].sort());
  });

  it.each([
    ['core/pdu/asks.ts', 'node:fs', 'pdu'],
    ['core/initiator/asks.ts', 'node:net', 'initiator'],
    ['core/demo/asks.ts', 'node:net', 'demo'],
    ['core/cli/asks.ts', 'node:util', 'cli'],
    ['core/browser.ts', 'core/node/index.ts', 'browser'],
    ['core/examples/asks.ts', 'core/session/inside.ts', 'examples'],
    ['electron/contract/asks.ts', 'core/errors/index.ts', 'contract'],
    ['electron/main/asks.ts', 'core/initiator/inside.ts', 'main'],
    ['electron/main/asks.ts', 'renderer/lib/client.ts', 'main'],
    ['electron/preload/asks.ts', 'electron/contract/requests.ts', 'preload'],
    ['electron/preload/asks.ts', 'electron/main/main.ts', 'preload'],
    ['renderer/app/asks.tsx', 'core/initiator/index.ts', 'renderer'],
    ['renderer/app/asks.tsx', 'core/errors/index.ts', 'renderer'],
    ['renderer/app/asks.tsx', 'electron/main/main.ts', 'renderer'],
    ['renderer/app/asks.tsx', 'electron/contract/requests.ts', 'renderer'],
    ['renderer/app/asks.tsx', 'node:fs', 'renderer'],
    ['renderer/features/trace/asks.tsx', 'renderer/features/lun/view.tsx', 'feature-alone'],
    ['core/elsewhere/asks.ts', 'core/bytes/index.ts', 'no-row'],
    ['core/bytes/asks.ts', 'core/bytes/nowhere.ts', 'not-found'],
  ])('refuse %s -> %s', async (from, to, rule) => {
    expect(await broken(from, to)).toContain(rule);
  });

  it.each([
    ['core/node/asks.ts', 'node:net', 'value'],
    ['core/examples/asks.ts', 'node:timers', 'value'],
    ['core/examples/asks.ts', 'core/scsi/index.ts', 'value'],
    ['electron/contract/asks.ts', 'core/errors/index.ts', 'type'],
    ['electron/main/asks.ts', 'core/initiator/index.ts', 'value'],
    ['electron/main/asks.ts', 'node:fs', 'value'],
    ['electron/preload/asks.ts', 'electron/contract/names.ts', 'value'],
    ['electron/preload/asks.ts', 'electron/contract/requests.ts', 'type'],
    ['renderer/app/asks.tsx', 'electron/contract/requests.ts', 'type'],
    ['renderer/app/asks.tsx', 'electron/contract/names.ts', 'value'],
    ['renderer/app/asks.tsx', 'core/browser.ts', 'value'],
    ['core/browser.ts', 'core/trace/index.ts', 'value'],
    ['core/examples/asks.ts', 'core/initiator/index.ts', 'value'],
  ] as const)('allow %s -> %s as a %s', async (from, to, kind) => {
    expect(await broken(from, to, kind)).toEqual([]);
  });

  it('refuse a type of core in the renderer', async () => {
    expect(await broken('renderer/app/asks.tsx', 'core/errors/index.ts', 'type')).toContain('renderer-types');
  });

  it('are the rows that docs/ARCHITECTURE.md prints', () => {
    const page = readFileSync(join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');
    for (const [name, , , words] of config.rows) expect(page).toContain(`| ${name} | ${words} |`);
  });
});
