import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support.ts';

const CAPTURE = fileURLToPath(new URL('../../fixtures/captures/tgt-raw-sense.pcapng', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../core/cli/main.ts', import.meta.url));
let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('decode --write onto its own input', () => {
  it('is refused by every name the file has, and the file stays', async () => {
    copyFileSync(CAPTURE, at('own.pcapng'));
    symlinkSync(at('own.pcapng'), at('link.pcapng'));
    linkSync(at('own.pcapng'), at('hard.jsonl'));
    for (const out of ['own.pcapng', 'link.pcapng', 'hard.jsonl']) {
      const { code, err } = await cli(['decode', at('own.pcapng'), '--write', at(out), '--safe-to-share']);
      expect(code).toBe(2);
      expect(err).toContain(`${at(out)} is the file this trace was read from`);
    }
    expect(readFileSync(at('own.pcapng'))).toEqual(readFileSync(CAPTURE));
  });

  it('is refused where the input is compressed, or comes as standard input', async () => {
    writeFileSync(at('own.gz'), gzipSync(readFileSync(CAPTURE)));
    copyFileSync(at('own.gz'), at('packed.pcapng'));
    expect((await cli(['decode', at('packed.pcapng'), '--write', at('packed.pcapng')])).code).toBe(2);
    copyFileSync(CAPTURE, at('stdin.pcapng'));
    const file = openSync(at('stdin.pcapng'), 'r');
    const run = spawnSync(process.execPath, [MAIN, 'decode', '-', '--write', at('stdin.pcapng')], {
      stdio: [file, 'pipe', 'pipe'],
    });
    closeSync(file);
    expect([run.status, run.stderr.toString()]).toEqual([2, expect.stringContaining('was read from')]);
    expect(readFileSync(at('stdin.pcapng'))).toEqual(readFileSync(CAPTURE));
  });
});
