import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import { ExportDialog } from '../../renderer/features/trace/export-dialog.tsx';

beforeEach(() => {
  const requests: Partial<Bridge['requests']> = {
    'trace.estimate': ({ rows }) => Promise.resolve({ ok: true, value: { pdus: rows.length, bytes: 100 } }),
  };
  Object.assign(window, { lunascope: { requests } });
});
afterEach(cleanup);

it.each([
  ['all of the trace', { filtered: false, isChosen: false }, 'all'],
  ['what passes the filter', { filtered: true, isChosen: false }, 'filtered'],
  ['the lines that were chosen', { filtered: true, isChosen: true }, 'selected'],
])('offers %s first, although a task of some PDUs is in focus', async (_title, given, scope) => {
  render(<ExportDialog trace="t" view="v" rows={[4, 5]} onClose={() => undefined} {...given} />);
  const what = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'What' });
  expect(what.value).toBe(scope);
  expect([...what.options].map(({ value }) => value)).toContain('selected');
  await screen.findByText(/^2 PDUs, about/);
});
