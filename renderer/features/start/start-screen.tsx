import { ChevronRight, FlaskConical, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import './start.css';

interface Action {
  readonly icon: ReactNode;
  readonly title: string;
  readonly detail: string;
  readonly run: () => void;
}

/** What a person sees first: the ways in, and that nothing happens unasked. */
export function StartScreen({ onDemo }: { readonly onDemo: () => void }) {
  const actions: readonly Action[] = [
    {
      icon: <FlaskConical size={18} aria-hidden />,
      title: 'Explore the demo SAN',
      detail: 'Targets inside this program, on this computer only. Nothing to set up, nothing to break.',
      run: onDemo,
    },
  ];
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Lunascope</h1>
          <p className="page-lead">
            Explore iSCSI storage networks: discovery, LUN facts, sectors and the wire, in one window. No kernel
            initiator, no root, no driver.
          </p>
        </div>
      </div>
      <ul className="start-actions">
        {actions.map((action) => (
          <li key={action.title}>
            <button type="button" className="start-action button-reset" onClick={action.run}>
              {action.icon}
              <span>
                <span className="start-action-title">{action.title}</span>
                <br />
                <span className="muted">{action.detail}</span>
              </span>
              <ChevronRight size={16} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <p className="start-note">
        <ShieldCheck size={15} aria-hidden />
        Nothing is contacted until you ask for it.
      </p>
    </div>
  );
}
