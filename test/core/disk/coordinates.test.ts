import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../core/disk/view/address.ts';
import * as g from '../../../core/disk/view/geometry.ts';
import { moveCursor, selectionRange, type Move } from '../../../core/disk/view/selection.ts';

const LARGEST = 2n ** 64n;
/** Sizes near powers of two up to 2^64 blocks, since that is where numbers break. */
const blocks = fc.oneof(
  fc.bigInt({ min: 1n, max: LARGEST }),
  fc.tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: -2, max: 2 })).map(([bits, off]) => {
    const near = 2n ** BigInt(bits) + BigInt(off);
    return near < 1n ? 1n : near > LARGEST ? LARGEST : near;
  }),
);
const geometry = fc.record({
  size: fc.tuple(blocks, fc.constantFrom(512n, 520n, 4096n)).map(([count, size]) => count * size),
  columns: fc.integer({ min: 8, max: 64 }),
});
const visible = fc.integer({ min: 1, max: 200 });
const track = fc.record({ length: fc.integer({ min: 60, max: 3000 }), leastThumb: fc.constantFrom(20, 32) });
const fraction = fc.bigInt({ min: 0n, max: 2n ** 80n });

const runs = { numRuns: 2000 };

describe('rows and addresses', () => {
  it('every byte lies in the row that says so', () => {
    fc.assert(
      fc.property(geometry, fraction, (geo, part) => {
        const address = part % geo.size;
        const row = g.rowOf(geo, address);
        expect(row < g.rowCount(geo)).toBe(true);
        const start = g.rowStart(geo, row);
        expect(start <= address && address < start + BigInt(geo.columns)).toBe(true);
      }),
      runs,
    );
  });

  it('reveals a row by the smallest move, and never leaves the device', () => {
    fc.assert(
      fc.property(geometry, fraction, fraction, visible, (geo, a, b, rows) => {
        const last = g.lastTop(geo, rows);
        const top = a % (last + 1n);
        const row = b % g.rowCount(geo);
        const moved = g.reveal(geo, top, row, rows);
        expect(moved >= 0n && moved <= last).toBe(true);
        expect(row >= moved && row < moved + BigInt(rows)).toBe(true);
        if (row >= top && row < top + BigInt(rows)) expect(moved).toBe(top);
      }),
      runs,
    );
  });
});

describe('the scroll bar', () => {
  it('has the first and the last row at its very ends', () => {
    fc.assert(
      fc.property(geometry, visible, track, (geo, rows, bar) => {
        const last = g.lastTop(geo, rows);
        const end = g.thumbOf(geo, last, rows, bar);
        expect(g.topAt(geo, 0, rows, bar)).toBe(0n);
        expect(g.topAt(geo, bar.length, rows, bar)).toBe(last);
        expect(end.start + end.length).toBeLessThanOrEqual(bar.length + 1e-6);
        if (last > 0n) expect(g.topAt(geo, end.start, rows, bar)).toBe(last);
      }),
      runs,
    );
  });

  it('gives back every position to within the millionth of a pixel it is kept in', () => {
    fc.assert(
      fc.property(geometry, fraction, visible, track, (geo, part, rows, bar) => {
        const last = g.lastTop(geo, rows);
        const top = part % (last + 1n);
        const thumb = g.thumbOf(geo, top, rows, bar);
        const again = g.topAt(geo, thumb.start, rows, bar);
        const room = BigInt(Math.round((bar.length - thumb.length) * (1 << 20)));
        const step = room > 0n ? last / room + 1n : last;
        const off = again > top ? again - top : top - again;
        expect(off <= step).toBe(true);
        // And a second round trip changes nothing.
        const settled = g.topAt(geo, g.thumbOf(geo, again, rows, bar).start, rows, bar);
        const drift = settled > again ? settled - again : again - settled;
        expect(drift <= step).toBe(true);
        if (last < room) expect(again).toBe(top);
      }),
      runs,
    );
  });

  it('moves with the thumb: further down is never further up', () => {
    fc.assert(
      fc.property(geometry, visible, track, fc.nat({ max: 3000 }), fc.nat({ max: 3000 }), (geo, rows, bar, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(g.topAt(geo, low, rows, bar) <= g.topAt(geo, high, rows, bar)).toBe(true);
      }),
      runs,
    );
  });

  it('reaches any row by dragging ever finer', () => {
    fc.assert(
      fc.property(geometry, fraction, visible, track, (geo, part, rows, bar) => {
        const last = g.lastTop(geo, rows);
        const wanted = part % (last + 1n);
        let top = 0n;
        for (let precision = 0; precision <= 9; precision += 1) {
          const away = precision === 0 ? 0 : 48 * 2 ** (precision - 1);
          for (let turn = 0; turn < 4 && top !== wanted; turn += 1) {
            const worth = g.rowsPerPixel(geo, rows, bar, precision);
            const pixels = Number((wanted - top) / worth);
            const along = Math.max(-2000, Math.min(2000, pixels));
            if (along !== 0) top = g.dragTop(geo, { top, visible: rows, track: bar }, { along, away });
          }
        }
        expect(top).toBe(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it('names the finest drag on 8 EiB: one row a pixel', () => {
    const geo = { size: 2n ** 63n, columns: 16 };
    const bar = { length: 800, leastThumb: 24 };
    expect(g.rowsPerPixel(geo, 40, bar, 0) * 16n).toBeGreaterThan(9n * 10n ** 15n);
    expect(g.rowsPerPixel(geo, 40, bar, 8)).toBe(1n);
  });
});

describe('the cursor', () => {
  const moves = fc.constantFrom<Move>(
    'left',
    'right',
    'up',
    'down',
    'page-up',
    'page-down',
    'row-start',
    'row-end',
    'start',
    'end',
    'previous-block',
    'next-block',
  );
  it('stays on the device whatever keys are pressed', () => {
    fc.assert(
      fc.property(geometry, fraction, visible, fc.array(moves, { maxLength: 30 }), (geo, part, rows, keys) => {
        let at = part % geo.size;
        for (const key of keys) at = moveCursor(at, key, { ...geo, visible: rows, blockSize: 512 });
        expect(at >= 0n && at < geo.size).toBe(true);
      }),
      runs,
    );
  });

  it.each([
    [20n, 'up', 4n],
    [4n, 'up', 4n],
    [4n, 'down', 20n],
    [95n, 'down', 99n],
    [84n, 'down', 99n],
    [70n, 'page-down', 86n],
    [36n, 'row-end', 47n],
    [97n, 'row-end', 99n],
    [3n, 'end', 99n],
    [40n, 'next-block', 64n],
    [64n, 'previous-block', 32n],
  ] as const)('from %s goes %s to %s', (from, move, to) => {
    expect(moveCursor(from, move, { size: 100n, columns: 16, visible: 3, blockSize: 32 })).toBe(to);
  });

  it('selects both ends, in either direction', () => {
    expect(selectionRange({ anchor: 10n, cursor: 5n })).toEqual({ offset: 5n, length: 6n });
    expect(selectionRange({ anchor: 5n, cursor: 5n })).toEqual({ offset: 5n, length: 1n });
  });
});

describe('the address bar', () => {
  const context = { blockSize: 512, size: 2n ** 63n, cursor: 2048n * 512n + 7n };
  it.each([
    ['lba:2048', 1048576n],
    ['LBA 0x800', 1048576n],
    ['lba:+1', 2049n * 512n],
    ['lba:-1', 2047n * 512n],
    ['block: 3', 1536n],
    ['0x7fffffffffffffff', 2n ** 63n - 1n],
    ['4096', 4096n],
    ['1 048 576', 1048576n],
    ['16M', 16n * 2n ** 20n],
    ['4kib', 4096n],
    ['+4k', 2048n * 512n + 7n + 4096n],
    ['-1', 2048n * 512n + 6n],
    ['+0x10', 2048n * 512n + 23n],
    ['end', 2n ** 63n - 1n],
    ['start', 0n],
    ['0%', 0n],
    ['50%', 2n ** 62n],
    ['100%', 2n ** 63n - 512n],
    [' End ', 2n ** 63n - 1n],
  ])('%s', (text, address) => {
    expect(parseAddress(text, context)).toEqual({ ok: true, address });
  });

  it.each([
    ['', /Write an address/u],
    ['lba:', /Write an address/u],
    ['lba:x', /Write an address/u],
    ['12q', /Write an address/u],
    ['101%', /ends at 100%/u],
    ['-2M', /before the first byte/u],
    ['0x8000000000000000', /past the end; the last byte is 0x7fffffffffffffff, in block 18014398509481983\./u],
    ['lba:18014398509481984', /past the end/u],
    ['9'.repeat(65), /Write an address/u],
  ])('refuses %j', (text, problem) => {
    const parsed = parseAddress(text, context);
    expect(parsed.ok ? '' : parsed.problem).toMatch(problem);
  });

  it('is exact for every byte of every size', () => {
    fc.assert(
      fc.property(blocks, fraction, fc.constantFrom(512, 520, 4096), (count, part, blockSize) => {
        const size = count * BigInt(blockSize);
        const address = part % size;
        const here = { blockSize, size, cursor: 0n };
        expect(parseAddress(`0x${address.toString(16)}`, here)).toEqual({ ok: true, address });
        const lba = address / BigInt(blockSize);
        expect(parseAddress(`lba:${String(lba)}`, here)).toEqual({ ok: true, address: lba * BigInt(blockSize) });
      }),
      runs,
    );
  });
});
