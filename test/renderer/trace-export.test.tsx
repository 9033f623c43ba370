import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import { ExportDialog } from '../../renderer/features/trace/export-dialog.tsx';
import { useJobs } from '../../renderer/state/jobs-store.ts';

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

describe('what came of an export', () => {
  const path = '/home/a/all.pcapng';
  const job = (change: Partial<Job>): Job => ({
    id: 'job-1',
    title: 'Export to all.pcapng',
    detail: path,
    state: 'running',
    progress: 0.5,
    rate: null,
    etaMs: null,
    startedAt: 0,
    endedAt: null,
    cancellable: true,
    error: null,
    ...change,
  });
  afterEach(() => useJobs.setState({ jobs: [] }));

  it('stands by the choices it was made with: they are locked while it runs, and to change one puts it away', async () => {
    const requests: Partial<Bridge['requests']> = {
      'trace.estimate': () => Promise.resolve({ ok: true, value: { pdus: 2, bytes: 9 } }),
      'trace.export': () => Promise.resolve({ ok: true, value: { path } }),
    };
    Object.assign(window, { lunascope: { requests } });
    const props = { trace: 't', view: 'v', rows: [], filtered: false, isChosen: false };
    render(<ExportDialog {...props} onClose={() => undefined} />);
    await screen.findByText(/^2 PDUs, about/);
    const safe = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Safe to share' });
    await userEvent.click(screen.getByRole('button', { name: 'Export …' }));
    act(() => useJobs.setState({ jobs: [job({})] }));
    await userEvent.click(safe);
    expect(safe.checked).toBe(false);
    act(() => useJobs.setState({ jobs: [job({ state: 'done', detail: `2 PDUs, 9 bytes, in ${path}` })] }));
    screen.getByText(/^2 PDUs, 9 bytes, in/);
    await userEvent.click(safe);
    expect(safe.checked).toBe(true);
    expect(screen.queryByText(/^2 PDUs, 9 bytes, in/)).toBeNull();
    screen.getByRole('button', { name: 'Export …' });
  });
});
