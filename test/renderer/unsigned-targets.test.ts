import { describe, expect, it } from 'vitest';
import { unsignedTargets } from '../../renderer/features/inventory/unsigned-targets.ts';
import { samplePortal } from './explorer-samples.ts';

const target = (name: string) => ({ name: `iqn.2026-01.test:${name}`, portals: [] });

describe('the targets nobody is signed in to', () => {
  it('are listed once each, with every portal that told of them', () => {
    const portals = [
      samplePortal({ host: '10.0.0.1', targets: [target('a'), target('b'), target('c')] }),
      samplePortal({ host: '10.0.0.2', targets: [target('b'), target('a')] }),
    ];
    const found = unsignedTargets(portals, new Set(['iqn.2026-01.test:c']));
    expect(found.map(({ name, portal, through }) => [name, portal.host, through])).toEqual([
      ['iqn.2026-01.test:a', '10.0.0.1', ['10.0.0.1:3260', '10.0.0.2:3260']],
      ['iqn.2026-01.test:b', '10.0.0.1', ['10.0.0.1:3260', '10.0.0.2:3260']],
    ]);
  });
});
