import { X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { IconButton } from '../components/icon-button.tsx';
import { usePlugs, type BottomPanel as Plug } from '../state/plugs.ts';
import { showPanel, togglePart, useShell } from '../state/shell-store.ts';

function Count({ useCount }: { readonly useCount: () => number }) {
  const count = useCount();
  return count === 0 ? null : <span className="panel-count mono">{count}</span>;
}

function PanelTab({ plug, selected }: { readonly plug: Plug; readonly selected: boolean }) {
  return (
    <button
      type="button"
      role="tab"
      id={`panel-tab-${plug.id}`}
      className="panel-tab"
      aria-selected={selected}
      aria-controls="bottom-panel-content"
      tabIndex={selected ? 0 : -1}
      onClick={() => showPanel(plug.id)}
    >
      {plug.title}
      {plug.useCount === undefined ? null : <Count useCount={plug.useCount} />}
    </button>
  );
}

/** The panel below the screens: jobs, the log, findings. */
export function BottomPanel() {
  const panels = usePlugs((plugs) => plugs.panels);
  const wanted = useShell((shell) => shell.panel);
  const shown = panels.find(({ id }) => id === wanted) ?? panels[0];
  if (shown === undefined) return null;
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = panels[panels.indexOf(shown) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    showPanel(next.id);
    document.getElementById(`panel-tab-${next.id}`)?.focus();
  };
  return (
    <section className="bottom" aria-label="Jobs, log and findings" data-region="panel">
      <div className="bottom-head">
        <div className="bottom-tabs" role="tablist" aria-label="Panels" onKeyDown={move}>
          {panels.map((plug) => (
            <PanelTab key={plug.id} plug={plug} selected={plug === shown} />
          ))}
        </div>
        <IconButton label="Close panel" onClick={() => togglePart('panel', false)}>
          <X size={13} />
        </IconButton>
      </div>
      <div
        className="bottom-content"
        id="bottom-panel-content"
        role="tabpanel"
        aria-labelledby={`panel-tab-${shown.id}`}
        tabIndex={0}
      >
        <shown.Content />
      </div>
    </section>
  );
}
