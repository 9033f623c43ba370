import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { Answer, WireError } from '../../electron/contract/errors.ts';
import type { SessionEntry } from '../../electron/contract/sessions.ts';
import { SectorsScreen } from '../../renderer/features/blocks/sectors-screen.tsx';
import { lunParams, useExplorer } from '../../renderer/state/explorer-store.ts';
import { samplePaths } from './explorer-samples.ts';

type Found = Answer<{ structures: never[]; problems: string[] }>;
type Read = Answer<{ bytes: Uint8Array<ArrayBuffer>; bad: never[] }>;

const [first] = samplePaths();
const params = lunParams(first, '0000000000000000');
const ended: WireError = {
  name: 'SessionError',
  code: 'SESSION_CLOSED',
  message: 'The session has ended.',
  hint: null,
  retryable: true,
  details: {},
  raw: null,
};
const refused: { readonly ok: false; readonly error: WireError } = { ok: false, error: ended };

/** The questions about what the disk holds, to be answered one by one. */
let asked: ((answer: Found) => void)[] = [];
let read: Read;

const answer = (at: number, found: Found): Promise<void> =>
  act(async () => {
    asked[at]!(found);
    await Promise.resolve();
  });
const tell = (change: Partial<SessionEntry>): void =>
  act(() => useExplorer.setState({ sessions: [{ ...first, ...change }] }));
const sentences = (): (string | null | undefined)[] =>
  screen.queryAllByRole('alert').map((alert) => alert.querySelector('.notice-sentence')?.textContent);

beforeEach(() => {
  asked = [];
  read = { ok: true, value: { bytes: new Uint8Array(65_536), bad: [] } };
  const requests: Partial<Bridge['requests']> = {
    'blocks.open': () =>
      Promise.resolve({
        ok: true,
        value: {
          identity: 'unit',
          unit: 1,
          title: 'LUN 0',
          blockSize: 512,
          blocks: '2048',
          bytes: '1048576',
          writeProtected: false,
          thin: false,
          readsZero: false,
        },
      }),
    'blocks.read': () => Promise.resolve(read),
    'blocks.structures': () => new Promise<Found>((resolve) => asked.push(resolve)),
  };
  Object.assign(window, {
    lunascope: {
      requests: new Proxy(requests, {
        get: (own, name: keyof Bridge['requests']) => own[name] ?? (() => Promise.resolve(refused)),
      }),
      streams: new Proxy({}, { get: () => () => () => undefined }),
    },
  });
  useExplorer.setState({ sessions: [first] });
});
afterEach(() => {
  cleanup();
  useExplorer.setState({ sessions: [] });
});

describe('a path to the disk that ends while its structures are read', () => {
  it('is told by one alert, in place of those of the reads that failed', async () => {
    read = refused;
    render(<SectorsScreen id="tab" params={params} active />);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await answer(0, refused);
    await vi.waitFor(() => expect(sentences()).toEqual([ended.message, ended.message]));
    tell({ state: 'recovering' });
    expect(sentences()).toEqual([expect.stringMatching(/^The session through 10\.0\.0\.1:3260, .*, is not up\.$/)]);
    expect(screen.getByText(/are looked for once the path to the disk is back/)).toBeDefined();
  });

  it('lets them be looked for again once it is back, and keeps what was found', async () => {
    render(<SectorsScreen id="tab" params={params} active />);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    tell({ state: 'closed' });
    await answer(0, refused);
    expect(sentences()).toEqual([expect.stringMatching(/^The session through .*, has ended\.$/)]);
    tell({ logins: 2 });
    expect(sentences()).toEqual([]);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    await answer(1, { ok: true, value: { structures: [], problems: [] } });
    const none = 'No partition table and no known filesystem was found.';
    expect(screen.getByText(none)).toBeDefined();
    tell({ logins: 2, state: 'recovering' });
    expect(screen.getByText(none)).toBeDefined();
  });

  it('leaves an error of a path that is up where it happened', async () => {
    render(<SectorsScreen id="tab" params={params} active />);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await answer(0, refused);
    expect(sentences()).toEqual([ended.message]);
  });
});
