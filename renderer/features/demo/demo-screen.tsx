import { Play, Square } from 'lucide-react';
import { useEffect } from 'react';
import type { DemoState } from '../../../electron/contract/demo.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Switch } from '../../components/switch.tsx';
import { formatPortal } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useDemo } from '../../state/demo-store.ts';
import { TargetCard } from './demo-target.tsx';
import './demo.css';

const PHASES: Record<DemoState['phase'], string> = {
  stopped: 'Stopped',
  starting: 'Starting',
  running: 'Running',
  stopping: 'Stopping',
};

function Facts({ state }: { readonly state: DemoState }) {
  return (
    <dl className="facts">
      <dt>State</dt>
      <dd>
        <span role="status">{PHASES[state.phase]}</span>
      </dd>
      {state.portals.length === 0 ? null : (
        <>
          <dt>Portals</dt>
          <dd className="mono">{state.portals.map(formatPortal).join('   ')}</dd>
          <dt>Initiators logged in</dt>
          <dd className="mono">{state.initiators}</dd>
        </>
      )}
    </dl>
  );
}

function Scenarios({ state }: { readonly state: DemoState }) {
  const switchScenario = useDemo((demo) => demo.switchScenario);
  return (
    <section className="section">
      <h2>Trouble to switch on</h2>
      <ul className="demo-scenarios">
        {state.scenarios.map(({ id, title, description, on }) => (
          <li key={id} className="demo-scenario">
            <Switch label={title} on={on} onChange={(wanted) => void switchScenario(id, wanted)} />
            <p>
              <span className="demo-scenario-title">{title}.</span> <span className="muted">{description}</span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lessons({ state }: { readonly state: DemoState }) {
  return (
    <section className="section">
      <h2>What to try</h2>
      <ol className="demo-lessons">
        {state.lessons.map(({ id, title, text }) => (
          <li key={id} className="demo-lesson">
            <p>
              <strong>{title}.</strong> <span className="muted selectable">{text}</span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The demo SAN: it starts when this screen is opened, and what is listed was found by a real discovery. */
export function DemoScreen() {
  const { state, error, start, stop } = useDemo();
  useEffect(() => {
    void start();
  }, [start]);
  useReady('demo', state.phase === 'running' || error !== null);

  const busy = state.phase === 'starting' || state.phase === 'stopping';
  const isUp = state.phase === 'running' || state.phase === 'stopping';
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
        {isUp ? (
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
      <Facts state={state} />
      {state.targets.length === 0 ? null : (
        <section className="section">
          <h2>{`Targets found by discovery (${state.targets.length})`}</h2>
          <div className="demo-targets">
            {state.targets.map((target) => (
              <TargetCard key={target.name} target={target} />
            ))}
          </div>
        </section>
      )}
      {state.scenarios.length === 0 ? null : <Scenarios state={state} />}
      {state.lessons.length === 0 ? null : <Lessons state={state} />}
    </div>
  );
}
