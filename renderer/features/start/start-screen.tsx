import { ChevronRight, FileSearch, FlaskConical, Plus, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { showKey } from '../../lib/keys.ts';
import { useReady } from '../../lib/use-ready.ts';
import { keyOfCommand, runCommand, useCommandStore } from '../../state/commands.ts';
import { usePlugs } from '../../state/plugs.ts';
import { openTab, tabId, useShell } from '../../state/shell-store.ts';
import { Tour } from './tour.tsx';
import './start.css';

const ACTIONS: readonly {
  readonly command: string;
  readonly icon: ReactNode;
  readonly title: string;
  readonly detail: string;
}[] = [
  {
    command: 'demo.open',
    icon: <FlaskConical size={18} aria-hidden />,
    title: 'Explore the demo SAN',
    detail: 'Targets inside this program, on this computer only. Nothing to set up, nothing to break.',
  },
  {
    command: 'portal.add',
    icon: <Plus size={18} aria-hidden />,
    title: 'Add portal',
    detail: 'Type the address of a storage array, or paste an iscsi:// link.',
  },
  {
    command: 'capture.open',
    icon: <FileSearch size={18} aria-hidden />,
    title: 'Open capture',
    detail: 'Look at a recorded conversation: .pcapng, .pcap, or a trace of this program.',
  },
];

function Recent() {
  const recent = useShell((shell) => shell.recent);
  const kinds = usePlugs((plugs) => plugs.tabKinds);
  if (recent.length === 0) return null;
  return (
    <section className="section start-recent">
      <h2>Recent</h2>
      <ul>
        {recent.map(({ kind, params, title }) => {
          const Icon = kinds.get(kind)?.icon;
          const where = params['target'] ?? params['host'] ?? '';
          return (
            <li key={tabId(kind, params)}>
              <button type="button" className="start-place" onClick={() => openTab(kind, params)}>
                {Icon === undefined ? null : <Icon size={14} />}
                <span className="start-place-title">{title}</span>
                <span className="start-place-where mono">{where === title ? '' : where}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What a person sees first: the ways in, where they were before, and that nothing happens unasked. */
export function StartScreen() {
  useReady('start');
  const commands = useCommandStore((store) => store.commands);
  const actions = ACTIONS.flatMap((action) => {
    const command = commands.get(action.command);
    return command === undefined ? [] : [{ ...action, key: keyOfCommand(command) }];
  });
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
      <div className="start-columns">
        <div>
          <ul className="start-actions">
            {actions.map((action) => (
              <li key={action.title}>
                <button type="button" className="start-action" onClick={() => runCommand(action.command)}>
                  {action.icon}
                  <span>
                    <span className="start-action-title">{action.title}</span>
                    <br />
                    <span className="muted">{action.detail}</span>
                  </span>
                  {action.key === null ? <ChevronRight size={16} aria-hidden /> : <kbd>{showKey(action.key)}</kbd>}
                </button>
              </li>
            ))}
          </ul>
          <Recent />
          <p className="start-note">
            <ShieldCheck size={15} aria-hidden />
            Nothing is contacted until you ask for it.
          </p>
        </div>
        <Tour />
      </div>
    </div>
  );
}
