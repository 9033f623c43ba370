import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A project of nothing but its scripts, on a machine with neither Electron nor Python nor apt. */
export function layOutBare(scripts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'lunascope-bare-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
  write('scripts/build.mjs', '');
  write('package.json', JSON.stringify({ type: 'module', scripts }));
  write('package-lock.json', '{}');
  write('node_modules/.cache/lunascope/installed', createHash('sha256').update('{}').digest('hex'));
  write('node_modules/.bin/esbuild', '');
  write('node_modules/electron/package.json', JSON.stringify({ version: '45.0.0' }));
  write('cache/lunascope/electron-45.0.0-unreachable', 'no network');
  symlinkSync(process.execPath, join(folder, 'node_modules', '.bin', 'node'));
  // npm is the one program it needs.
  write('bin/npm', '#!/bin/sh\nexec /bin/sh -c "$(node scripts/print-script.mjs "$3")"\n');
  write(
    'scripts/print-script.mjs',
    "import { readFileSync } from 'node:fs';\nprocess.stdout.write(JSON.parse(readFileSync('package.json', 'utf8')).scripts[process.argv[2]]);\n",
  );
  chmodSync(join(folder, 'bin', 'npm'), 0o755);
  return folder;
}
