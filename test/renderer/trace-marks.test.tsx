import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import { MarksPane } from '../../renderer/features/trace/marks-pane.tsx';

afterEach(cleanup);

it('lists what is marked and commented on, leads there, and takes it away', async () => {
  const done: unknown[] = [];
  const marks = [
    { row: 4, marked: true, comment: '' },
    { row: 9, marked: false, comment: 'look here' },
  ];
  const onShow = (row: number): void => void done.push(row);
  render(<MarksPane marks={marks} onShow={onShow} onMark={(mark) => done.push(mark)} />);
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(['#5 Marked', '#10 look here']);
  await userEvent.click(screen.getByRole('button', { name: '#10' }));
  await userEvent.click(screen.getByRole('button', { name: 'Remove the mark of PDU 5' }));
  expect(done).toEqual([9, { row: 4, marked: false, comment: '' }]);
  expect(document.activeElement?.textContent).toBe('#10');
});
