/**
 * Who may import whom. The default is nobody: a folder reads its own files and what its row names.
 * docs/ARCHITECTURE.md draws the same table; a test holds the two equal.
 */
const PURE = ['bytes', 'errors', 'pdu', 'login', 'session', 'scsi', 'disk', 'trace', 'target'];
const core = (...names) => names.map((name) => `^core/${name}/`);
const npm = (...names) => names.map((name) => `(^|/)node_modules/${name}/`);
/** Node's own modules; the cruiser knows them by kind. */
const NODE = 'node:*';

/** [name of the rule, where it applies, what may be imported, what the row says in words] */
export const rows = [
  ['bytes', '^core/bytes/', [], 'nothing'],
  ['errors', '^core/errors/', core('bytes'), 'bytes'],
  ['pdu', '^core/pdu/', core('bytes', 'errors'), 'bytes, errors'],
  ['scsi', '^core/scsi/', core('bytes', 'errors'), 'bytes, errors'],
  ['login', '^core/login/', core('bytes', 'errors', 'pdu', 'scsi'), 'bytes, errors, pdu, scsi'],
  ['trace', '^core/trace/', core('bytes', 'errors', 'pdu', 'scsi'), 'bytes, errors, pdu, scsi'],
  ['disk', '^core/disk/', core('bytes', 'errors', 'pdu', 'scsi'), 'bytes, errors, pdu, scsi'],
  ['session', '^core/session/', core('bytes', 'errors', 'pdu', 'scsi', 'login'), 'bytes, errors, pdu, scsi, login'],
  ['target', '^core/target/', core('bytes', 'errors', 'pdu', 'scsi', 'login'), 'bytes, errors, pdu, scsi, login'],
  [
    'node',
    '^core/node/',
    [...core(...PURE), NODE, ...npm('@node-rs/crc32', '@noble/hashes')],
    'any pure folder, node:*, @node-rs/crc32, @noble/hashes',
  ],
  ['initiator', '^core/initiator/', core(...PURE, 'node'), 'any pure folder, node'],
  ['demo', '^core/demo/', core(...PURE, 'node'), 'any pure folder, node'],
  ['cli', '^core/cli/', ['^core/'], 'all of core'],
  ['examples', '^core/examples/', ['^core/[^/]+/index[.]ts$', NODE], 'core through its index files, node:*'],
  ['browser', '^core/browser[.]ts$', core(...PURE), 'any pure folder'],
  ['contract', '^electron/contract/', npm('zod'), 'zod; types of core'],
  [
    'main',
    '^electron/main/',
    ['^core/[^/]+/index[.]ts$', '^electron/contract/', NODE, ...npm('electron', 'electron-log', 'zod')],
    'core through its index files, contract, electron, node:*, electron-log, zod',
  ],
  [
    'preload',
    '^electron/preload/',
    ['^electron/contract/names[.]ts$', ...npm('electron')],
    "contract's names, electron",
  ],
  [
    'renderer',
    '^renderer/',
    [
      '^electron/contract/names[.]ts$',
      '^core/browser[.]ts$',
      ...npm(
        'react',
        'react-dom',
        'zustand',
        '@tanstack/react-table',
        '@base-ui/react',
        'react-resizable-panels',
        'lucide-react',
        'uplot',
      ),
    ],
    "contract's names and types, core/browser, React and its libraries",
  ],
];

/** Folders whose row also lets `import type` reach further. */
const typesOnly = { contract: ['^core/'], renderer: ['^electron/contract/'], preload: ['^electron/contract/'] };

const rowRules = rows.flatMap(([name, from, allowed, words]) => {
  const reach = [from, ...allowed.filter((path) => path !== NODE)];
  const kinds = allowed.includes(NODE) ? { dependencyTypesNot: ['core'] } : {};
  const comment = `${name} may import: ${words}.`;
  const base = { severity: 'error', comment, from: { path: from } };
  const types = typesOnly[name];
  if (types === undefined) return [{ ...base, name, to: { pathNot: reach, ...kinds } }];
  return [
    { ...base, name, to: { pathNot: reach, dependencyTypesNot: ['type-only'] } },
    { ...base, name: `${name}-types`, to: { pathNot: [...reach, ...types], dependencyTypes: ['type-only'] } },
  ];
});

const known = rows.map(([, from]) => from);

export default {
  forbidden: [
    ...rowRules,
    {
      name: 'no-row',
      severity: 'error',
      comment: 'A source folder that has no row in the import table may import nothing.',
      from: { path: '^(core|electron|renderer)/', pathNot: known },
      to: { path: '.' },
    },
    {
      name: 'feature-alone',
      severity: 'error',
      comment: 'A feature never imports another feature.',
      from: { path: '^renderer/features/([^/]+)/' },
      to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    },
    {
      name: 'names-without-zod',
      severity: 'error',
      comment: "The contract's names carry no zod: preload and renderer bundle them.",
      from: { path: '^electron/contract/names[.]ts$' },
      to: { path: '.', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'scripts-bare',
      severity: 'error',
      comment: 'These scripts run before anything is installed.',
      from: { path: '^scripts/(start|test|check|ready|setup|e2e|package|smoke-packaged|lib/)' },
      to: { pathNot: ['^scripts/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Two files that need each other are one file, or three.',
      from: { path: '^(core|electron|renderer|scripts)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-found',
      severity: 'error',
      comment: 'The import resolves to nothing.',
      from: { path: '.' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|release|test/fixtures)/' },
    tsPreCompilationDeps: true,
    builtInModules: { add: [] },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
    },
    cache: { folder: 'node_modules/.cache/depcruise', strategy: 'content' },
  },
};
