import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, serveDisk, type Served } from './support.ts';

const MAIN = fileURLToPath(new URL('../../../core/cli/main.ts', import.meta.url));
let folder = '';
let served: Served;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-cli-'));
  served = await serveDisk();
});
afterAll(async () => {
  await served.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command line whose files the system lets grow to a few KiB only. */
async function inLittleRoom(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn('sh', ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

describe('a recording that ends early', { timeout: 30_000 }, () => {
  it('is told and fails record, while the verb it records is done', async () => {
    const out = join(folder, 'short.lstrace');
    const run = await inLittleRoom([
      'record',
      served.url,
      '--out',
      out,
      '--',
      'read',
      '--lba',
      '0',
      '--count',
      '64',
      '--json',
    ]);
    expect(run.code).toBe(1);
    expect(run.err).toContain(`Recording to ${out}.recording has stopped`);
    expect(JSON.parse(run.out)).toMatchObject({ count: '64', blockSize: 512 });
    expect(statSync(out).size).toBeGreaterThan(0);
  });

  it('is told where a verb was asked to trace', async () => {
    const trace = ['--trace', 'full', '--trace-file', join(folder, 'beside.lstrace')];
    const run = await inLittleRoom(['read', served.url, '--lba', '0', '--count', '64', '--json', ...trace]);
    expect(run.code).toBe(0);
    expect(JSON.parse(run.err)).toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringContaining('has stopped') as string,
    });
  });

  it('is no word about one that is whole', async () => {
    const out = join(folder, 'whole.lstrace');
    const run = await cli(['record', served.url, '--out', out, '--', 'read', '--lba', '0', '--count', '4']);
    expect(run.code).toBe(0);
    expect(run.err).not.toContain('warning');
  });

  it.each(['earlier.pcapng', 'earlier.lstrace'])('that never began leaves %s as it was', async (name) => {
    const out = join(folder, name);
    const url = 'iscsi://127.0.0.1:1/iqn.2026-01.org.example:none/0';
    const record = (): ReturnType<typeof cli> => cli(['record', url, '--out', out, '--', 'luns']);
    const first = await record();
    expect(first.err).toContain('Nothing was recorded.');
    expect(existsSync(out)).toBe(false);
    writeFileSync(out, 'earlier');
    const { code, err } = await record();
    expect(code).toBe(1);
    expect(err).toContain(`Nothing was recorded; ${out} is as it was.`);
    expect(readFileSync(out, 'utf8')).toBe('earlier');
    expect(existsSync(`${out}.recording`)).toBe(false);
  });

  it('takes no place of a device', async () => {
    const run = await cli(['luns', served.url, '--trace-file', '/dev/null']);
    expect(run.code).toBe(2);
    expect(run.err).toContain('/dev/null is no ordinary file');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
