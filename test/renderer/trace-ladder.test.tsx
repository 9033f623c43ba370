import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { LadderStep } from '../../electron/contract/trace.ts';
import { LadderPane } from '../../renderer/features/trace/ladder-pane.tsx';

const step = (row: number, connection: number): LadderStep => ({
  row,
  rows: 1,
  timeNs: row,
  out: row % 2 === 0,
  kind: 'cmd',
  connection,
  task: row,
  text: `PDU ${row}`,
  bytes: 0,
});

afterEach(cleanup);

async function names(several: boolean): Promise<(string | null)[]> {
  const value = { total: 2, next: 2, steps: [step(0, 0), step(1, 3)] };
  const requests = { 'trace.ladder': () => Promise.resolve({ ok: true, value }) };
  Object.assign(window, { lunascope: { requests } });
  render(
    <LadderPane
      {...{ trace: 't', view: '', version: '2 done', startNs: 0, several, focused: null }}
      onShow={() => undefined}
    />,
  );
  const list = await screen.findByRole('list', { name: 'Ladder' });
  return [...list.querySelectorAll('button')].map((button) => {
    for (const hidden of button.querySelectorAll('[aria-hidden]')) hidden.remove();
    return button.textContent;
  });
}

it('names the connection of each arrow, in words too, where there are several', async () => {
  expect(await names(true)).toEqual([
    '0.000000connection 0, initiator to target: PDU 0#1',
    '0.000000connection 3, target to initiator: PDU 1#2',
  ]);
  screen.getByText('Connection');
});

it('names none where there is only one', async () => {
  expect((await names(false))[1]).toBe('0.000000target to initiator: PDU 1#2');
  expect(screen.queryByText('Connection')).toBeNull();
});

it('has the way to the PDU in focus at its top, and brings it into view', async () => {
  const shown = vi.fn<(this: Element) => void>();
  Element.prototype.scrollIntoView = shown;
  const requests: Partial<Bridge['requests']> = {
    'trace.ladder': ({ from }) =>
      Promise.resolve({ ok: true, value: { total: 900, next: from + 2, steps: [step(from, 0), step(from + 5, 0)] } }),
    'trace.locate': ({ row }) => Promise.resolve({ ok: true, value: { pdu: row, task: 0 } }),
  };
  Object.assign(window, { lunascope: { requests } });
  const props = { trace: 't', view: '', version: '2 done', startNs: 0, several: false, focused: 708 };
  render(<LadderPane {...props} onShow={() => undefined} />);
  const list = await screen.findByRole('list', { name: 'Ladder' });
  const way = screen.getByRole('button', { name: 'Go to PDU 709' });
  expect(way.compareDocumentPosition(list) & Node.DOCUMENT_POSITION_FOLLOWING).not.toBe(0);
  expect(shown).not.toHaveBeenCalled();
  await userEvent.click(way);
  await screen.findByText('#701');
  expect(shown.mock.contexts.map((one) => one.textContent)).toEqual([expect.stringContaining('PDU 705') as string]);
});
