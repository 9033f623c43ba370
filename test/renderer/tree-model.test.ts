import { describe, expect, it } from 'vitest';
import { buildTree, flattenTree, type TreeSource } from '../../renderer/features/explorer/tree-model.ts';
import { joinUnits } from '../../renderer/state/units.ts';
import { sampleLun, samplePortal, sampleSession } from './explorer-samples.ts';

const now = 1_000_000;
const address = { host: '10.0.0.1', port: 3260, groupTag: 1 };

function rowsOf(change: Partial<TreeSource>, toggled: ReadonlySet<string> = new Set()) {
  const source = {
    portals: [],
    sessions: [],
    units: [],
    choices: [],
    grouping: 'portal' as const,
    demoPhase: 'stopped',
    system: null,
    now,
    ...change,
  };
  return flattenTree(buildTree({ ...source, units: joinUnits(source.sessions).units }), toggled);
}
const labels = (rows: ReturnType<typeof rowsOf>): string[] =>
  rows.map(({ level, label, detail }) => `${level} ${label} ${detail}`.trim());

describe('the tree', () => {
  it('says of a portal nobody has asked that it is not checked', () => {
    expect(labels(rowsOf({ portals: [samplePortal()] }))).toContain('2 10.0.0.1:3260 not checked');
  });

  it('offers the next step under every root where nothing is', () => {
    const notes = rowsOf({}).filter(({ kind }) => kind === 'note');
    expect(notes.map(({ label, detail, tab }) => [label, detail, tab?.kind])).toEqual([
      ['Add a portal', 'nothing is saved yet', 'add-portal'],
      ['Ask a portal', 'nothing was found in this run', 'add-portal'],
      ['Start it', 'stopped', 'demo'],
    ]);
  });

  it('lists the names and kernel sessions of this computer, or says why there are none', () => {
    const session = { target: 'iqn.2026-01.test:k', portal: '10.0.0.1:3260', groupTag: '1', state: 'logged in' };
    const system = {
      names: ['iqn.2026-01.test:host'],
      namesError: null,
      sessions: [],
      sessionsNote: null,
      actsNote: null,
    };
    const of = (change: Partial<TreeSource['system'] & object>) =>
      labels(rowsOf({ system: { ...system, ...change } })).slice(-2);
    expect(of({ sessions: [{ ...session, persistent: 'session1' }] })).toEqual([
      '2 iqn.2026-01.test:host',
      '2 k logged in, 10.0.0.1:3260',
    ]);
    expect(of({ names: [], sessionsNote: 'Linux only.' })).toEqual(['1 This computer', '2 No sessions Linux only.']);
  });

  it('tells how many targets a portal has and how long ago it said so', () => {
    const targets = [{ name: 'iqn.2026-01.test:a', portals: [address] }];
    const portal = samplePortal({ state: 'answered', askedAt: now - 180_000, targets });
    expect(labels(rowsOf({ portals: [portal] }))).toContain('2 10.0.0.1:3260 1 target, 3 min ago');
    expect(labels(rowsOf({ portals: [portal] }))).toContain('3 a group 1');
  });

  it('goes from portal to target to session to LUN, each a level deeper', () => {
    const portal = samplePortal({
      state: 'answered',
      askedAt: now,
      targets: [{ name: 'iqn.2026-01.test:a', portals: [address] }],
    });
    const rows = rowsOf({ portals: [portal], sessions: [sampleSession()] });
    const kinds = rows.filter(({ level }) => level > 1).map(({ kind, level }) => `${level} ${kind}`);
    expect(kinds.slice(0, 4)).toEqual(['2 portal', '3 target', '4 session', '5 lun']);
  });

  it('shows a session whose target discovery does not list any more', () => {
    const rows = rowsOf({ portals: [samplePortal()], sessions: [sampleSession()] });
    expect(rows.map(({ kind }) => kind)).toContain('session');
  });

  it('puts the portals of a target together when grouped by target', () => {
    const targets = [{ name: 'iqn.2026-01.test:a', portals: [address] }];
    const portals = [samplePortal({ targets }), samplePortal({ host: '10.0.0.2', id: '10.0.0.2:3260', targets })];
    const rows = rowsOf({ portals, grouping: 'target' });
    expect(labels(rows)).toContain('2 a 2 portals');
    expect(rows.filter(({ kind }) => kind === 'target')).toHaveLength(1);
  });

  it('counts its rows for screen readers: level, position, set size', () => {
    const targets = Array.from({ length: 3 }, (_, i) => ({ name: `iqn.2026-01.test:t${i}`, portals: [address] }));
    const rows = rowsOf({ portals: [samplePortal({ state: 'answered', askedAt: now, targets })] });
    const places = rows
      .filter(({ kind }) => kind === 'target')
      .map(({ position, siblings, level }) => [level, position, siblings]);
    expect(places).toEqual([
      [3, 1, 3],
      [3, 2, 3],
      [3, 3, 3],
    ]);
  });

  it('folds a portal with very many targets until it is asked for them', () => {
    const targets = Array.from({ length: 10_000 }, (_, i) => ({ name: `iqn.2026-01.test:t${i}`, portals: [address] }));
    const portal = samplePortal({ state: 'answered', askedAt: now, targets });
    const folded = rowsOf({ portals: [portal] });
    expect(folded.filter(({ kind }) => kind === 'target')).toHaveLength(0);
    expect(folded.find(({ kind }) => kind === 'portal')?.expanded).toBe(false);
    expect(
      rowsOf({ portals: [portal] }, new Set([`portal ${portal.id}`])).filter(({ kind }) => kind === 'target'),
    ).toHaveLength(10_000);
  });

  it('shows sessions with targets that no portal, or another one, lists when grouped by target', () => {
    const targets = [{ name: 'iqn.2026-01.test:a', portals: [address] }];
    const portals = [samplePortal({ targets }), samplePortal({ host: '10.0.0.2', id: '10.0.0.2:3260' })];
    const sessions = [
      sampleSession({ host: '10.0.0.2', luns: [] }),
      sampleSession({ id: 'session-2', number: 2, target: 'iqn.2026-01.test:hidden', luns: [] }),
    ];
    const rows = labels(rowsOf({ portals, sessions, grouping: 'target' }));
    expect(rows).toContain('2 a 2 portals');
    expect(rows).toContain('3 Session 1 signed in, 10.0.0.2:3260');
    expect(rows).toContain('2 hidden 10.0.0.1:3260');
    expect(rows).toContain('3 Session 2 signed in, 10.0.0.1:3260');
  });

  it('builds what it built before from the same portals, with sessions come and gone', () => {
    const targets = [{ name: 'iqn.2026-01.test:a', portals: [address] }];
    const portals = [samplePortal({ state: 'answered', askedAt: now, targets })];
    for (const grouping of ['portal', 'target'] as const) {
      const before = labels(rowsOf({ portals, grouping }));
      expect(labels(rowsOf({ portals, sessions: [sampleSession()], grouping })).length).toBeGreaterThan(before.length);
      expect(labels(rowsOf({ portals, grouping }))).toEqual(before);
    }
  });

  it('shows a unit once when grouped by target, with its paths and the one that reads take', () => {
    const path = (state: string) => ({ group: 1, state, preferred: false });
    const lun = sampleLun({ path: path('Active/optimized'), latencyMs: 0.2 });
    const sessions = [
      sampleSession({ luns: [lun] }),
      sampleSession({ id: 'session-2', number: 2, host: '10.0.0.2', luns: [{ ...lun, path: path('Standby') }] }),
    ];
    const targets = [{ name: 'iqn.2026-01.test:a', portals: [address] }];
    const portals = [samplePortal({ targets }), samplePortal({ host: '10.0.0.2', id: '10.0.0.2:3260', targets })];
    const choices = [{ unit: 'NAA 6001', host: '10.0.0.2', port: 3260, target: 'iqn.2026-01.test:a', lun: lun.lun }];
    const rows = rowsOf({ portals, sessions, choices, grouping: 'target' });
    expect(rows.filter(({ kind }) => kind === 'lun').map(({ level, badges }) => [level, badges])).toEqual([
      [3, ['2 paths']],
    ]);
    expect(
      rows.filter(({ kind }) => kind === 'path').map(({ label, detail, badges }) => [label, detail, badges]),
    ).toEqual([
      ['10.0.0.1:3260', 'session 1 · A/O · 200 µs', []],
      ['10.0.0.2:3260', 'session 2 · standby · 200 µs', ['reads']],
    ]);
  });

  it('keeps a lost session in sight when its portal is listed no more', () => {
    const sessions = [
      sampleSession({ state: 'recovering' }),
      sampleSession({ id: 'session-2', number: 2, host: '10.0.0.2', luns: [] }),
    ];
    for (const grouping of ['portal', 'target'] as const) {
      const rows = rowsOf({ portals: [samplePortal({ host: '10.0.0.2' })], sessions, grouping });
      const from = rows.findIndex(({ label }) => label === 'Sessions without a portal');
      expect(labels(rows.slice(from, from + 4))).toEqual([
        '1 Sessions without a portal',
        '2 a 10.0.0.1:3260',
        '3 Session 1 lost, reconnecting',
        '4 LUN 0 Disk · 1 MiB',
      ]);
    }
    expect(labels(rowsOf({ portals: [samplePortal()], sessions: sessions.slice(0, 1) }))).not.toContain(
      '1 Sessions without a portal',
    );
  });

  it('lets a unit stand for the way that is up, and counts the lost one apart', () => {
    const sessions = [
      sampleSession({ state: 'recovering' }),
      sampleSession({ id: 'session-2', number: 2, host: '10.0.0.2' }),
    ];
    const portals = [samplePortal({ targets: [{ name: 'iqn.2026-01.test:a', portals: [address] }] })];
    const both = [...portals, samplePortal({ ...portals[0], host: '10.0.0.2', id: '10.0.0.2:3260' })];
    const lun = rowsOf({ portals: both, sessions, grouping: 'target' }).find(({ kind }) => kind === 'lun');
    expect(lun?.badges).toEqual(['1 of 2 paths']);
    expect(lun?.tab?.params['host']).toBe('10.0.0.2');
  });

  it('marks read-only, thin, reserved and several paths', () => {
    const lun = sampleLun({ readOnly: true, thin: true, reserved: 'Write exclusive' });
    const sessions = [
      sampleSession({ luns: [lun] }),
      sampleSession({ id: 'session-2', number: 2, host: '10.0.0.2', luns: [lun] }),
    ];
    const row = rowsOf({ portals: [samplePortal()], sessions }).find(({ kind }) => kind === 'lun');
    expect(row?.badges).toEqual(['read-only', 'thin', 'reserved', '2 paths']);
  });
});
