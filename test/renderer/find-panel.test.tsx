import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { createRef } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SearchItem } from '../../electron/contract/blocks.ts';
import type { StreamListener } from '../../electron/contract/bridge.ts';
import type { StreamParams } from '../../electron/contract/streams.ts';
import { FindPanel, type FindHandle } from '../../renderer/features/blocks/find-panel.tsx';
import { BlockView } from '../../renderer/features/blocks/view-model.ts';

const BYTES = 51_200n;
/** Where the disk holds the one thing it holds. */
const HIT = 2048n;
let asked: [string, string, boolean][] = [];

beforeEach(() => {
  asked = [];
  const search = (params: StreamParams<'blocks.search'>, listener: StreamListener<SearchItem>) => {
    const { from, to, backward, query } = params;
    asked.push([from, to, backward]);
    const hit = query.words === '46' && BigInt(from) <= HIT && BigInt(to) > HIT;
    const hits = hit ? [{ offset: String(HIT), length: '1' }] : [];
    void listener.onItems([{ hits, ended: hit ? 'limit' : 'done', skippedBytes: '0', badBlocks: 0 }]);
    listener.onEnd(null);
    return () => undefined;
  };
  Object.assign(window, {
    lunascope: {
      requests: new Proxy({}, { get: () => () => Promise.resolve({ ok: true, value: undefined }) }),
      streams: new Proxy({}, { get: (_own, name) => (name === 'blocks.search' ? search : () => () => undefined) }),
    },
  });
});
afterEach(cleanup);

function openPanel() {
  const unread = { read: () => new Promise<never>(() => undefined), cancel: () => undefined };
  const facts = { identity: 'u', unit: 1, title: 'LUN 0', blockSize: 512, blocks: '100', bytes: String(BYTES) };
  const view = new BlockView({ ...facts, writeProtected: false, thin: false, readsZero: false }, unread);
  const panel = createRef<FindHandle>();
  render(<FindPanel ref={panel} view={view} place={{ id: 's1', lun: '0000000000000000' }} />);
  const what = screen.getByRole<HTMLInputElement>('textbox', { name: 'What' });
  const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));
  return { view, panel, what, press, said: () => screen.getByRole('status').textContent };
}

it('says from where it looked, and goes round the end when told to', async () => {
  const { view, what, press, said } = openPanel();
  act(() => view.goTo(30_000n));
  await userEvent.type(what, '46');
  await press('Next');
  expect([asked, said()]).toEqual([[['30000', String(BYTES), false]], 'Nothing from block 58 on']);
  await press('Search from the beginning');
  expect(asked[1]).toEqual(['0', String(BYTES), false]);
  expect([view.range.offset, said()]).toEqual([HIT, '1 found, looked from the beginning']);
});

it('says so when there is nothing at all', async () => {
  const { view, what, said } = openPanel();
  act(() => view.goTo(30_000n));
  await userEvent.type(what, '47{Enter}{Enter}');
  expect([said(), screen.queryByRole('button', { name: 'Search from the beginning' })]).toEqual([
    'Nothing in the whole range',
    null,
  ]);
});

it('goes round the end when asked for the next place once more', async () => {
  const { view, what } = openPanel();
  act(() => view.goTo(30_000n));
  await userEvent.type(what, '46{Enter}{Enter}');
  expect([asked.length, view.range.offset]).toEqual([2, HIT]);
});

it('finds what the cursor stands on, but not the same place again', async () => {
  const { view, what, press } = openPanel();
  act(() => view.goTo(HIT));
  await userEvent.type(what, '46');
  await press('Next');
  await press('Next');
  expect(asked.map(([from]) => from)).toEqual([String(HIT), String(HIT + 1n)]);
});

it('shows no place of an earlier search for what is looked for now', async () => {
  const { view, panel, what, press, said } = openPanel();
  await userEvent.type(what, '46');
  await press('All');
  expect(view.snapshot().hits).toHaveLength(1);
  await userEvent.clear(what);
  await userEvent.type(what, '47');
  expect(said()).toBe('');
  act(() => panel.current?.step(1));
  expect([view.snapshot().hits, said()]).toEqual([[], 'Nothing from block 0 on']);
});

it('takes the focus with what it holds selected', async () => {
  const { panel, what } = openPanel();
  await userEvent.type(what, '46');
  what.blur();
  act(() => panel.current?.focus());
  expect([document.activeElement, what.selectionStart, what.selectionEnd]).toEqual([what, 0, 2]);
});
