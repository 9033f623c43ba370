import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';
import { at, root } from './paths.mjs';

/** The environment of every child: the project's own tools, and so the pinned Node, come first. */
export function childEnv(extra = {}) {
  return { ...process.env, PATH: [at('node_modules', '.bin'), process.env.PATH].join(delimiter), ...extra };
}

/** Runs a command with this terminal's streams; gives its exit code, 128 + n when a signal ended it. */
export function run(command, args, { env = {}, cwd = root, quiet = false, onOutput } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: childEnv(env),
      shell: process.platform === 'win32',
      stdio: onOutput ? ['ignore', 'pipe', 'pipe'] : quiet ? 'ignore' : 'inherit',
    });
    if (onOutput) {
      child.stdout.on('data', onOutput);
      child.stderr.on('data', onOutput);
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ? 128 + system.signals[signal] : code));
  });
}

/** Runs a short command and gives its output, or undefined when it failed. */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** The full path of a program on PATH, or undefined. */
export function which(name) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']) {
    if (folder === '') continue;
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return undefined;
}

/** Ends the program with a sentence and, where there is one, the command that helps. */
export function fail(sentence, command) {
  process.stderr.write(`${sentence}\n${command ? `  ${command}\n` : ''}`);
  process.exit(1);
}

export const say = (text) => process.stderr.write(`${text}\n`);
