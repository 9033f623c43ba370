import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { at, bin, pinnedNode } from './paths.mjs';
import { capture, fail, run, say } from './run.mjs';

const stamp = () => at('node_modules', '.cache', 'lunascope', 'installed');

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .digest('hex');
}

function installed() {
  return existsSync(stamp()) && readFileSync(stamp(), 'utf8') === lockHash() && existsSync(bin('esbuild'));
}

/** Installs the locked packages unless they are there already, and checks that the pinned Node runs. */
export async function ensureInstalled() {
  if (!installed()) {
    say('Installing the locked packages (npm ci).');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const code = await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) fail('The packages could not be installed.', 'npm ci');
    mkdirSync(dirname(stamp()), { recursive: true });
    writeFileSync(stamp(), lockHash());
  }
  const version = capture(pinnedNode(), ['--version'], { shell: process.platform === 'win32' });
  if (version === undefined || !version.startsWith('v24.')) {
    fail(
      `The project's own Node 24 is missing (found ${version ?? 'none'} in node_modules/.bin).`,
      'npm ci --include=optional',
    );
  }
}
