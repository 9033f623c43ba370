import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { showKey } from '../../lib/keys.ts';
import { runCommand } from '../../state/commands.ts';
import { useShell } from '../../state/shell-store.ts';

const STEPS: readonly { readonly title: string; readonly text: string }[] = [
  {
    title: 'The tree on the left holds what you know',
    text: 'Portals, their targets, your sessions, their LUNs. Nothing is asked or signed in to before you say so.',
  },
  {
    title: 'Everything has a command and a key',
    text: `${showKey('Mod+Shift+P')} lists the commands, ${showKey('Mod+P')} goes to anything by name, ? shows all keys, F6 goes from region to region.`,
  },
  {
    title: 'Errors say why, and stay',
    text: 'What happened, what to try next, and the raw detail to hand to a colleague or a vendor, right where it happened.',
  },
  {
    title: 'The demo SAN is yours to break',
    text: 'Five targets inside this program, with trouble to switch on. Two clicks from here is a disk.',
  },
];

/** A short tour on the first run; once dismissed it does not come back. */
export function Tour() {
  const { settings, changeSettings } = useShell();
  const [at, setAt] = useState(0);
  const step = STEPS[at];
  if (settings === null || settings.tourSeen || step === undefined) return null;
  const end = (): void => void changeSettings({ tourSeen: true });
  const last = at === STEPS.length - 1;
  return (
    <aside className="tour" aria-label="A short tour">
      <p className="muted">{`${at + 1} of ${STEPS.length}`}</p>
      <h2 className="tour-title">{step.title}</h2>
      <p aria-live="polite">{step.text}</p>
      <div className="form-actions">
        {last ? (
          <Button
            onClick={() => {
              end();
              runCommand('demo.open');
            }}
          >
            Explore the demo SAN
          </Button>
        ) : (
          <Button onClick={() => setAt(at + 1)}>Next</Button>
        )}
        <button type="button" className="link" onClick={end}>
          Dismiss the tour
        </button>
      </div>
    </aside>
  );
}
