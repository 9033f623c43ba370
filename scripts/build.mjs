import { build as esbuild } from 'esbuild';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build as vite } from 'vite';
import { at } from './lib/paths.mjs';

const app = at('dist', 'app');
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));

/** Both ends of the range: what Electron 22 runs is the floor. */
const NODE_TARGET = 'node16.17';
const CHROME_TARGET = 'chrome108';

const common = {
  absWorkingDir: at(),
  outdir: app,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: NODE_TARGET,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
};

async function buildMain() {
  await esbuild({
    ...common,
    entryPoints: {
      main: 'electron/main/main.ts',
      'trace-thread': 'electron/main/trace/thread.ts',
      'search-thread': 'electron/main/search/thread.ts',
      'bytes-thread': 'electron/main/bytes/thread.ts',
    },
    external: ['electron', '@node-rs/crc32'],
    // A bundle in CommonJS has no import.meta; the core finds its native module through it.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
}

async function buildPreload() {
  await esbuild({ ...common, entryPoints: { preload: 'electron/preload/preload.ts' }, external: ['electron'] });
}

async function buildRenderer() {
  await vite({
    root: at('renderer'),
    configFile: false,
    logLevel: 'warn',
    css: { transformer: 'lightningcss' },
    build: {
      outDir: `${app}/renderer`,
      emptyOutDir: true,
      target: CHROME_TARGET,
      cssTarget: CHROME_TARGET,
      cssMinify: 'lightningcss',
      modulePreload: { polyfill: false },
      sourcemap: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        // Directives for React servers mean nothing in a bundle.
        onLog: (level, log, next) => log.code === 'MODULE_LEVEL_DIRECTIVE' || next(level, log),
      },
    },
  });
}

/** The native CRC32C and the binary for this platform; everything else is bundled. */
function copyNative() {
  const scope = at('node_modules', '@node-rs');
  for (const name of readdirSync(scope).filter((entry) => entry.startsWith('crc32'))) {
    cpSync(`${scope}/${name}`, `${app}/node_modules/@node-rs/${name}`, { recursive: true, dereference: true });
  }
}

/** The captures one can try the trace viewer on. */
function copySamples() {
  const from = at('assets', 'captures');
  for (const name of readdirSync(from).filter((entry) => entry.endsWith('.pcapng')))
    cpSync(`${from}/${name}`, `${app}/captures/${name}`);
}

function writeManifest() {
  const { name, version, description, license } = manifest;
  const packaged = {
    name,
    productName: 'Lunascope',
    version,
    description,
    license,
    author: 'The Lunascope authors',
    type: 'commonjs',
    main: 'main.js',
    dependencies: { '@node-rs/crc32': manifest.dependencies['@node-rs/crc32'] },
  };
  writeFileSync(`${app}/package.json`, `${JSON.stringify(packaged, null, 2)}\n`);
}

if (existsSync(app)) rmSync(app, { recursive: true });
mkdirSync(app, { recursive: true });
await Promise.all([buildMain(), buildPreload(), buildRenderer()]);
copyNative();
copySamples();
writeManifest();
