import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PortalForm } from '../../renderer/features/explorer/portal-form.tsx';
import { useExplorer } from '../../renderer/state/explorer-store.ts';
import { samplePortal } from './explorer-samples.ts';

const error = {
  name: 'TransportError',
  code: 'TLS_FAILED',
  message: 'No.',
  hint: '',
  retryable: true,
  details: {},
  raw: null,
};

let sent: unknown[] = [];
beforeEach(() => {
  sent = [];
  const requests = {
    'app.ready': () => Promise.resolve({ ok: true, value: undefined }),
    'portals.discover': (input: unknown) => {
      sent.push(input);
      return Promise.resolve({ ok: false, error });
    },
  };
  const streams = new Proxy({}, { get: () => () => () => undefined });
  Object.assign(window, { lunascope: { requests, streams } });
});
afterEach(cleanup);

const discover = () => userEvent.click(screen.getByRole('button', { name: 'Discover targets' }));

describe('the form that asks a portal', () => {
  it('asks inside TLS where told to, and shows the key of a certificate to nobody', async () => {
    render(<PortalForm id="add-portal" params={{}} active />);
    await userEvent.type(screen.getByLabelText(/^Host/), '192.0.2.9');
    await userEvent.selectOptions(screen.getByLabelText('Encryption'), 'TLS, certificate verified');
    await userEvent.type(screen.getByLabelText('This computer’s certificate (PEM)'), 'mine');
    await userEvent.type(screen.getByLabelText('Its key (PEM)'), 'secret');
    await discover();
    expect(screen.getByLabelText('Its key (PEM)').dataset['secret']).toBe('true');
    expect(sent).toMatchObject([{ host: '192.0.2.9', tls: { tls: 'verify', tlsCert: 'mine' }, tlsKey: 'secret' }]);
  });

  it('begins with the way the portal was asked before', async () => {
    useExplorer.setState(({ explorer }) => ({
      explorer: { ...explorer, portals: [samplePortal({ tls: { tls: 'any', tlsServername: 'array' } })] },
    }));
    render(<PortalForm id="add-portal" params={{ host: '10.0.0.1', port: '3260' }} active />);
    await discover();
    expect(sent).toMatchObject([{ tls: { tls: 'any', tlsServername: 'array' }, tlsKey: null }]);
  });
});
