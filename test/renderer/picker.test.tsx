import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import { openPicker, PickerDialog } from '../../renderer/app/picker.tsx';

afterEach(cleanup);

it('takes the key typed right after the one that opened it, and gives the focus back', async () => {
  render(
    <>
      <button type="button">Before</button>
      <PickerDialog />
    </>,
  );
  const before = screen.getByRole('button', { name: 'Before' });
  before.focus();
  openPicker('commands');
  const input = screen.getByRole('combobox', { name: 'Run a command' });
  expect(document.activeElement).toBe(input);
  openPicker('places');
  expect(document.activeElement).toBe(screen.getByRole('combobox', { name: /^Go to/ }));
  await userEvent.keyboard('{Escape}');
  await waitFor(() => {
    expect(document.activeElement).toBe(before);
  });
});

it('gives the focus to the screen in front where nothing had it', async () => {
  render(
    <>
      <button type="button">First of all</button>
      <div className="tab-panel" data-testid="front" tabIndex={0} />
      <PickerDialog />
    </>,
  );
  openPicker('commands');
  await userEvent.keyboard('{Escape}');
  await waitFor(() => {
    expect(document.activeElement).toBe(screen.getByTestId('front'));
  });
});
