import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Config {
  readonly default: IConfiguration;
  readonly rows: readonly (readonly [string, string, readonly string[], string])[];
}

/** The rules that are no row of the table, by name: none goes unnoticed. */
const OTHER_RULES = [
  'contract-types',
  'feature-alone',
  'names-without-zod',
  'no-cycle',
  'no-row',
  'not-found',
  'preload-types',
  'renderer-types',
  'scripts-bare',
];

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
const SCRIPT = 'scripts/lib/inside.mjs';

type Kind = 'value' | 'type';
type Case = readonly [from: string, to: string, kind: Kind];

/** `core/pdu/asks.ts` with a number, so that many cases fit one tree; a file whose name is its rule keeps its name. */
const numbered = (from: string, index: number): string => from.replace(/asks(?=[.](?:tsx?|mjs)$)/, `asks-${index}`);

/** Lays out a tree in which each case is one file with one import, and gives the rules each one breaks. */
async function brokenBy(cases: readonly Case[]): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'lunascope-rules-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    for (const path of EVERYTHING) write(path, 'export const value = 1;\nexport type Shape = number;\n');
    write(SCRIPT, 'export const value = 1;\n');
    for (const [index, [from, to, kind]] of cases.entries()) {
      const target = to.startsWith('node:') ? to : `${'../'.repeat(from.split('/').length - 1)}${to}`;
      const what = kind === 'type' ? 'type { Shape }' : '{ value }';
      write(numbered(from, index), `import ${what} from '${target}';\nexport const own = 1;\n`);
    }
    const { cache: _cache, ...options } = config.default.options ?? {};
    const result = await cruise(['core', 'electron', 'renderer', 'scripts'], {
      ...options,
      baseDir: folder,
      validate: true,
      ruleSet: { forbidden: config.default.forbidden ?? [] },
    });
    const { violations } = (result.output as ICruiseResult).summary;
    return cases.map(([from], index) =>
      violations.filter((violation) => violation.from === numbered(from, index)).map(({ rule }) => rule.name),
    );
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

const FOLDERS = Object.keys(CORE_TABLE);
const PAIRS = FOLDERS.flatMap((folder) =>
  FOLDERS.filter((other) => other !== folder).map((other) => [folder, other] as const),
);

const REFUSED: readonly (readonly [from: string, to: string, rule: string])[] = [
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
  ['electron/contract/names.ts', 'electron/contract/requests.ts', 'names-without-zod'],
  ['scripts/lib/asks.mjs', 'core/bytes/index.ts', 'scripts-bare'],
];

const ALLOWED: readonly Case[] = [
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
  ['scripts/lib/asks.mjs', SCRIPT, 'value'],
  ['scripts/lib/asks.mjs', 'node:fs', 'value'],
];

describe('the import rules', () => {
  let ofPairs: string[][];
  let ofRefused: string[][];
  let ofAllowed: string[][];
  beforeAll(async () => {
    ofPairs = await brokenBy(
      PAIRS.map(([folder, other]) => [`core/${folder}/asks.ts`, `core/${other}/index.ts`, 'value']),
    );
    ofRefused = await brokenBy(REFUSED.map(([from, to]) => [from, to, 'value']));
    ofAllowed = await brokenBy([...ALLOWED, ['renderer/app/asks.tsx', 'core/errors/index.ts', 'type']]);
  }, 60_000);

  it.each(FOLDERS)('hold core/%s to its row, folder by folder', (folder) => {
    const allowed = PAIRS.flatMap(([from, other], index) =>
      from === folder && ofPairs[index]?.length === 0 ? [other] : [],
    );
    expect(allowed.sort()).toEqual([...(CORE_TABLE[folder] ?? [])].sort());
  });

  it.each(REFUSED.map((row, index) => [...row, index] as const))('refuse %s -> %s', (_from, _to, rule, index) => {
    expect(ofRefused[index]).toContain(rule);
  });

  it.each(ALLOWED.map((row, index) => [...row, index] as const))(
    'allow %s -> %s as a %s',
    (_from, _to, _kind, index) => {
      expect(ofAllowed[index]).toEqual([]);
    },
  );

  it('refuse a type of core in the renderer', () => {
    expect(ofAllowed.at(-1)).toContain('renderer-types');
  });

  it('refuse two files that need each other', async () => {
    const ofBoth = await brokenBy([
      ['core/errors/one.ts', 'core/errors/two.ts', 'value'],
      ['core/errors/two.ts', 'core/errors/one.ts', 'value'],
    ]);
    expect(ofBoth.flat()).toEqual(['no-cycle']);
  });

  it('are all there', () => {
    const names = config.rows.flatMap(([name]) => name);
    const others = (config.default.forbidden ?? [])
      .map(({ name = '' }) => name)
      .filter((name) => !names.includes(name));
    expect(others.sort()).toEqual(OTHER_RULES);
  });

  it('are the rows that docs/ARCHITECTURE.md prints', () => {
    const page = readFileSync(join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');
    for (const [name, , , words] of config.rows) expect(page).toContain(`| ${name} | ${words} |`);
  });
});
