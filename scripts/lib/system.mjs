import { existsSync, readFileSync } from 'node:fs';
import { capture, run, say, which } from './run.mjs';

/** Programs and drivers that suites need, and the Debian packages that bring them. */
const programs = {
  tgtd: 'tgt',
  tgtadm: 'tgt',
  tgtimg: 'tgt',
  istgt: 'istgt',
  'iscsi-ls': 'libiscsi-bin',
  'iscsi-test-cu': 'libiscsi-bin',
  'qemu-img': 'qemu-utils',
  'qemu-io': 'qemu-utils',
  'qemu-iscsi': 'qemu-block-extra',
  tshark: 'tshark',
  dumpcap: 'wireshark-common',
  'xvfb-run': 'xvfb',
  xauth: 'xauth',
  chromium: 'chromium',
  setpriv: 'util-linux',
};

/** What other systems call what is no program. */
const drivers = { 'qemu-iscsi': "qemu's iscsi block driver" };

/** The Debian packages of the libraries that Electron loads, and of the letters it draws. `a|b` is one package under two names. */
export const electronLibraries = [
  'libgtk-3-0|libgtk-3-0t64',
  'libnss3',
  'libasound2|libasound2t64',
  'libgbm1',
  'libatk-bridge2.0-0|libatk-bridge2.0-0t64',
  'libcups2|libcups2t64',
  'libdrm2',
  'libxkbcommon0',
  'libxss1',
  'fonts-dejavu-core',
  'fonts-liberation',
];

const isDebian = () => existsSync('/etc/debian_version') && which('apt-get') !== undefined;

const isInstalled = (name) =>
  capture('dpkg-query', ['-W', '-f=${Status}', name])?.endsWith('install ok installed') ?? false;

const isKnown = (name) =>
  (capture('apt-cache', ['policy', name]) ?? '').includes('Candidate: ') &&
  !/Candidate: \(none\)/.test(capture('apt-cache', ['policy', name]) ?? '');

/** The name that this release of Debian has for a package. */
const nameHere = (names) => names.split('|').find(isKnown) ?? names.split('|')[0];

/** The command that installs packages; undefined where it would be another system's. */
export const howToInstall = (packages) =>
  isDebian() ? `apt-get install ${packages.map(nameHere).join(' ')}` : undefined;

/** The Debian packages of every suite, by name, so that the README can be held to them. */
export const suitePackages = [...new Set([...Object.values(programs), ...electronLibraries])];

/** On Debian as root, installs packages by name; elsewhere leaves the system alone. */
export async function ensureSystemPackages(wanted = suitePackages) {
  if (!isDebian() || process.getuid?.() !== 0) return;
  const missing = wanted.filter((names) => !names.split('|').some(isInstalled));
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  say(`This is Debian and you are root: installing ${missing.join(', ').replaceAll('|', ' or ')}.`);
  await run('apt-get', ['-qq', 'update'], { env, quiet: true });
  const names = missing.map(nameHere);
  const code = await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...names], {
    env,
    onOutput: () => undefined,
  });
  if (code !== 0)
    say(`apt-get could not install them (exit ${code}); repeat it with: apt-get install ${names.join(' ')}`);
}

/** How to get a program, in words. */
export const howToGet = (name) =>
  isDebian() ? `apt-get install ${programs[name] ?? name}` : `install ${drivers[name] ?? name}`;

/** What system this is, for the head of a report. */
export function describeSystem() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^PRETTY_NAME="(.+)"$/m.exec(release)?.[1] ?? `${process.platform} ${process.arch}`;
}
