import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BlockFacts } from '../../electron/contract/blocks.ts';
import { HexGrid } from '../../renderer/features/blocks/hex-grid.tsx';
import { BlockView } from '../../renderer/features/blocks/view-model.ts';

const CHARACTER = 8;
const WIDTH = 300;

const facts = {
  identity: 'unit',
  unit: 1,
  title: 'LUN 0',
  blockSize: 512,
  blocks: '1000',
  bytes: '512000',
  writeProtected: false,
  thin: false,
  readsZero: false,
} satisfies BlockFacts & { readonly unit: number };

const nothing = { read: () => new Promise<never>(() => undefined), cancel: () => undefined };

beforeEach(() => {
  // Nothing is laid out here: a hundred characters as wide as they would be, in a window that is too narrow for a row.
  vi.spyOn(HTMLSpanElement.prototype, 'getBoundingClientRect').mockReturnValue({ width: 100 * CHARACTER } as DOMRect);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it('brings the cursor into sight where a row is wider than the window, and the gutters with the first column', () => {
  const view = new BlockView(facts, nothing);
  render(<HexGrid view={view} id="grid" onCopy={() => undefined} />);
  const grid = screen.getByRole('grid');
  expect(grid.scrollLeft).toBe(0);
  // "   LBA +off  " and fifteen bytes of three characters with a gap in their midst: 13 + 46, to 63 with the byte itself.
  act(() => view.move('row-end', false));
  expect(grid.scrollLeft).toBe(63 * CHARACTER - WIDTH);
  act(() => view.move('left', false));
  expect(grid.scrollLeft).toBe(63 * CHARACTER - WIDTH);
  act(() => view.move('row-start', false));
  expect(grid.scrollLeft).toBe(0);
});

it('keeps the cursor in sight when there is room for fewer rows, and the place where it was out of sight', () => {
  const view = new BlockView(facts, nothing);
  view.resize(40);
  view.select(30n * 16n, 30n * 16n);
  expect(view.snapshot().top).toBe(0n);
  view.resize(10);
  expect(view.snapshot().top).toBe(21n);
  view.scrollTo(500n);
  view.resize(8);
  expect(view.snapshot().top).toBe(500n);
});
