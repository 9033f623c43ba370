import { Play, Square } from 'lucide-react';
import { useEffect } from 'react';
import type { DemoState } from '../../../electron/contract/demo.ts';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { useDemo } from '../../state/demo-store.ts';

const PHASES: Record<DemoState['phase'], string> = {
  stopped: 'Stopped',
  starting: 'Starting',
  running: 'Running',
  stopping: 'Stopping',
};

const address = (portal: { readonly host: string; readonly port: number }): string =>
  portal.host.includes(':') ? `[${portal.host}]:${portal.port}` : `${portal.host}:${portal.port}`;

function Targets({ targets }: { readonly targets: DemoState['targets'] }) {
  return (
    <section className="section">
      <h2>{`Targets found by discovery (${targets.length})`}</h2>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">iSCSI name</th>
            <th scope="col">Portals, group tag</th>
          </tr>
        </thead>
        <tbody>
          {targets.map((target) => (
            <tr key={target.name}>
              <td>
                <CopyText text={target.name} what="iSCSI name" />
              </td>
              <td className="mono">
                {target.portals.map((portal) => `${address(portal)}, ${portal.groupTag}`).join('   ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The demo SAN: it starts when this screen is opened, and its targets come from a real discovery. */
export function DemoScreen({ onSettled }: { readonly onSettled: () => void }) {
  const { state, error, start, stop } = useDemo();
  useEffect(() => {
    void start();
  }, [start]);
  const settled = state.phase === 'running' || error !== null;
  useEffect(() => {
    if (settled) onSettled();
  }, [settled, onSettled]);

  const busy = state.phase === 'starting' || state.phase === 'stopping';
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Demo SAN</h1>
          <p className="page-lead">
            Real iSCSI targets inside this program, listening on this computer only. Everything here goes over TCP and
            the same initiator that talks to your storage.
          </p>
        </div>
        <span className="page-spring" />
        {state.phase === 'running' || state.phase === 'stopping' ? (
          <Button onClick={() => void stop()} disabled={busy}>
            <Square size={13} aria-hidden /> Stop
          </Button>
        ) : (
          <Button primary onClick={() => void start()} disabled={busy}>
            <Play size={13} aria-hidden /> Start
          </Button>
        )}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      <dl className="facts">
        <dt>State</dt>
        <dd role="status">{PHASES[state.phase]}</dd>
        {state.portals.length === 0 ? null : (
          <>
            <dt>Portals</dt>
            <dd className="mono">{state.portals.map(address).join('   ')}</dd>
          </>
        )}
      </dl>
      {state.targets.length === 0 ? null : <Targets targets={state.targets} />}
    </div>
  );
}
