import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { Opened, OpenedLink } from '../../electron/contract/explorer.ts';
import { watchOpenings } from '../../renderer/app/openings.ts';
import { registerFeatures } from '../../renderer/app/features.ts';
import { SignInForm } from '../../renderer/components/sign-in.tsx';
import { PortalForm } from '../../renderer/features/explorer/portal-form.tsx';
import { useFindings } from '../../renderer/state/findings-store.ts';
import { useShell } from '../../renderer/state/shell-store.ts';

const place = { host: '192.0.2.7', port: 3260, target: 'iqn.2026-01.test:linked' };
const link = (change: Partial<OpenedLink>): Opened => ({
  kind: 'link',
  link: {
    ...place,
    lun: null,
    user: null,
    mutualUser: null,
    hasSecret: false,
    hasTargetSecret: false,
    headerDigest: null,
    ...change,
  },
});

let open: (opened: Opened) => void = () => undefined;
let asked: string[] = [];
let end: () => void = () => undefined;

beforeEach(() => {
  asked = [];
  const requests = new Proxy(
    {},
    {
      get: (_target, name) => () => {
        asked.push(String(name));
        return Promise.resolve({ ok: true, value: undefined });
      },
    },
  );
  const streams: Partial<Bridge['streams']> = {
    'app.opened': (_params, listener) => {
      open = (opened) => act(() => void listener.onItems([opened]));
      return () => undefined;
    },
  };
  Object.assign(window, { lunascope: { requests, streams } });
  registerFeatures();
  end = watchOpenings();
});
afterEach(() => {
  end();
  cleanup();
});

const nameField = (): HTMLInputElement => screen.getByRole('textbox', { name: 'CHAP name' });

describe('a link that is opened', () => {
  it('fills the sign-in form in, and so does the next one while the form is open', () => {
    render(<SignInForm place={place} />);
    open(link({ user: 'first', hasSecret: true }));
    expect(nameField().value).toBe('first');
    open(link({ user: 'second', hasSecret: true }));
    expect(nameField().value).toBe('second');
    expect(useShell.getState().active).toContain('target');
    expect(asked.filter((name) => name !== 'app.ready')).toEqual([]);
  });

  it('fills the discovery form in where it names no target', () => {
    const params = { host: '192.0.2.8', port: '3260' };
    render(<PortalForm id="add-portal" params={params} active />);
    open(link({ host: '192.0.2.8', target: null, user: 'finder', hasSecret: true }));
    expect(nameField().value).toBe('finder');
    expect(screen.getByLabelText<HTMLInputElement>('CHAP secret').value).toBe('');
  });

  it('stays among the findings where it was refused', () => {
    open({
      kind: 'refused',
      error: {
        name: 'UsageError',
        code: 'BAD_ARGUMENT',
        message: 'iser:// is not spoken here.',
        hint: 'Use iscsi://.',
        retryable: false,
        details: {},
        raw: null,
      },
    });
    const found = useFindings.getState().bySource.get('links');
    expect(found?.map(({ severity, detail }) => [severity, detail])).toEqual([
      ['error', 'iser:// is not spoken here. Use iscsi://.'],
    ]);
  });
});
