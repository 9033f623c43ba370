import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { RequestInput } from '../../electron/contract/requests.ts';
import { TreeMenu } from '../../renderer/features/explorer/tree-menu.tsx';
import { buildTree, flattenTree, type TreeRow } from '../../renderer/features/explorer/tree-model.ts';
import { useExplorer } from '../../renderer/state/explorer-store.ts';
import { joinUnits } from '../../renderer/state/units.ts';
import { samplePortal, samplePaths } from './explorer-samples.ts';

const [first, second] = samplePaths();
const sessions = [first, second];
const choice = {
  unit: 'NAA 6001',
  path: { host: '10.0.0.2', port: 3260, target: second.target, lun: '0001000000000000' },
};

let dropped: string[] = [];
let chosen: RequestInput<'luns.choosePath'>[] = [];
beforeEach(() => {
  chosen = [];
  dropped = [];
  const requests: Partial<Bridge['requests']> = {
    'luns.choosePath': (input) => {
      chosen.push(input);
      return Promise.resolve({ ok: true as const, value: undefined });
    },
    'sessions.drop': ({ id }) => {
      dropped.push(id);
      return Promise.resolve({ ok: true as const, value: undefined });
    },
  };
  Object.assign(window, { lunascope: { requests } });
  useExplorer.setState({ sessions });
});
afterEach(cleanup);

/** The row of the second path, in a tree that is grouped by target. */
function pathRow(
  choices: {
    readonly unit: string;
    readonly host: string;
    readonly port: number;
    readonly target: string;
    readonly lun: string;
  }[],
): TreeRow {
  const portals = sessions.map(({ host }) =>
    samplePortal({ host, targets: [{ name: first.target, portals: [{ host, port: 3260, groupTag: 1 }] }] }),
  );
  const { units } = joinUnits(sessions);
  const source = {
    portals,
    sessions,
    units,
    choices,
    grouping: 'target',
    demoPhase: 'stopped',
    system: null,
    now: 0,
  } as const;
  const row = flattenTree(buildTree(source), new Set()).find(
    ({ kind, label }) => kind === 'path' && label.startsWith('10.0.0.2'),
  );
  if (row === undefined) throw new Error('The tree has no such path.');
  return row;
}

it('lets the reads of a disk go through a path of the tree', async () => {
  render(
    <TreeMenu row={pathRow([])} onOpen={() => undefined}>
      <p>tree</p>
    </TreeMenu>,
  );
  fireEvent.contextMenu(screen.getByText('tree'), { clientX: 5, clientY: 5 });
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Read through 10.0.0.2:3260' }));
  expect(chosen).toEqual([choice]);
});

it('offers no path that reads take already', async () => {
  render(
    <TreeMenu row={pathRow([{ unit: choice.unit, ...choice.path }])} onOpen={() => undefined}>
      <p>tree</p>
    </TreeMenu>,
  );
  fireEvent.contextMenu(screen.getByText('tree'), { clientX: 5, clientY: 5 });
  const item = await screen.findByRole('menuitem', { name: 'Read through 10.0.0.2:3260' });
  expect(item.getAttribute('aria-disabled')).toBe('true');
});

it('ends a session that is lost', async () => {
  const lost = { ...first, state: 'recovering' as const };
  useExplorer.setState({ sessions: [lost] });
  const source = { portals: [], sessions: [lost], units: [], choices: [], demoPhase: 'stopped', system: null, now: 0 };
  const row = flattenTree(buildTree({ ...source, grouping: 'portal' }), new Set()).find(
    ({ kind }) => kind === 'session',
  );
  render(
    <TreeMenu row={row} onOpen={() => undefined}>
      <p>tree</p>
    </TreeMenu>,
  );
  fireEvent.contextMenu(screen.getByText('tree'), { clientX: 5, clientY: 5 });
  await userEvent.click(await screen.findByRole('menuitem', { name: 'End session' }));
  expect(dropped).toEqual([lost.id]);
});
