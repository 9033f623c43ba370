import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import { useState } from 'react';
import { checkIscsiName } from '../../../core/browser.ts';
import type { SignInProfile } from '../../../electron/contract/explorer.ts';
import type { Settings } from '../../../electron/contract/settings.ts';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { TextField } from '../../components/fields.tsx';
import { request } from '../../lib/client.ts';
import { formatPortal } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { runCommand } from '../../state/commands.ts';
import { useExplorer } from '../../state/explorer-store.ts';
import { openTab, useShell } from '../../state/shell-store.ts';
import './settings.css';

const THEMES: readonly { readonly value: Settings['theme']; readonly label: string }[] = [
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
  { value: 'system', label: 'As the system' },
];

const SECRETS: Readonly<Record<SignInProfile['secrets'], string>> = {
  store: 'in the system’s store',
  run: 'for this run only',
  none: 'no secret kept',
};

function InitiatorName({ current }: { readonly current: string }) {
  const changeSettings = useShell((shell) => shell.changeSettings);
  const [name, setName] = useState(current);
  const { problem } = checkIscsiName(name);
  return (
    <section className="section">
      <h2>Initiator name</h2>
      <div className="form">
        <TextField
          label="How this computer calls itself"
          mono
          value={name}
          error={problem}
          help="Arrays decide by this name what you may see. Sessions that are open keep the old one."
          onChange={setName}
        />
        <div className="form-actions">
          <Button
            disabled={problem !== null || name === current}
            onClick={() => void changeSettings({ initiatorName: name })}
          >
            Use this name
          </Button>
        </div>
      </div>
    </section>
  );
}

function Profiles() {
  const { profiles, secretStore } = useExplorer((store) => store.explorer);
  return (
    <section className="section">
      <h2>Remembered sign-ins</h2>
      <p className="field-help">
        {secretStore
          ? 'Secrets are sealed by the system and never shown again. One belongs to one host, port, target and name.'
          : 'This system has no store for secrets: they are kept in memory for this run, and forgotten at its end.'}
      </p>
      {profiles.length === 0 ? (
        <Empty action={{ label: 'Add portal', run: () => runCommand('portal.add') }}>
          None yet. A sign-in is remembered where “Remember this sign-in” is ticked.
        </Empty>
      ) : (
        <div className="table-scroll">
          <table className="table" aria-label="Remembered sign-ins">
            <thead>
              <tr>
                <th scope="col">Target</th>
                <th scope="col">Portal</th>
                <th scope="col">CHAP name</th>
                <th scope="col">Secret</th>
                <th scope="col">
                  <span className="visually-hidden">Forget</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {profiles.map(({ host, port, target, user, secrets }) => (
                <tr key={`${host} ${port} ${target}`}>
                  <td className="mono">{target}</td>
                  <td className="mono">{formatPortal({ host, port })}</td>
                  <td className="mono">{user ?? '–'}</td>
                  <td>{user === null ? '–' : SECRETS[secrets]}</td>
                  <td>
                    <button
                      type="button"
                      className="link"
                      onClick={() => void request('profiles.remove', { host, port, target })}
                    >
                      Forget
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** What can be set; a change holds at once and is kept. */
export function SettingsScreen() {
  const { settings, changeSettings } = useShell();
  const initiatorName = useExplorer((store) => store.explorer.initiatorName);
  useReady('settings');
  if (settings === null) return null;
  return (
    <div className="page">
      <div className="page-head">
        <h1>Settings</h1>
      </div>
      <section>
        <h2 id="theme-label" className="settings-label">
          Theme
        </h2>
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
      </section>
      <section className="section">
        <h2 id="numbers-label" className="settings-label">
          Numbers
        </h2>
        <ToggleGroup
          className="choice"
          aria-labelledby="numbers-label"
          value={[settings.numberBase]}
          onValueChange={([numberBase]: Settings['numberBase'][]) => {
            if (numberBase !== undefined) void changeSettings({ numberBase });
          }}
        >
          <Toggle value="decimal">Decimal</Toggle>
          <Toggle value="hex">Hex</Toggle>
        </ToggleGroup>
      </section>
      {initiatorName === '' ? null : <InitiatorName key={initiatorName} current={initiatorName} />}
      <Profiles />
      <section className="section">
        <h2>Keys</h2>
        <Button onClick={() => openTab('keys')}>Show and change keys</Button>
      </section>
    </div>
  );
}
