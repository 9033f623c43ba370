import { describe, expect, it } from 'vitest';
import type { BlockFacts } from '../../electron/contract/blocks.ts';
import type { Answer } from '../../electron/contract/errors.ts';
import { gutterHead, gutterOf, gutterText, gutterWidth } from '../../renderer/features/blocks/gutter.ts';
import { blockRules, overlayBoxes } from '../../renderer/features/blocks/overlay.ts';
import { Pages, type Cell, type PageReader } from '../../renderer/features/blocks/pages.ts';
import {
  byteAtColumn,
  hexColumn,
  hexText,
  hexWidth,
  plainText,
  type RowLayout,
} from '../../renderer/features/blocks/row-text.ts';
import { BlockView } from '../../renderer/features/blocks/view-model.ts';

const layout = (more: Partial<RowLayout> = {}): RowLayout => ({
  columns: 16,
  group: 1,
  endian: 'little',
  encoding: 'ascii',
  ...more,
});
const bytes = (...values: number[]): Cell[] => values;
const sixteen = Array.from({ length: 16 }, (_, i) => i);

describe('a row of text', () => {
  it.each([
    [layout(), '00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f '],
    [layout({ group: 2, endian: 'big' }), '0001 0203 0405 0607  0809 0a0b 0c0d 0e0f '],
    [layout({ group: 2 }), '0100 0302 0504 0706  0908 0b0a 0d0c 0f0e '],
    [layout({ group: 4 }), '03020100 07060504  0b0a0908 0f0e0d0c '],
    [layout({ group: 8, endian: 'big' }), '0001020304050607  08090a0b0c0d0e0f '],
  ])('groups %j', (how, text) => {
    expect(hexText(how, sixteen)).toBe(text);
    expect(hexWidth(how)).toBe(text.length);
    for (let index = 0; index < 16; index += 1) {
      const at = hexColumn(how, index);
      expect(text.slice(at, at + 2)).toBe(index.toString(16).padStart(2, '0'));
      expect(byteAtColumn(how, at)).toBe(index);
      expect(byteAtColumn(how, at + 1)).toBe(index);
    }
  });

  it('never shows digits where no byte was sent', () => {
    const cells: Cell[] = [0x41, 'loading', 'unreadable', 'failed', 'past-end'];
    expect(hexText(layout({ columns: 5 }), cells)).toBe('41 ·· ×× --    ');
    expect(plainText(layout({ columns: 5 }), cells, [], 0n)).toBe('A    ');
  });

  it.each([
    ['ascii', [0x41, 0x00, 0xe9, 0x7e], 'A··~'],
    ['latin1', [0x41, 0x00, 0xe9, 0xad], 'A·é·'],
    ['utf-8', [0x41, 0xc3, 0xbc, 0x42], 'Aü B'],
    ['utf-8', [0xe6, 0x95, 0xb0, 0xff], '▯  ·'],
    ['utf-8', [0xc0, 0x80, 0xed, 0xa0], '····'],
    ['utf-16', [0x4c, 0x00, 0xfc, 0x00], 'L ü '],
  ] as const)('reads %s', (encoding, values, text) => {
    expect(plainText(layout({ columns: values.length, encoding }), [...values], [], 0n)).toBe(text);
  });

  it('reads a letter whose bytes lie in two rows', () => {
    expect(plainText(layout({ columns: 2, encoding: 'utf-8' }), bytes(0x41, 0xc3), bytes(0xbc), 0n)).toBe('Aü');
  });

  it('names the block in its first row, also where columns do not divide it', () => {
    const gutter = gutterOf(2n ** 63n, 512, true);
    const text = gutterText(gutter, 2n ** 63n - 512n, 512, 16, false);
    expect(text).toBe('18014398509481983 +000  7ffffffffffffe00  ');
    expect(text).toHaveLength(gutterWidth(gutter));
    expect(gutterHead(gutter)).toBe('              LBA +off           address  ');
    expect(gutterHead(gutter)).toHaveLength(gutterWidth(gutter));
    const short = gutterOf(1n << 20n, 512, false);
    expect(gutterText(short, 528n, 512, 24, false)).toBe('     1 +010  ');
    expect(gutterText(short, 552n, 512, 24, false)).toBe('       +028  ');
    expect(gutterText(short, 552n, 512, 24, true)).toBe('     1 +028  ');
  });
});

interface Asked {
  readonly offset: bigint;
  readonly length: number;
  readonly ticket: number;
  readonly answer: (
    value: Answer<{ bytes: Uint8Array; bad: { offset: number; length: number; error: string }[] }>,
  ) => void;
}

function slowReader() {
  const asked: Asked[] = [];
  const cancelled: number[] = [];
  const reader: PageReader = {
    read: (offset, length, ticket) => new Promise((answer) => asked.push({ offset, length, ticket, answer })),
    cancel: (tickets) => cancelled.push(...tickets),
  };
  const give = (one: Asked, value = 0x41): void =>
    one.answer({ ok: true, value: { bytes: new Uint8Array(one.length).fill(value), bad: [] } });
  return { reader, asked, cancelled, give };
}

const PAGE = 65_536n;
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('pages', () => {
  it('asks for what is in view first, then ahead, and calls off what scrolled away', async () => {
    const { reader, asked, cancelled, give } = slowReader();
    const pages = new Pages(reader, { size: 100n * PAGE, blockSize: 512 }, () => undefined);
    pages.look(0n, 100n, 1);
    expect(asked.map(({ offset }) => offset)).toEqual([0n]);
    pages.look(16n, 116n, 1);
    expect(asked.map(({ offset }) => offset)).toEqual([0n, PAGE, 2n * PAGE]);
    give(asked[0]!);
    await settle();
    expect(pages.cell(5n)).toBe(0x41);
    pages.look(50n * PAGE, 50n * PAGE + 100n, -1);
    expect(cancelled).toEqual([asked[1]!.ticket, asked[2]!.ticket]);
    // Who jumps may jump on; what lies ahead is read once the view goes on from there.
    expect(asked.slice(3).map(({ offset }) => offset / PAGE)).toEqual([50n]);
    pages.look(50n * PAGE, 50n * PAGE + 80n, -1);
    expect(asked.slice(4).map(({ offset }) => offset / PAGE)).toEqual([49n, 48n]);
    // An answer that comes too late changes nothing.
    give(asked[1]!, 0xff);
    await settle();
    expect(pages.cell(PAGE)).toBe('loading');
  });

  it('shows nothing for blocks the device refused, and why', async () => {
    const { reader, asked } = slowReader();
    const pages = new Pages(reader, { size: PAGE, blockSize: 512 }, () => undefined);
    pages.look(0n, 1000n, 1);
    asked[0]!.answer({
      ok: true,
      value: { bytes: new Uint8Array(65_536), bad: [{ offset: 512, length: 512, error: 'Medium error' }] },
    });
    await settle();
    expect([pages.cell(511n), pages.cell(512n), pages.cell(1023n), pages.cell(1024n), pages.cell(PAGE)]).toEqual([
      0,
      'unreadable',
      'unreadable',
      0,
      'past-end',
    ]);
    expect(pages.problem(600n)).toBe('Medium error');
    expect(pages.bytes(500n, 100)).toHaveLength(12);
  });

  it.each([520, 4160])('asks for whole blocks of %i bytes, and refuses a whole one', async (blockSize) => {
    const { reader, asked } = slowReader();
    const pages = new Pages(reader, { size: 1000n * BigInt(blockSize), blockSize }, () => undefined);
    const perPage = Math.floor(65_536 / blockSize) * blockSize;
    pages.look(BigInt(perPage), BigInt(perPage) + 100n, 1);
    expect([asked[0]!.offset, asked[0]!.length]).toEqual([BigInt(perPage), perPage]);
    const bytes = new Uint8Array(perPage).fill(0x41);
    asked[0]!.answer({
      ok: true,
      value: { bytes, bad: [{ offset: blockSize, length: blockSize, error: 'Medium error' }] },
    });
    await settle();
    const at = (offset: number): Cell => pages.cell(BigInt(perPage + offset));
    expect([at(blockSize - 1), at(blockSize), at(2 * blockSize - 1), at(2 * blockSize)]).toEqual([
      0x41,
      'unreadable',
      'unreadable',
      0x41,
    ]);
  });

  it('shows nothing past what was sent, should an answer be short', async () => {
    const { reader, asked } = slowReader();
    const pages = new Pages(reader, { size: PAGE, blockSize: 512 }, () => undefined);
    pages.look(0n, 100n, 1);
    asked[0]!.answer({ ok: true, value: { bytes: new Uint8Array(10).fill(1), bad: [] } });
    await settle();
    expect(pages.cell(9n)).toBe(1);
    expect(typeof pages.cell(10n)).toBe('string');
  });

  it('keeps the error of a page that failed, and reads it again when asked', async () => {
    const { reader, asked, give } = slowReader();
    const pages = new Pages(reader, { size: PAGE, blockSize: 512 }, () => undefined);
    pages.look(0n, 10n, 1);
    const error = {
      name: 'TransportError',
      code: 'CONNECTION_LOST',
      message: 'Lost.',
      hint: null,
      retryable: true,
      details: {},
      raw: null,
    } as const;
    asked[0]!.answer({ ok: false, error });
    await settle();
    expect([pages.cell(3n), pages.problem(3n)]).toEqual(['failed', error]);
    pages.retry();
    give(asked[1]!);
    await settle();
    expect(pages.cell(3n)).toBe(0x41);
  });

  it('holds no more than it must, however far one scrolls', async () => {
    const { reader, asked, give } = slowReader();
    const pages = new Pages(reader, { size: 5000n * PAGE, blockSize: 512 }, () => undefined);
    for (let page = 0n; page < 600n; page += 1n) {
      pages.look(page * PAGE, page * PAGE + 100n, 1);
      for (const one of asked.splice(0)) give(one);
      await settle();
    }
    expect(pages.cell(0n)).toBe('loading');
    expect(pages.cell(599n * PAGE)).toBe(0x41);
  });
});

const facts = (blocks: bigint, blockSize = 512): BlockFacts => ({
  identity: 'unit',
  unit: 1,
  title: 'LUN 0',
  blockSize,
  blocks: String(blocks),
  bytes: String(blocks * BigInt(blockSize)),
  writeProtected: false,
  thin: false,
  readsZero: false,
});

function view(blocks: bigint, blockSize = 512): BlockView {
  const made = new BlockView(facts(blocks, blockSize), slowReader().reader);
  made.resize(20);
  return made;
}

describe('the view', () => {
  it('shows the last row of the largest disk at the bottom', () => {
    const huge = view(2n ** 64n, 4096);
    huge.goTo(huge.size - 1n);
    const { top, selection } = huge.snapshot();
    expect(selection.cursor).toBe(2n ** 76n - 1n);
    expect(top).toBe(2n ** 72n - 20n);
  });

  it('walks back and forward through where one has been', () => {
    const disk = view(10_000n);
    disk.goTo(1000n);
    disk.goTo(4_000_000n);
    disk.goTo(77n);
    const at = (): bigint => disk.snapshot().selection.cursor;
    disk.back();
    expect(at()).toBe(4_000_000n);
    disk.back();
    disk.back();
    expect(at()).toBe(0n);
    expect(disk.snapshot().canGoBack).toBe(false);
    disk.forward();
    expect(at()).toBe(1000n);
    disk.goTo(5n);
    expect(disk.snapshot().canGoForward).toBe(false);
  });

  it('keeps the byte at the top when columns change', () => {
    const disk = view(10_000n);
    disk.scrollTo(1000n);
    disk.relayout({ columns: 32 });
    expect(disk.snapshot().top).toBe(500n);
  });

  it('steps through places in both directions, round the ends', () => {
    const disk = view(10_000n);
    const places = [
      { offset: 50n, length: 4n },
      { offset: 100n, length: 4n },
      { offset: 9000n, length: 4n },
    ];
    const at = (): bigint => disk.range.offset;
    const seen: bigint[] = [];
    for (const step of [1, 1, 1, 1, -1, -1] as const) {
      disk.stepThrough(places, step);
      seen.push(at());
    }
    expect(seen).toEqual([50n, 100n, 9000n, 50n, 9000n, 100n]);
  });

  it('draws a selection over rows, in both parts', () => {
    const disk = view(100n);
    disk.select(14n, 33n);
    const boxes = overlayBoxes(disk, disk.snapshot()).filter(({ look }) => look === 'selection');
    expect(boxes.map(({ row, part, from, to }) => [row, part, from, to])).toEqual([
      [0, 'hex', 43, 48],
      [0, 'text', 14, 16],
      [1, 'hex', 0, 48],
      [1, 'text', 0, 16],
      [2, 'hex', 0, 5],
      [2, 'text', 0, 2],
    ]);
  });

  it('rules off blocks, also inside rows', () => {
    const disk = view(100n);
    disk.relayout({ columns: 24 });
    expect(blockRules(disk, disk.snapshot())).toEqual([]);
    disk.resize(60);
    expect(blockRules(disk, disk.snapshot())).toEqual([
      { row: 21, from: 8 },
      { row: 42, from: 16 },
    ]);
  });
});
