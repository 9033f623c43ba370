import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at, pinnedNode } from './paths.mjs';
import { fail, run } from './run.mjs';

const stamp = () => at('dist', '.built');

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

function sourceHash() {
  const hash = createHash('sha256');
  for (const folder of ['core', 'electron', 'renderer', 'assets']) {
    if (!existsSync(at(folder))) continue;
    for (const file of [...files(at(folder))].sort()) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file}\0${size}\0${mtimeMs}\0`);
    }
  }
  hash.update(readFileSync(at('scripts', 'build.mjs')));
  hash.update(readFileSync(at('package-lock.json')));
  return hash.digest('hex');
}

/** Builds dist/ unless it was built from the sources as they are. */
export async function ensureBuilt() {
  const hash = sourceHash();
  // The manifest is the last file that a build writes.
  const whole = existsSync(stamp()) && existsSync(at('dist', 'app', 'package.json'));
  if (whole && readFileSync(stamp(), 'utf8') === hash) return;
  const code = await run(pinnedNode(), [at('scripts', 'build.mjs')]);
  if (code !== 0) fail('The build failed.', 'npm run build');
  mkdirSync(dirname(stamp()), { recursive: true });
  writeFileSync(stamp(), hash);
}
