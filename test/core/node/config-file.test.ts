import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigFile, parseConfig } from '../../../core/node/config-file.ts';

const LINES = `# a session
host: 10.0.0.1
port: 3260
target: "iqn.2026-01.test:a#1"   # quoted
chap:
  user: 'me'
  secretFile: /run/secret
immediateData: false
maxBurstLength: 65536
`;

const SAME = {
  host: '10.0.0.1',
  port: 3260,
  target: 'iqn.2026-01.test:a#1',
  'chap.user': 'me',
  'chap.secretFile': '/run/secret',
  immediateData: false,
  maxBurstLength: 65536,
};

describe('a file of settings', () => {
  it('is read from lines and from JSON alike', () => {
    expect(Object.fromEntries(parseConfig(LINES))).toEqual(SAME);
    const { 'chap.user': user, 'chap.secretFile': secretFile, ...rest } = SAME;
    expect(Object.fromEntries(parseConfig(JSON.stringify({ ...rest, chap: { user, secretFile } })))).toEqual(SAME);
    expect(parseConfig('').size).toBe(0);
  });

  it.each([
    ['port: banana', /whole number.*line 1/u],
    ['\nimmediateData: yes', /true or false.*line 2/u],
    ['colour: blue', /no setting "colour"/u],
    ['host: a\nhost: b', /comes twice \(line 2\)/u],
    ['host', /name: value/u],
    ['host: ""', /empty/u],
    ['chap:\n  password: x', /no setting "chap.password"/u],
    ['__proto__: x', /name: value/u],
    ['{"port": null}', /no value/u],
    ['{"chap": [1]}', /names and values/u],
    ['{"port"', /not JSON/u],
    ['x'.repeat(70_000), /at most/u],
  ])('%j is refused with a sentence', (text, sentence) => {
    expect(() => parseConfig(text)).toThrow(sentence);
  });

  it('is found on disk, or its absence is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'config-'));
    try {
      await writeFile(join(folder, 'session.yaml'), LINES);
      expect((await loadConfigFile(join(folder, 'session.yaml'))).get('host')).toBe('10.0.0.1');
      await expect(loadConfigFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'IO_FAILED' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
