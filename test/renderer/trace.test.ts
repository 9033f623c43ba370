import { describe, expect, it } from 'vitest';
import { joinFilter, negate, splitFilter } from '../../renderer/features/trace/filter-text.ts';
import { latencyShare } from '../../renderer/features/trace/format.ts';
import { PAGE_ROWS, PageCache } from '../../renderer/features/trace/page-cache.ts';

describe('chips', () => {
  it.each([
    ['a == 1 && b == 2', ['a == 1', 'b == 2']],
    ['(a && b) && c', ['(a && b)', 'c']],
    ['text contains "x && y" && ok', ['text contains "x && y"', 'ok']],
    ['a || b && c', ['a || b && c']],
    ['  ', []],
  ])('%s falls apart at its outermost and', (text, parts) => {
    expect(splitFilter(text)).toEqual(parts);
  });

  it('are joined so that an "or" within one stays within it', () => {
    expect(joinFilter(['a || b', 'c'])).toBe('(a || b) && c');
    expect(joinFilter(['a || b'])).toBe('a || b');
    expect(negate('lun == 0')).toBe('!(lun == 0)');
  });
});

describe('the page cache', () => {
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

  it('fetches what is looked at, once, and again when it may have changed', async () => {
    const asked: number[] = [];
    let value = 'old';
    const cache = new PageCache<string>(
      (from, count) => {
        asked.push(from);
        return Promise.resolve(Array.from({ length: count }, (_, at) => `${value} ${from + at}`));
      },
      () => undefined,
    );
    cache.want(PAGE_ROWS - 1, PAGE_ROWS + 5);
    cache.want(PAGE_ROWS - 1, PAGE_ROWS + 5);
    expect(cache.get(PAGE_ROWS)).toBeUndefined();
    await settle();
    expect(asked).toEqual([0, PAGE_ROWS]);
    expect(cache.get(PAGE_ROWS)).toBe(`old ${PAGE_ROWS}`);
    value = 'new';
    cache.refresh();
    expect(cache.get(PAGE_ROWS)).toBe(`old ${PAGE_ROWS}`);
    await settle();
    expect(cache.get(PAGE_ROWS)).toBe(`new ${PAGE_ROWS}`);
  });

  it('holds only so many pages, however far one scrolls', async () => {
    const cache = new PageCache<number>(
      (from, count) => Promise.resolve(Array.from({ length: count }, (_, at) => from + at)),
      () => undefined,
    );
    for (let page = 0; page < 200; page += 1) {
      cache.want(page * PAGE_ROWS, page * PAGE_ROWS + 1);
      await settle();
    }
    const held = Array.from({ length: 200 }, (_, page) => cache.get(page * PAGE_ROWS)).filter(
      (row) => row !== undefined,
    );
    expect(held).toHaveLength(64);
    expect(cache.get(199 * PAGE_ROWS)).toBe(199 * PAGE_ROWS);
  });
});

it('draws latencies on a logarithmic scale', () => {
  expect(latencyShare(1e9, 1e9)).toBe(1);
  expect(latencyShare(1e6, 1e9)).toBeCloseTo(0.5);
  expect(latencyShare(10, 1e9)).toBe(0.02);
});
