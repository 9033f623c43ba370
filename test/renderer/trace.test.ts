import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../core/browser.ts';
import type { WireError } from '../../electron/contract/errors.ts';
import { proofOf } from '../../renderer/lib/trace-proof.ts';
import { joinFilter, negate, splitFilter } from '../../renderer/features/trace/filter-text.ts';
import { latencyShare } from '../../renderer/features/trace/format.ts';
import { LineList } from '../../renderer/features/trace/line-list.ts';
import type { PduRow, TaskRow } from '../../electron/contract/trace.ts';
import { PAGE_ROWS, PageCache } from '../../renderer/features/trace/page-cache.ts';

describe('chips', () => {
  it.each([
    ['a == 1 && b == 2', ['a == 1', 'b == 2']],
    ['(a && b) && c', ['(a && b)', 'c']],
    ['text contains "x && y" && ok', ['text contains "x && y"', 'ok']],
    ['a || b && c', ['a || b && c']],
    ['a and b AND (c or d)', ['a', 'b', '(c or d)']],
    ['a or b && c', ['a or b && c']],
    ['android && factor == or-less', ['android', 'factor == or-less']],
    ['  ', []],
  ])('%s falls apart at its outermost and', (text, parts) => {
    expect(splitFilter(text)).toEqual(parts);
  });

  it('are joined so that an "or" within one stays within it', () => {
    expect(joinFilter(['a || b', 'c'])).toBe('(a || b) && c');
    expect(joinFilter(['a || b'])).toBe('a || b');
    expect(joinFilter(['(a) || (b)', '!c'])).toBe('((a) || (b)) && !c');
    expect(joinFilter(['a or b', 'c or d'])).toBe('(a or b) && (c or d)');
    expect(joinFilter(['(a || b)', 'text == "x or y"'])).toBe('(a || b) && text == "x or y"');
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

  it('passes over what was scrolled past, and fetches what is in view in the end', async () => {
    const asked: number[] = [];
    const answers: (() => void)[] = [];
    const cache = new PageCache<number>(
      (from, count) => {
        asked.push(from / PAGE_ROWS);
        return new Promise((resolve) =>
          answers.push(() => resolve(Array.from({ length: count }, (_, at) => from + at))),
        );
      },
      () => undefined,
    );
    for (let page = 0; page < 100; page += 1) cache.want(page * PAGE_ROWS, page * PAGE_ROWS + 1);
    expect(asked).toEqual([0, 1]);
    for (const one of answers.splice(0)) one();
    await settle();
    expect(asked).toEqual([0, 1, 99]);
    for (const one of answers.splice(0)) one();
    await settle();
    expect(cache.get(99 * PAGE_ROWS)).toBe(99 * PAGE_ROWS);
    expect(asked).toHaveLength(3);
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

describe('lines with unfolded tasks', () => {
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  const task = (number: number, pdus: number): TaskRow => ({ task: number, firstPdu: number * 10, pdus }) as TaskRow;
  const pdu = (row: number): PduRow => ({ row }) as PduRow;
  let pdus = 700;
  const make = (): LineList =>
    new LineList(
      {
        lines: (from, count) => Promise.resolve(Array.from({ length: count }, (_, at) => task(from + at, pdus))),
        pdusOf: (own, from, count) =>
          Promise.resolve(
            Array.from({ length: Math.min(count, pdus - from) }, (_, at) => pdu(own * 10 + (from + at) * 2)),
          ),
      },
      () => undefined,
    );

  it('lists every PDU of a task, however many it has, by page', async () => {
    pdus = 700;
    const list = make();
    list.toggle(3, task(3, 700));
    expect(list.extra).toBe(700);
    expect(list.at(3)).toMatchObject({ index: 3, sub: -1, unfolded: true });
    expect(list.at(703)).toMatchObject({ index: 3, sub: 699 });
    expect(list.at(704)).toMatchObject({ index: 4, sub: -1, unfolded: false });
    expect(list.positionOf(4)).toBe(704);
    list.want(690, 710);
    await settle();
    expect(list.at(703).line).toEqual(pdu(30 + 699 * 2));
    expect(list.at(704).line).toMatchObject({ task: 4 });
    expect(list.at(10).line).toBeUndefined();
    expect(await list.subOf(3, 30 + 512 * 2)).toBe(512);
    expect(await list.subOf(3, 31)).toBe(-1);
    list.toggle(3, task(3, 700));
    expect(list.extra).toBe(0);
  });

  it('takes in what an unfolded task gains', async () => {
    pdus = 2;
    const list = make();
    list.toggle(0, task(0, 2));
    pdus = 5;
    list.refresh();
    list.want(0, 8);
    await settle();
    await settle();
    expect(list.extra).toBe(5);
  });
});

it('draws latencies on a logarithmic scale', () => {
  expect(latencyShare(1e9, 1e9)).toBe(1);
  expect(latencyShare(1e6, 1e9)).toBeCloseTo(0.5);
  expect(latencyShare(10, 1e9)).toBe(0.02);
});

describe('what proves an error', () => {
  const error = (change: Partial<WireError>): WireError => ({
    name: 'ScsiError',
    code: 'SCSI_CHECK_CONDITION',
    message: '',
    hint: null,
    retryable: false,
    details: {},
    raw: null,
    ...change,
  });

  it.each([
    [error({ details: { itt: 0x1f } }), 'itt == 0x1f'],
    [error({ raw: { status: 2, sense: '', cdb: '280000000010' } }), 'failed && header contains 28:00:00:00:00:10'],
    [error({ name: 'LoginError', code: 'LOGIN_REFUSED' }), 'opcode == 0x23 && login.status != 0'],
    [error({ name: 'TimeoutError', code: 'TIMEOUT_COMMAND' }), '!answered'],
    [error({ name: 'TransportError', code: 'IO_FAILED' }), 'failed'],
  ])('is looked for by a filter that can be read', (one, first) => {
    const filters = proofOf(one);
    expect(filters[0]).toBe(first);
    for (const text of filters) expect(() => parseFilter(text)).not.toThrow();
  });
});
