import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CompareItem } from '../../electron/contract/blocks.ts';
import type { StreamListener } from '../../electron/contract/bridge.ts';
import { ComparePanel } from '../../renderer/features/blocks/compare-panel.tsx';
import { unreadableText } from '../../renderer/features/blocks/take-panel.tsx';
import { BlockView } from '../../renderer/features/blocks/view-model.ts';

const place = { id: 's1', lun: '0000000000000000' };
let items: CompareItem[] = [];
let left = 0;

beforeEach(() => {
  const compare = (_params: unknown, listener: StreamListener<CompareItem>) => {
    void listener.onItems(items);
    listener.onEnd(null);
    return () => void (left += 1);
  };
  left = 0;
  Object.assign(window, {
    lunascope: {
      requests: new Proxy({}, { get: () => () => Promise.resolve({ ok: true, value: { path: '/disk.img' } }) }),
      streams: new Proxy({}, { get: (_own, name) => (name === 'blocks.compare' ? compare : () => () => undefined) }),
    },
  });
});
afterEach(cleanup);

/** Compares; gives the view and what the panel says. */
async function compared(words = /differ/): Promise<{ readonly view: BlockView; readonly said: string | null }> {
  const unread = { read: () => new Promise<never>(() => undefined), cancel: () => undefined };
  const facts = { identity: 'u', unit: 1, title: 'LUN 0', blockSize: 512, blocks: '100', bytes: '51200' };
  const view = new BlockView({ ...facts, writeProtected: false, thin: false, readsZero: false }, unread);
  render(<ComparePanel view={view} place={place} />);
  await userEvent.click(screen.getByRole('button', { name: 'Compare' }));
  return { view, said: (await screen.findByText(words, { selector: '[role="status"]' })).textContent };
}

it('tells what is not known apart from what differs, and steps through differences only', async () => {
  const unknown = { offset: '512', length: '1024', unknown: true };
  const differing = { offset: '5120', length: '7', unknown: false };
  items = [{ differences: [unknown, differing], ended: 'done' }];
  const { view, said } = await compared();
  expect(said).toBe('1 difference. Not known: 2 blocks, which one side could not read or has not saved.');
  expect(screen.getAllByRole('group').map((one) => one.getAttribute('aria-label'))).toEqual([
    'Differences',
    'Not known',
  ]);
  for (const step of ['Next difference', 'Next difference']) {
    await userEvent.click(screen.getByRole('button', { name: step }));
    expect(view.range).toEqual({ offset: 5120n, length: 7n });
  }
});

it('never says that nothing differs where something is not known', async () => {
  items = [{ differences: [{ offset: '0', length: '512', unknown: true }], ended: 'done' }];
  expect((await compared()).said).toMatch(/^No known byte differs. Not known: 1 block,/);
  cleanup();
  items = [{ differences: [], ended: 'done' }];
  expect((await compared()).said).toBe('Not one byte differs.');
});

it('ends its comparison with the view', async () => {
  items = [{ differences: [], ended: 'no' }];
  await compared(/so far/);
  expect(left).toBe(0);
  cleanup();
  expect(left).toBe(1);
});

it('names some of the unreadable blocks of an image, and says where all are', () => {
  expect(unreadableText(['7', '9'], 2, '/a.img')).toBe('7, 9');
  const many = Array.from({ length: 60 }, (_, at) => String(at));
  expect(unreadableText(many, 12_000, '/a.img')).toMatch(/, 49 and 11950 more; all are in \/a\.img\.report\.json$/);
});
