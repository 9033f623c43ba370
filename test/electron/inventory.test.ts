import { describe, expect, it } from 'vitest';
import { buildInventory, compareInventories, inventoryCsv } from '../../electron/main/services/inventory.ts';
import { compareUnits } from '../../electron/main/services/lun-work.ts';
import { sampleLun, samplePortal, sampleSession } from '../renderer/explorer-samples.ts';

const state = {
  portals: [
    samplePortal({
      state: 'answered',
      targets: [
        { name: 'iqn.2026-01.test:a', portals: [] },
        { name: 'iqn.2026-01.test:b', portals: [] },
      ],
    }),
  ],
  profiles: [],
  paths: [],
  initiatorName: 'iqn.2026-01.test:me',
  secretStore: false,
};

describe('the inventory', () => {
  it('has a row a LUN, and one for each target nobody is signed in to', () => {
    const { rows } = buildInventory(state, [sampleSession()]);
    expect(rows.map(({ target, lun, note }) => [target, lun, note])).toEqual([
      ['iqn.2026-01.test:a', '0', ''],
      ['iqn.2026-01.test:b', '', 'Not signed in.'],
    ]);
  });

  it('quotes what a spreadsheet would split, and disarms what it would run', () => {
    const lun = sampleLun({ vendor: '=cmd()', product: 'a,b "c"' });
    const [, row] = inventoryCsv(buildInventory(state, [sampleSession({ luns: [lun] })])).split('\r\n');
    expect(row).toContain(`'=cmd()`);
    expect(row).toContain('"a,b ""c"""');
  });

  it('tells what is new, gone and changed since a saved one', () => {
    const before = buildInventory(state, [
      sampleSession({ luns: [sampleLun(), sampleLun({ lun: '0001000000000000', text: '1' })] }),
    ]);
    const now = buildInventory(state, [
      sampleSession({
        luns: [sampleLun({ blocks: '4096', bytes: '2097152' }), sampleLun({ lun: '0002000000000000', text: '2' })],
      }),
    ]);
    const { changes, same } = compareInventories(before, now);
    expect(same).toBe(1);
    expect(changes.map(({ kind, what }) => [kind, what.split(' ').at(-1)])).toEqual([
      ['changed', '0'],
      ['new', '2'],
      ['gone', '1'],
    ]);
    expect(changes[0]?.fields).toEqual([
      { name: 'blocks', before: '2048', now: '4096' },
      { name: 'bytes', before: '1048576', now: '2097152' },
    ]);
  });
});

describe('is this the same disk?', () => {
  it('says yes for one name and one capacity', () =>
    expect(compareUnits(sampleLun(), sampleLun()).verdict).toBe('same'));
  it('doubts one name with two capacities', () => {
    expect(compareUnits(sampleLun(), sampleLun({ blocks: '1' })).verdict).toBe('doubtful');
  });
  it('says no for two names', () => {
    const names = [{ kind: 'NAA', text: 'naa.6002', hex: '6002' }];
    expect(compareUnits(sampleLun(), sampleLun({ names })).verdict).toBe('different');
  });
  it('does not know without names', () => {
    expect(compareUnits(sampleLun({ names: [] }), sampleLun({ names: [] })).verdict).toBe('unknown');
  });
});
