import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../core/errors/index.ts';
import { examineDisk, type BlockSource } from '../../../core/disk/index.ts';
import { fieldNodes, le, markField, text, timeText, utf16 } from '../../../core/disk/fields.ts';
import { createMatcher } from '../../../core/disk/search/matcher.ts';
import { LONGEST_PATTERN, parseSearch, type SearchQuery } from '../../../core/disk/search/pattern.ts';
import { RangeReader } from '../../../core/disk/source.ts';
import { guidText, readLittle, sizeText, textOf } from '../../../core/disk/values.ts';
import { parseAddress } from '../../../core/disk/view/address.ts';
import { copyAs } from '../../../core/disk/view/copy-as.ts';
import { selectionRange } from '../../../core/disk/view/selection.ts';

describe('fields', () => {
  it('that the bytes end before are left out, and bits without a name are shown as they are', () => {
    const fields = [
      le('flags', 'Flags', 0, 2, { flags: { 0: 'first', 3: 'fourth' } }),
      text('name', 'Name', 2, 2),
      utf16('wide', 'Wide name', 4, 2),
      le('later', 'Later', 6, 8),
    ];
    const nodes = fieldNodes(Uint8Array.of(0x41, 0x80, 0, 0, 0, 0, 1), fields);
    expect(nodes.map(({ name, text: shown }) => [name, shown])).toEqual([
      ['flags', 'first, 0x8040 (0x8041)'],
      ['name', '(empty)'],
      ['wide', '(empty)'],
    ]);
    expect(fieldNodes(Uint8Array.of(0, 0), fields.slice(0, 1))[0]?.text).toBe('none (0x0000)');
    expect(markField(nodes, 'name', 'is empty').map(({ malformed }) => malformed)).toEqual([
      undefined,
      'is empty',
      undefined,
    ]);
    expect(markField(nodes, 'name', undefined)).toEqual(nodes);
  });

  it('of time are words as far as a calendar goes', () => {
    expect(timeText(86_400n)).toBe('1970-01-02 00:00:00 UTC');
    expect(timeText(8_640_000_000_001n)).toBe('8640000000001 s since 1970');
    expect(timeText(-8_640_000_000_001n)).toBe('-8640000000001 s since 1970');
  });

  it('of text, numbers and sizes are read to their end', () => {
    expect(textOf(Uint8Array.of(0x41, 0x01, 0x42))).toBe('A\ufffdB');
    expect(readLittle(Uint8Array.of(1, 2, 3))).toBe(0x030201n);
    expect(guidText(Uint8Array.from({ length: 16 }, (_, i) => i))).toBe('03020100-0504-0706-0809-0a0b0c0d0e0f');
    expect([sizeText(0n), sizeText(1536n), sizeText(1n << 62n)]).toEqual(['0 B', '1.5 KiB', '4 EiB']);
  });
});

describe('a disk that cannot be read everywhere', () => {
  const source = (read: BlockSource['read'], blocks = 4096n): BlockSource => ({ blockSize: 512, blocks, read });

  it('is told of with the reason, whatever was thrown, and short answers count as none', async () => {
    const odd = 'no medium' as unknown as Error;
    const thrown = await examineDisk(source(() => Promise.reject(odd)));
    expect(thrown.structures).toEqual([]);
    expect(thrown.problems[0]).toBe('Bytes from 0 on could not be read: no medium');
    const short = await examineDisk(source((_lba, count) => Promise.resolve(new Uint8Array(count * 512 - 1))));
    expect(short).toEqual({ structures: [], problems: [] });
  });

  it('is not looked at further once that is called off', async () => {
    const calledOff = new CancelledError('CANCELLED', 'Called off.');
    await expect(examineDisk(source(() => Promise.reject(calledOff)))).rejects.toBe(calledOff);
    const controller = new AbortController();
    const failing = source(() => {
      controller.abort();
      return Promise.reject(new Error('gone'));
    });
    await expect(examineDisk(failing, controller.signal)).rejects.toThrow('gone');
  });

  it('is read no further than its allowance, which is said once', async () => {
    let reads = 0;
    const reader = new RangeReader(
      source((_lba, count) => {
        reads += 1;
        return Promise.resolve(new Uint8Array(count * 512));
      }, 1n << 20n),
    );
    for (let at = 0n; at < 80n; at += 1n) await reader.read(at << 20n, 1 << 20);
    expect(reader.remarks).toEqual([
      'More than 67108864 bytes would have to be read for the structures; the rest was left out.',
    ]);
    expect(reads).toBe(1024);
    expect(await reader.read(-1n, 5)).toBeNull();
    expect(await reader.read(0n, 65 << 20)).toBeNull();
  });
});

describe('what is searched for', () => {
  it.each<[SearchQuery, RegExp]>([
    [{ kind: 'hex', words: '00'.repeat(LONGEST_PATTERN + 1) }, /at most 4096 bytes/u],
    [{ kind: 'text', words: 'a'.repeat(LONGEST_PATTERN + 1) }, /at most 4096 bytes/u],
    [{ kind: 'text', words: '\u20ac', encoding: 'latin1' }, /exists in Latin-1/u],
    [{ kind: 'text', words: '\u00fc', encoding: 'ascii' }, /exists in ASCII/u],
    [{ kind: 'regex', words: '' }, /Write a regular expression/u],
    [{ kind: 'regex', words: 'a'.repeat(LONGEST_PATTERN + 1) }, /too long/u],
    [{ kind: 'number', words: '', number: { type: 'float', size: 4, endian: 'little' } }, /such as 3\.14/u],
    [{ kind: 'number', words: 'pi', number: { type: 'float', size: 8, endian: 'little' } }, /such as 3\.14/u],
  ])('is refused: %j', (query, problem) => {
    const parsed = parseSearch(query);
    expect(parsed.ok ? '' : parsed.problem).toMatch(problem);
  });

  it.each<[SearchQuery, number[]]>([
    [{ kind: 'text', words: 'A\u00fc', encoding: 'latin1' }, [0x41, 0xfc]],
    [{ kind: 'text', words: 'A\u00fc', encoding: 'utf-16le' }, [0x41, 0, 0xfc, 0]],
    [{ kind: 'text', words: 'A\u00fc', encoding: 'utf-16be' }, [0, 0x41, 0, 0xfc]],
    [{ kind: 'number', words: '1.5', number: { type: 'float', size: 4, endian: 'big' } }, [0x3f, 0xc0, 0, 0]],
    [
      { kind: 'number', words: '1.5', number: { type: 'float', size: 8, endian: 'little' } },
      [0, 0, 0, 0, 0, 0, 0xf8, 0x3f],
    ],
    [{ kind: 'number', words: '-2', number: { type: 'integer', size: 2, endian: 'big' } }, [0xff, 0xfe]],
  ])('%j is these bytes', (query, bytes) => {
    const parsed = parseSearch(query);
    expect(parsed.ok && parsed.pattern.type === 'bytes' ? [...parsed.pattern.values] : []).toEqual(bytes);
  });

  it('by an expression that can match nothing finds only what it matches', () => {
    const parsed = parseSearch({ kind: 'regex', words: '(?=B)|A' });
    if (!parsed.ok) throw new Error(parsed.problem);
    const matcher = createMatcher(parsed.pattern);
    const found = [...matcher.push(100n, Uint8Array.from(Buffer.from('xBAxA'))), ...matcher.flush()];
    expect(found).toEqual([
      { offset: 102n, length: 1 },
      { offset: 104n, length: 1 },
    ]);
  });
});

describe('places on a disk', () => {
  const context = { blockSize: 512, size: 1n << 20n, cursor: 5000n };
  it.each([['lba:+x'], ['block zz'], ['+zz'], ['-'], ['101%'], ['  '], ['9'.repeat(65)], ['12q'], ['lba:-99'], ['2m']])(
    '%s is none',
    (words) => {
      expect(parseAddress(words, context).ok).toBe(false);
    },
  );

  it.each([
    ['50%', 524_288n],
    ['0.5%', 5120n],
    ['100%', (1n << 20n) - 512n],
    ['lba:-1', 4096n],
    ['sector = 3', 1536n],
    ['-1k', 3976n],
    ['1 mib', undefined],
    ['1023 KiB', 1023n * 1024n],
    ['0x1_0', 16n],
  ])('%s is %s', (words, address) => {
    const parsed = parseAddress(words, context);
    expect(parsed.ok ? parsed.address : undefined).toBe(address);
  });

  it('that are selected are the same from either end', () => {
    expect(selectionRange({ anchor: 9n, cursor: 4n })).toEqual({ offset: 4n, length: 6n });
    expect(selectionRange({ anchor: 4n, cursor: 9n })).toEqual({ offset: 4n, length: 6n });
  });

  it('are copied with letters where there are any', () => {
    const shown = copyAs('hexdump', Uint8Array.of(0x41, 0x7f, 0x1f, 0x7e), 0n);
    expect(shown).toContain('A..~');
  });
});
