import { RotateCcw } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { IconButton } from '../../components/icon-button.tsx';
import { TextField } from '../../components/fields.tsx';
import { keyOf, showKey } from '../../lib/keys.ts';
import { matchWords } from '../../lib/match.ts';
import { useReady } from '../../lib/use-ready.ts';
import { commandForKey, keyOfCommand, useCommandStore, type Command } from '../../state/commands.ts';
import { useShell } from '../../state/shell-store.ts';
import './keys.css';

function setKey(id: string, key: string | null): void {
  const { settings, changeSettings } = useShell.getState();
  const keys = { ...settings?.keys };
  if (key === null) Reflect.deleteProperty(keys, id);
  else keys[id] = key;
  void changeSettings({ keys });
}

function KeyCell({ command }: { readonly command: Command }) {
  const [listening, setListening] = useState(false);
  const own = useShell((shell) => shell.settings?.keys[command.id]);
  const key = keyOfCommand(command);
  const [taken, setTaken] = useState<string | null>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!listening) return;
    const pressed = keyOf(event);
    if (pressed === null || pressed === 'Tab' || pressed === 'Shift+Tab') return;
    event.preventDefault();
    event.stopPropagation();
    setListening(false);
    if (pressed === 'Escape') return;
    const other = commandForKey(pressed);
    setTaken(other === undefined || other.id === command.id ? null : other.title);
    setKey(command.id, pressed === 'Backspace' || pressed === 'Delete' ? '' : pressed);
  };
  return (
    <div className="keys-cell">
      <button
        type="button"
        className="keys-key"
        aria-label={`Key of ${command.title}: ${key === null ? 'none' : showKey(key)}. Change it`}
        data-listening={listening}
        onClick={() => setListening(true)}
        onBlur={() => setListening(false)}
        onKeyDown={onKeyDown}
      >
        {listening ? 'Press a key' : key === null ? <span className="muted">none</span> : <kbd>{showKey(key)}</kbd>}
      </button>
      {own === undefined ? null : (
        <IconButton label={`Give ${command.title} its own key back`} onClick={() => setKey(command.id, null)}>
          <RotateCcw size={13} />
        </IconButton>
      )}
      {taken === null ? null : <span className="muted">{`It was the key of “${taken}”.`}</span>}
    </div>
  );
}

/** Every command and its key, which can be changed here. */
export function KeysScreen() {
  useReady('keys');
  const [text, setText] = useState('');
  const commands = useCommandStore((store) => store.commands);
  const rows = [...commands.values()].sort((a, b) => a.title.localeCompare(b.title));
  const shown = matchWords(
    rows.map((command) => ({ command, title: command.title, detail: command.id })),
    text,
  );
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Keys</h1>
          <p className="page-lead">
            Choose a key to change it: then press the new one, Delete for none, Escape to leave it as it is.
          </p>
        </div>
      </div>
      <TextField label="Find a command" value={text} onChange={setText} />
      <table className="table keys-table">
        <thead>
          <tr>
            <th scope="col">Command</th>
            <th scope="col">Key</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ command }) => (
            <tr key={command.id}>
              <td>{command.title}</td>
              <td>
                <KeyCell command={command} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
