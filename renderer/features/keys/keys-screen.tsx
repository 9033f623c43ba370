import { RotateCcw } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { IconButton } from '../../components/icon-button.tsx';
import { TextField } from '../../components/fields.tsx';
import { keyOf, showKey } from '../../lib/keys.ts';
import { matchWords } from '../../lib/match.ts';
import { useReady } from '../../lib/use-ready.ts';
import { keyOfCommand, listensTo, useCommandStore, type ListedCommand } from '../../state/commands.ts';
import { useShell } from '../../state/shell-store.ts';
import './keys.css';

function setKey(id: string, key: string | null): void {
  const { settings, changeSettings } = useShell.getState();
  const keys = { ...settings?.keys };
  if (key === null) Reflect.deleteProperty(keys, id);
  else keys[id] = key;
  void changeSettings({ keys });
}

/** Whether two commands can be meant at the same moment. */
const meet = (a: ListedCommand, b: ListedCommand): boolean =>
  a.id !== b.id && (a.where === undefined || b.where === undefined || a.where === b.where);

interface KeyCellProps {
  readonly command: ListedCommand;
  readonly all: readonly ListedCommand[];
}

function KeyCell({ command, all }: KeyCellProps) {
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
    setTaken(all.find((other) => meet(command, other) && listensTo(other, pressed))?.title ?? null);
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
  const { commands, ofScreens } = useCommandStore();
  const all: readonly ListedCommand[] = [...new Map<string, ListedCommand>([...commands, ...ofScreens]).values()];
  const rows = [...all].sort((a, b) => a.title.localeCompare(b.title));
  const shown = matchWords(
    rows.map((command) => ({ command, title: command.title, detail: `${command.where ?? ''} ${command.id}` })),
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
              <td>
                {command.title} {command.where === undefined ? null : <span className="muted">{command.where}</span>}
              </td>
              <td>
                <KeyCell command={command} all={all} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
