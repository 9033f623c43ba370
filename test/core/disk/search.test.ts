import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMatcher, latin1, type Match } from '../../../core/disk/search/matcher.ts';
import { parseSearch, type SearchQuery } from '../../../core/disk/search/pattern.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function find(query: SearchQuery, bytes: Uint8Array, pieces: readonly number[] = []): number[] {
  const parsed = parseSearch(query);
  if (!parsed.ok) throw new Error(parsed.problem);
  const matcher = createMatcher(parsed.pattern);
  const found: Match[] = [];
  let at = 0;
  for (const piece of [...pieces, bytes.length]) {
    const end = Math.min(bytes.length, at + Math.max(0, piece));
    if (end > at) found.push(...matcher.push(1000n + BigInt(at), bytes.subarray(at, end)));
    at = end;
  }
  found.push(...matcher.flush());
  return found.map(({ offset }) => Number(offset - 1000n));
}

describe('what can be searched', () => {
  const bytes = Uint8Array.from([
    0xde, 0xad, 0xbe, 0xef, 0x00, 0xde, 0xaf, 0xbe, 0xef, 0x4c, 0x75, 0x6e, 0x61, 0x4c, 0, 0x75, 0,
  ]);
  it.each<[SearchQuery, number[]]>([
    [{ kind: 'hex', words: 'de ad be ef' }, [0]],
    [{ kind: 'hex', words: 'DEA? BEEF' }, [0, 5]],
    [{ kind: 'hex', words: '??adbe' }, [0]],
    [{ kind: 'hex', words: '0xbe, 0xef' }, [2, 7]],
    [{ kind: 'text', words: 'Luna' }, [9]],
    [{ kind: 'text', words: 'luna' }, []],
    [{ kind: 'text', words: 'luna', ignoreCase: true }, [9]],
    [{ kind: 'text', words: 'Lu', encoding: 'utf-16le' }, [13]],
    [{ kind: 'number', words: '0xefbeadde', number: { type: 'integer', size: 4, endian: 'little' } }, [0]],
    [{ kind: 'number', words: '-8531', number: { type: 'integer', size: 2, endian: 'big' } }, [0]],
    [{ kind: 'regex', words: 'L.na' }, [9]],
    [{ kind: 'regex', words: '\\xbe\\xef' }, [2, 7]],
    [{ kind: 'regex', words: 'l', ignoreCase: true }, [9, 13]],
  ])('%j', (query, places) => {
    expect(find(query, bytes)).toEqual(places);
  });

  it('finds a float', () => {
    const view = new DataView(new ArrayBuffer(24));
    view.setFloat64(9, 3.25, false);
    expect(
      find(
        { kind: 'number', words: '3.25', number: { type: 'float', size: 8, endian: 'big' } },
        new Uint8Array(view.buffer),
      ),
    ).toEqual([9]);
  });

  it('folds the case of letters only', () => {
    expect(find({ kind: 'text', words: 'a[1', ignoreCase: true }, ascii('A[1 a[1 A{1 a\u001b1'))).toEqual([0, 4]);
  });

  it.each<[SearchQuery, RegExp]>([
    [{ kind: 'hex', words: '' }, /Write hex digits/u],
    [{ kind: 'hex', words: 'abc' }, /pairs/u],
    [{ kind: 'hex', words: 'xy' }, /digits 0-9/u],
    [{ kind: 'hex', words: '????' }, /At least one digit/u],
    [{ kind: 'text', words: '' }, /Write something/u],
    [{ kind: 'text', words: 'ü', encoding: 'ascii' }, /not every letter/iu],
    [{ kind: 'regex', words: '(' }, /./u],
    [{ kind: 'regex', words: 'a*' }, /matches nothing at all/u],
    [{ kind: 'number', words: '256', number: { type: 'integer', size: 1, endian: 'little' } }, /does not fit/u],
    [{ kind: 'number', words: 'x' }, /whole number/u],
    [{ kind: 'number', words: '1', number: { type: 'float', size: 2, endian: 'little' } }, /4 or 8/u],
  ])('refuses %j', (query, problem) => {
    const parsed = parseSearch(query);
    expect(parsed.ok ? '' : parsed.problem).toMatch(problem);
  });
});

describe('bytes that arrive in pieces', () => {
  const few = fc.array(fc.constantFrom(0x00, 0x41, 0x61, 0x42, 0xff), { minLength: 1, maxLength: 200 });
  it('give the same hits as bytes in one piece', () => {
    fc.assert(
      fc.property(
        few,
        fc.array(fc.constantFrom('00', '41', '?1', '4?', 'ff'), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: 9 }), { maxLength: 60 }),
        (values, words, pieces) => {
          const query: SearchQuery = { kind: 'hex', words: words.join(' ') };
          const bytes = Uint8Array.from(values);
          const naive: number[] = [];
          const regex = new RegExp(
            `(?=${words.map((word) => (word === '?1' ? '[\\x01\\x11\\x21\\x31\\x41\\x51\\x61]' : word === '4?' ? '[\\x40-\\x4f]' : `\\x${word}`)).join('')})`,
            'gs',
          );
          for (const hit of latin1(bytes).matchAll(regex)) naive.push(hit.index);
          expect(find(query, bytes)).toEqual(naive);
          expect(find(query, bytes, pieces)).toEqual(naive);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('give the same matches of a regular expression', () => {
    fc.assert(
      fc.property(
        few,
        fc.constantFrom('A+', 'a.B', '[Aa]{2,5}', '\\x00\\xff?'),
        fc.array(fc.nat({ max: 30 }), { maxLength: 40 }),
        (values, words, pieces) => {
          const bytes = Uint8Array.from(values);
          const whole = [...latin1(bytes).matchAll(new RegExp(words, 'gs'))].map((hit) => hit.index);
          expect(find({ kind: 'regex', words }, bytes, pieces)).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a regular expression over many pieces of a large run', () => {
    const bytes = new Uint8Array(300_000);
    const places = [0, 4090, 65_530, 131_072, 299_990];
    for (const place of places) bytes.set(ascii('needle'), place);
    expect(find({ kind: 'regex', words: 'n[e]+dle' }, bytes, Array<number>(80).fill(4096))).toEqual(places);
  });
});
