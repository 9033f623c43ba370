import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { completeFilter } from '../../core/browser.ts';
import { FilterBar } from '../../renderer/features/trace/filter-bar.tsx';

afterEach(cleanup);

const ROW = 20;
const SEEN = 100;

/** Lays the list out as a browser would: rows of one height, five of them in view. */
function layOut(list: HTMLElement): void {
  Object.defineProperty(list, 'clientHeight', { value: SEEN });
  for (const [at, row] of [...list.children].entries())
    Object.defineProperties(row, { offsetTop: { value: at * ROW }, offsetHeight: { value: ROW } });
}

it('proposes all there is, and goes through it by keys', () => {
  render(<FilterBar chips={[]} onChips={() => undefined} filter={null} total={9} unit="tasks" />);
  const box = screen.getByRole('combobox', { name: 'Filter' });
  fireEvent.keyDown(box, { key: 'ArrowDown' });
  const all = completeFilter('', 0).proposals;
  const options = screen.getAllByRole('option');
  expect(all.length).toBeGreaterThan(60);
  expect(options).toHaveLength(all.length);
  const list = screen.getByRole('listbox', { name: 'Proposals' });
  layOut(list);
  const chosen = (): number => options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  for (let turn = 0; turn < 7; turn += 1) fireEvent.keyDown(box, { key: 'ArrowDown' });
  expect([chosen(), list.scrollTop]).toEqual([7, 8 * ROW - SEEN]);
  fireEvent.keyDown(box, { key: 'PageDown' });
  expect([chosen(), list.scrollTop]).toEqual([17, 18 * ROW - SEEN]);
  fireEvent.keyDown(box, { key: 'PageUp' });
  expect([chosen(), list.scrollTop]).toEqual([7, 7 * ROW]);
  for (let turn = 0; turn < 20; turn += 1) fireEvent.keyDown(box, { key: 'PageDown' });
  expect([chosen(), list.scrollTop]).toEqual([all.length - 1, all.length * ROW - SEEN]);
  fireEvent.keyDown(box, { key: 'ArrowDown' });
  expect([chosen(), list.scrollTop]).toEqual([0, 0]);
  fireEvent.keyDown(box, { key: 'ArrowUp' });
  fireEvent.keyDown(box, { key: 'Enter' });
  expect((box as HTMLInputElement).value.trim()).toBe(all.at(-1)?.text);
});

it('proposes every command there is', () => {
  const { proposals } = completeFilter('scsi.opcode == ', 15);
  expect(new Set(proposals.map(({ text }) => text)).size).toBe(proposals.length);
  expect(proposals.length).toBeGreaterThan(60);
});
