import { describe, expect, it } from 'vitest';
import { joinUnits } from '../../renderer/state/units.ts';
import { sampleLun, sampleSession } from './explorer-samples.ts';

const over = (id: string, change: Parameters<typeof sampleLun>[0] = {}) =>
  sampleSession({ id, host: id, luns: [sampleLun(change)] });

describe('joining paths to one disk', () => {
  it('joins the same name with the same capacity', () => {
    const { units, findings } = joinUnits([over('a'), over('b')]);
    expect(units).toHaveLength(1);
    expect(units[0]?.paths.map(({ session }) => session.id)).toEqual(['a', 'b']);
    expect(findings).toEqual([]);
  });

  it('keeps one name on two capacities apart, and flags it', () => {
    const { units, findings } = joinUnits([over('a'), over('b', { blocks: '4096' })]);
    expect(units).toHaveLength(2);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity: 'error', title: 'One name, different disks.' });
  });

  it('never joins by a serial number, a vendor or a LUN alone', () => {
    const { units } = joinUnits([over('a', { names: [] }), over('b', { names: [] })]);
    expect(units).toHaveLength(2);
  });

  it('does not join names of different kinds that share their bytes', () => {
    const naa = { names: [{ kind: 'NAA', text: 'naa.6001', hex: '6001' }] };
    const eui = { names: [{ kind: 'EUI-64', text: 'eui.6001', hex: '6001' }] };
    expect(joinUnits([over('a', naa), over('b', eui)]).units).toHaveLength(2);
  });

  it('leaves sessions out that have ended', () => {
    expect(joinUnits([over('a'), { ...over('b'), state: 'closed' }]).units[0]?.paths).toHaveLength(1);
  });
});
