import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShareScreen } from '../../renderer/features/share/share-screen.tsx';

beforeEach(() => {
  const requests = {
    'app.ready': () => Promise.resolve({ ok: true, value: undefined }),
    'share.chooseImage': () => Promise.resolve({ ok: true, value: { path: '/images/disc.iso' } }),
  };
  Object.assign(window, { lunascope: { requests, streams: {} } });
});
afterEach(cleanup);

describe('the form that shares an image', () => {
  it('offers no writing to a disc, which nobody can write to', async () => {
    render(<ShareScreen />);
    expect(screen.getByRole('checkbox', { name: /Let initiators write/ })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Choose an image' }));
    expect(screen.getByText('/images/disc.iso')).toBeTruthy();
    expect(screen.queryByRole('checkbox', { name: /Let initiators write/ })).toBeNull();
  });

  it('says why it does not share yet', async () => {
    render(<ShareScreen />);
    await userEvent.type(screen.getByLabelText(/^CHAP name/), 'somebody');
    expect(screen.getByText('CHAP needs a name and a secret.')).toBeTruthy();
    await userEvent.type(screen.getByLabelText('CHAP secret'), 'something-12');
    expect(screen.queryByText('CHAP needs a name and a secret.')).toBeNull();
  });
});
