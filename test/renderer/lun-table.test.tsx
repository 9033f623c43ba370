import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { LunTable } from '../../renderer/components/lun-table.tsx';
import { useExplorer } from '../../renderer/state/explorer-store.ts';
import { sampleLun, sampleSession } from './explorer-samples.ts';

afterEach(cleanup);

describe('the LUNs of a session', () => {
  it('lists the first of very many, says so, and shows all when told to', async () => {
    const luns = Array.from({ length: 600 }, (_, at) =>
      sampleLun({ lun: at.toString(16).padStart(16, '0'), text: String(at), names: [] }),
    );
    const session = sampleSession({ luns });
    useExplorer.setState({ sessions: [session] });
    render(<LunTable session={session} />);
    expect(screen.getAllByRole('button', { name: /^LUN / })).toHaveLength(500);
    expect(screen.getByText(/The first 500 of 600 LUNs/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Show all' }));
    expect(screen.getAllByRole('button', { name: /^LUN / })).toHaveLength(600);
  });

  it('counts the paths of a unit over all sessions', () => {
    const one = sampleSession();
    const other = sampleSession({ id: 'session-2', number: 2, host: '10.0.0.2' });
    useExplorer.setState({ sessions: [one, other] });
    render(<LunTable session={one} />);
    expect(screen.getByText('2 paths')).toBeTruthy();
  });
});
