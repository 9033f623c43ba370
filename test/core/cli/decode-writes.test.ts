import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
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
      expect(err).toMatch(/^\S+ is the file this trace was read from/u);
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

describe('the name of what is written', () => {
  it.each([
    ['out.json', '{'],
    ['out.JSONL', '{'],
    ['out.csv', 'n,time'],
    ['out.pcapng', '\n\r\r\n'],
    ['out', '\n\r\r\n'],
  ])('decides its format: %s', async (name, start) => {
    expect((await cli(['decode', CAPTURE, '--write', at(name)])).code).toBe(0);
    expect(readFileSync(at(name), 'latin1').startsWith(start)).toBe(true);
  });

  it.each(['out.pcap', 'out.txt', 'out.pcapng.gz'])('is refused where nothing is written so: %s', async (name) => {
    const { code, err } = await cli(['decode', CAPTURE, '--write', at(name)]);
    expect([code, err]).toEqual([2, expect.stringContaining(`${at('out.pcapng')} would be a capture`)]);
  });

  it.each(['y.pcap', 'y.json', 'y.csv'])(
    'is refused for a recording that would not be what it says: %s',
    async (name) => {
      const run = await cli(['record', 'iscsi://127.0.0.1:9/iqn.none', '--out', at(name), '--', 'luns']);
      expect([run.code, run.err]).toEqual([2, expect.stringContaining(`Name it ${at('y.pcapng')}`)]);
    },
  );

  it('does not go with flags that would do nothing', async () => {
    const port = ['--server-port', '3260'];
    const run = await cli(['record', 'iscsi://127.0.0.1:9/iqn.none', '--out', at('y.lstrace'), ...port, '--', 'luns']);
    expect([run.code, run.err]).toEqual([2, expect.stringContaining('only a .pcapng holds some')]);
    expect((await cli(['decode', CAPTURE, '--csv', '--write', at('z.csv')])).err).toContain('--csv prints lines');
  });
});

describe('decode --write', () => {
  it('says before about how much it will write, except beside JSON', async () => {
    for (const name of ['size.pcapng', 'size.jsonl', 'size.csv']) {
      const { err } = await cli(['decode', CAPTURE, '--write', at(name)]);
      const [, number = '', unit = ''] = /Writing about ([\d.]+) (B|KiB) to /u.exec(err) ?? [];
      const about = Number(number) * (unit === 'KiB' ? 1024 : 1);
      const { size } = statSync(at(name));
      expect(about / size, name).toBeGreaterThan(0.5);
      expect(about / size, name).toBeLessThan(2);
    }
    expect((await cli(['decode', CAPTURE, '--json', '--write', at('quiet.csv')])).err).toBe('');
  });
});
