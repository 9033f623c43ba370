import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import type { Settings } from '../../../electron/contract/settings.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useShell } from '../../state/shell-store.ts';
import './settings.css';

const THEMES: readonly { readonly value: Settings['theme']; readonly label: string }[] = [
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
  { value: 'system', label: 'As the system' },
];

/** What can be set; a change holds at once and is kept. */
export function SettingsScreen() {
  const { settings, changeSettings } = useShell();
  useReady('settings');
  if (settings === null) return null;
  return (
    <div className="page">
      <div className="page-head">
        <h1>Settings</h1>
      </div>
      <h2 id="theme-label">Theme</h2>
      <p className="section-gap" />
      <ToggleGroup
        className="choice"
        aria-labelledby="theme-label"
        value={[settings.theme]}
        onValueChange={([theme]: Settings['theme'][]) => {
          if (theme !== undefined) void changeSettings({ theme });
        }}
      >
        {THEMES.map(({ value, label }) => (
          <Toggle key={value} value={value}>
            {label}
          </Toggle>
        ))}
      </ToggleGroup>
    </div>
  );
}
