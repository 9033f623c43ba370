import { cleanup, render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogLine } from '../../electron/contract/jobs.ts';
import { LogPanel } from '../../renderer/features/jobs/log-panel.tsx';
import { useJobs } from '../../renderer/state/jobs-store.ts';

const at = Date.UTC(2026, 0, 2, 3, 4, 5);
const lines: LogLine[] = [
  { n: 1, at, level: 'info', source: 'disks', text: 'Session 1 is up.' },
  { n: 2, at: at + 1000, level: 'warning', source: 'disks', text: 'The connection was lost.' },
  { n: 3, at: at + 2000, level: 'error', source: '', text: 'The port is taken.' },
];
let copied: string[] = [];

beforeEach(() => {
  copied = [];
  const writeText = ({ text }: { readonly text: string }) => {
    copied.push(text);
    return Promise.resolve({ ok: true, value: undefined });
  };
  Object.assign(window, { lunascope: { requests: { 'clipboard.writeText': writeText } } });
  useJobs.setState({ lines });
  render(<LogPanel />);
});
afterEach(cleanup);

const texts = (): (string | null)[] =>
  [...within(screen.getByRole('log')).queryAllByText(/\.$/)].map(({ textContent }) => textContent);

it('shows the lines that are asked for, and copies those', async () => {
  expect(texts()).toEqual(lines.map(({ text }) => text));
  await userEvent.click(screen.getByRole('checkbox', { name: 'Warnings and errors only' }));
  expect(texts()).toEqual(['The connection was lost.', 'The port is taken.']);
  await userEvent.type(screen.getByRole('textbox', { name: 'Show lines with' }), 'DISKS');
  expect(texts()).toEqual(['The connection was lost.']);
  expect(screen.getByText('1 of 3 lines')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Copy these lines' }));
  expect(copied).toEqual(['2026-01-02T03:04:06.000Z warning disks: The connection was lost.\n']);
});

it('shows a chosen line whole, and goes from one to the next by key', async () => {
  await userEvent.click(screen.getByText('Session 1 is up.'));
  expect(screen.getByRole('status').textContent).toContain('2026-01-02T03:04:05.000Z info disks: Session 1 is up.');
  screen.getByRole('log').focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
  await userEvent.click(screen.getByRole('button', { name: 'Copy this line' }));
  expect(copied).toEqual(['2026-01-02T03:04:07.000Z error The port is taken.']);
});
