import { X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { IconButton } from '../components/icon-button.tsx';
import { useShell, type Screen } from '../state/shell-store.ts';

/** The words on each tab. */
export const TITLES: Record<Screen, string> = {
  start: 'Start',
  demo: 'Demo SAN',
  settings: 'Settings',
  about: 'About',
};

/** The open screens; arrow keys walk them, one of them is in the Tab order. */
export function TabStrip() {
  const { tabs, active, show, close } = useShell();
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs[tabs.indexOf(active) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    show(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Open screens" onKeyDown={move}>
      {tabs.map((screen) => (
        <div key={screen} className="tab" data-active={screen === active} role="presentation">
          <button
            type="button"
            role="tab"
            id={`tab-${screen}`}
            className="tab-button"
            aria-selected={screen === active}
            aria-controls="tab-panel"
            tabIndex={screen === active ? 0 : -1}
            onClick={() => show(screen)}
          >
            {TITLES[screen]}
          </button>
          <IconButton label={`Close ${TITLES[screen]}`} tabIndex={-1} side="bottom" onClick={() => close(screen)}>
            <X size={13} />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
