import { existsSync, readFileSync } from 'node:fs';
import { capture, run, say, which } from './run.mjs';

/** Programs each suite needs, and the Debian packages that bring them. `a|b` is one package under two names. */
const programs = {
  tgtd: 'tgt',
  tgtadm: 'tgt',
  istgt: 'istgt',
  'iscsi-ls': 'libiscsi-bin',
  'iscsi-test-cu': 'libiscsi-bin',
  'qemu-img': 'qemu-utils',
  tshark: 'tshark',
  dumpcap: 'wireshark-common',
  'xvfb-run': 'xvfb',
  xauth: 'xauth',
  chromium: 'chromium',
};

const blockExtra = ['qemu-block-extra'];
const electronLibraries = [
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

function missingPackages() {
  const wanted = [...new Set(Object.values(programs)), ...blockExtra, ...electronLibraries];
  return wanted.filter((names) => !names.split('|').some(isInstalled));
}

const isKnown = (name) =>
  (capture('apt-cache', ['policy', name]) ?? '').includes('Candidate: ') &&
  !/Candidate: \(none\)/.test(capture('apt-cache', ['policy', name]) ?? '');

/** On Debian as root, installs by name what the suites need; elsewhere leaves the system alone. */
export async function ensureSystemPackages() {
  if (!isDebian() || process.getuid?.() !== 0) return;
  const missing = missingPackages();
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  say(`This is Debian and you are root: installing ${missing.join(', ').replaceAll('|', ' or ')}.`);
  await run('apt-get', ['-qq', 'update'], { env, quiet: true });
  const names = missing.map((alternatives) => alternatives.split('|').find(isKnown) ?? alternatives.split('|')[0]);
  const code = await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...names], {
    env,
    onOutput: () => undefined,
  });
  if (code !== 0)
    say(`apt-get could not install them (exit ${code}); repeat it with: apt-get install ${names.join(' ')}`);
}

/** How to get a program, in words. */
export const howToGet = (name) => (isDebian() ? `apt-get install ${programs[name] ?? name}` : `install ${name}`);

/** What system this is, for the head of a report. */
export function describeSystem() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^PRETTY_NAME="(.+)"$/m.exec(release)?.[1] ?? `${process.platform} ${process.arch}`;
}
