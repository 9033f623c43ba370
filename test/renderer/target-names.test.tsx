import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TabStrip } from '../../renderer/app/tabs.tsx';
import { registerFeatures } from '../../renderer/app/features.ts';
import { TargetScreen } from '../../renderer/features/target/target-screen.tsx';
import { useShell } from '../../renderer/state/shell-store.ts';

const long = `${'storage.'.repeat(20)}unit-0042`;
const tabOf = (name: string) => ({
  id: `target ${name}`,
  kind: 'target',
  params: { host: '10.0.0.1', port: '3260', target: `iqn.2026-01.test:${name}` },
});

beforeEach(() => {
  const requests = { 'app.ready': () => Promise.resolve({ ok: true, value: undefined }) };
  Object.assign(window, { lunascope: { requests, streams: {} } });
  registerFeatures();
});
afterEach(cleanup);

describe('the name of a target', () => {
  it.each([
    ['vault', 'vault'],
    [long, 'Target'],
  ])('without an alias heads its screen where it is short: %s', (name, heading) => {
    render(<TargetScreen {...tabOf(name)} active />);
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(heading);
  });

  it('keeps its end in the tab, and is whole for those who hear it', () => {
    const tab = tabOf(long);
    useShell.setState({ tabs: [tab], active: tab.id });
    render(<TabStrip />);
    const [head, end] = screen.getByRole('tab', { name: long }).querySelectorAll('.tab-title > span');
    expect(head?.className).toBe('tab-title-head');
    expect(end?.textContent).toBe('.unit-0042');
  });
});
