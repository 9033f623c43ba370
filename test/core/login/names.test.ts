import { describe, expect, it } from 'vitest';
import {
  checkIscsiName,
  explainLoginStatus,
  formatTargetAddress,
  generateIqn,
  loginStatusCode,
  parseSendTargets,
  parseTargetAddress,
  randomIsid,
} from '../../../core/login/index.ts';
import { seeded } from './support.ts';

describe('names', () => {
  it.each([
    'iqn.2001-04.com.example:storage.disk2.sys1.xyz',
    'iqn.2001-04.com.example',
    'iqn.1992-01.com.example:storage:diskarrays-sn-a8675309',
    'eui.02004567A425678D',
    'naa.52004567BA64678D',
    'naa.62004567BA64678D0123456789ABCDEF',
    'iqn.2001-04.org.müller:straße',
  ])('takes %s', (name) => {
    expect(checkIscsiName(name).problem).toBeNull();
  });

  it.each([
    ['', 'empty'],
    ['disk1', 'starts with none'],
    ['iqn.2001-13.com.example:a', 'iqn name reads'],
    ['iqn.2001-04', 'iqn name reads'],
    ['iqn.2001-04.com..example', 'iqn name reads'],
    ['iqn.2001-04.com.example:', 'iqn name reads'],
    ['iqn.2001-04.com.example:a b', 'U+0020'],
    ['iqn.2001-04.com.example:a_b', 'U+005F'],
    ['iqn.2001-04.com.example:a\u0007', 'U+0007'],
    ['eui.02004567A425678', '16 hex'],
    ['naa.52004567BA64678D0', '16 or 32'],
    [`iqn.2001-04.com.example:${'x'.repeat(200)}`, '224 bytes'],
  ])('says what is wrong with %s', (name, words) => {
    expect(checkIscsiName(name).problem).toContain(words);
  });

  it('compares names in lower case and composed', () => {
    expect(checkIscsiName('IQN.2001-04.COM.Example:E\u0301')).toEqual({
      form: 'iqn',
      normalized: 'iqn.2001-04.com.example:\u00e9',
      problem: null,
    });
  });

  it('makes proper names that differ', () => {
    const random = seeded(3);
    const names = [generateIqn(random), generateIqn(random)];
    expect(names.map((name) => checkIscsiName(name).problem)).toEqual([null, null]);
    expect(names[0]).not.toBe(names[1]);
  });

  it('makes ISIDs of the random format', () => {
    expect(randomIsid((length) => new Uint8Array(length).fill(0xff))).toEqual(
      Uint8Array.of(0x80, 255, 255, 255, 255, 255),
    );
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.1:3260,1', '10.0.0.1', 3260, 1],
    ['10.0.0.1', '10.0.0.1', 3260, null],
    ['10.0.0.1,2', '10.0.0.1', 3260, 2],
    ['san.example.com:860,65535', 'san.example.com', 860, 65535],
    ['[2001:db8::1]:3260,1', '2001:db8::1', 3260, 1],
    ['[fe80::1%eth0]:3261,1', 'fe80::1%eth0', 3261, 1],
    ['[::ffff:10.0.0.1]', '::ffff:10.0.0.1', 3260, null],
    ['fe80::1%en0,1', 'fe80::1%en0', 3260, 1],
    ['2001:db8::1', '2001:db8::1', 3260, null],
    ['10.0.0.1:3260,-1', '10.0.0.1', 3260, -1],
    ['nas_1:3260', 'nas_1', 3260, null],
  ])('reads %s', (text, host, port, groupTag) => {
    expect(parseTargetAddress(text)).toEqual({ host, port, groupTag });
  });

  it.each([
    '',
    ',1',
    ':3260',
    'host:',
    'host:0',
    'host:65536',
    'host:-1',
    'host:03260',
    'host: 3260',
    'host:3260,',
    'host:3260,x',
    'host:3260,-2',
    'host:3260,1,1',
    '[::1',
    '::1]:3260',
    '[]:3260',
    '[host]:3260',
    '[::1]x',
    '[::1]:',
    'a b',
    'host\u0000',
    '-host',
    'ho/st',
    'h'.repeat(301),
  ])('refuses %j', (text) => {
    expect(parseTargetAddress(text)).toBeUndefined();
  });

  it('writes what it reads', () => {
    for (const text of ['10.0.0.1:3260,1', '[fe80::1%eth0]:3261', 'san:860,-1']) {
      const address = parseTargetAddress(text);
      expect(address && formatTargetAddress(address)).toBe(text);
    }
  });
});

describe('SendTargets', () => {
  const asked = { host: '127.0.0.1', port: 13260, groupTag: null };
  const pairs = (...lines: string[]) =>
    lines.map((line) => ({ key: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1) }));

  it('reads targets with several portals, in order, each once', () => {
    const { targets, warnings } = parseSendTargets(
      pairs(
        'TargetName=iqn.2026-01.test.a:1',
        'TargetAddress=10.0.0.1:3260,1',
        'TargetAddress=[fe80::1%eth0]:3260,2',
        'TargetAddress=10.0.0.1:3260,1',
        'TargetName=iqn.2026-01.test.a:2',
        'TargetAlias=second',
        'TargetName=iqn.2026-01.test.a:1',
        'TargetAddress=10.0.0.2:3260,1',
      ),
      asked,
    );
    expect(warnings).toEqual([]);
    expect(targets).toEqual([
      {
        name: 'iqn.2026-01.test.a:1',
        portals: [
          { host: '10.0.0.1', port: 3260, groupTag: 1 },
          { host: 'fe80::1%eth0', port: 3260, groupTag: 2 },
          { host: '10.0.0.2', port: 3260, groupTag: 1 },
        ],
      },
      { name: 'iqn.2026-01.test.a:2', portals: [asked] },
    ]);
  });

  it('keeps irregular names, leaves out what cannot be used, and says so', () => {
    const { targets, warnings } = parseSendTargets(
      pairs('TargetAddress=10.0.0.1', 'TargetName=My Disk', 'TargetAddress=nowhere:x', 'Colour=red'),
      asked,
    );
    expect(targets).toEqual([{ name: 'My Disk', portals: [] }]);
    expect(warnings).toHaveLength(4);
    expect(warnings.join(' ')).toContain('"nowhere:x"');
  });

  it('takes nothing for a result and a refusal for an error', () => {
    expect(parseSendTargets([], asked)).toEqual({ targets: [], warnings: [] });
    expect(() => parseSendTargets(pairs('SendTargets=Reject'), asked)).toThrow(/SendTargets=Reject/u);
  });

  it('lists thousands', () => {
    const many = Array.from({ length: 5000 }, (_, i) =>
      pairs(`TargetName=iqn.2026-01.test.a:${i}`, `TargetAddress=10.0.0.${i % 256}:3260,1`),
    ).flat();
    expect(parseSendTargets(many, asked).targets).toHaveLength(5000);
  });
});

describe('login statuses', () => {
  // RFC 7143 11.13.5, each code with a word of its own.
  it.each([
    [0, 0, 'Success'],
    [1, 1, 'temporarily'],
    [1, 2, 'permanently'],
    [2, 0, 'Initiator error'],
    [2, 1, 'Authentication failure'],
    [2, 2, 'Authorization failure'],
    [2, 3, 'Not found'],
    [2, 4, 'removed'],
    [2, 5, 'Unsupported version'],
    [2, 6, 'Too many connections'],
    [2, 7, 'Missing parameter'],
    [2, 8, "Can't include"],
    [2, 9, 'Session type'],
    [2, 10, 'Session does not exist'],
    [2, 11, 'Invalid during login'],
    [3, 0, 'Target error'],
    [3, 1, 'Service unavailable'],
    [3, 2, 'Out of resources'],
  ])('names %i/%i', (statusClass, detail, word) => {
    const { name, sentence, hint } = explainLoginStatus(statusClass, detail);
    expect(name).toContain(word);
    expect(sentence).toMatch(/^[A-Z].*\.$/u);
    if (statusClass !== 0) expect(hint).toMatch(/^[A-Z].*\.$/u);
  });

  it('does not take a full target for a failed authentication', () => {
    const { hint, retryable } = explainLoginStatus(3, 2);
    expect(hint).toMatch(/^Credentials were accepted; this is no authentication failure\./u);
    expect(retryable).toBe(true);
  });

  it('has words for every code there can be', () => {
    for (let code = 0; code < 0x10000; code += 1)
      expect(explainLoginStatus(code >> 8, code & 255).sentence).not.toBe('');
    expect(explainLoginStatus(2, 99).sentence).toContain('does not name');
    expect(explainLoginStatus(9, 0).name).toBe('Unknown status');
    expect(loginStatusCode(2, 0x0a)).toBe('0x020a');
  });
});
