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
    ['port: banana', /^port takes a whole number from 1 to 65535, not "banana" \(the settings, line 1\)\.$/u],
    ['port: 0', /from 1 to 65535, not "0"/u],
    ['port: -1', /from 1 to 65535, not "-1"/u],
    ['port: 70000', /from 1 to 65535/u],
    ['\nimmediateData: yes', /true or false.*line 2/u],
    ['headerDigest: CRC32', /one or more of CRC32C, None with commas between/u],
    ['headerDigest: None,None', /one or more of/u],
    ['digestByteOrder: middle', /little or big/u],
    ['tls:\n  caFile:', /name of a file, not nothing/u],
    ['{"maxBurstLength": 1}', /512 to 16777215, not "1" \(the settings, key maxBurstLength\)/u],
    ['colour: blue', /no setting "colour"/u],
    ['host: a\nhost: b', /comes twice \(the settings, line 2\)/u],
    ['host', /name: value/u],
    ['host: ""', /host takes a text, not nothing/u],
    ['chap:\n  password: x', /no setting "chap.password"/u],
    ['__proto__: x', /name: value/u],
    ['{"port": null}', /no value/u],
    ['{"chap": [1]}', /no setting "chap"/u],
    ['{"chap": {"user": {}}}', /no value/u],
    ['[1]', /name: value/u],
    ['{"port"', /not JSON/u],
    ['x'.repeat(70_000), /at most/u],
  ])('%j is refused with a sentence', (text, sentence) => {
    expect(() => parseConfig(text)).toThrow(sentence);
  });

  it('is found on disk, or its absence is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'config-'));
    try {
      await writeFile(join(folder, 'session.yaml'), LINES);
      await writeFile(
        join(folder, 'tls.json'),
        '\ufeff{"tls": {"caFile": "ca.pem"}, "dataDigest": ["CRC32C", "None"]}',
      );
      await writeFile(join(folder, 'wrong.yaml'), 'port: 1\nlun: x\n');
      expect((await loadConfigFile(join(folder, 'session.yaml'))).get('host')).toBe('10.0.0.1');
      expect(Object.fromEntries(await loadConfigFile(join(folder, 'tls.json')))).toEqual({
        'tls.caFile': join(folder, 'ca.pem'),
        dataDigest: 'CRC32C,None',
      });
      await expect(loadConfigFile(join(folder, 'wrong.yaml'))).rejects.toThrow(/wrong\.yaml, line 2\)/u);
      await expect(loadConfigFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
