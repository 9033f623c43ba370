import { FileSearch, Radio, Trash2 } from 'lucide-react';
import { useRef } from 'react';
import type { Recording } from '../../../electron/contract/trace.ts';
import { Button } from '../../components/button.tsx';
import { CheckField, ChoiceField } from '../../components/fields.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCountOf } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { openTab } from '../../state/shell-store.ts';
import { openCapture, recordingTitle, setTracePrefs, useTraceLibrary } from '../../state/trace-store.ts';
import { DeleteAsked } from './delete-asked.tsx';
import { askToFollow } from './follow-dialog.tsx';
import { CAPS } from './record-status.tsx';
import { SamplesMenu } from './samples-menu.tsx';
import './library-screen.css';
import './panes.css';

const DAYS = [1, 7, 30, 90, 365].map((days) => ({ value: String(days), label: days === 1 ? '1 day' : `${days} days` }));
const TOTALS = [1, 8, 32, 128].map((gib) => ({ value: String(gib * 2 ** 30), label: `${gib} GiB` }));
const STATES = { recording: 'recording', ended: 'ended', failed: 'stopped by an error' } as const;
const withOwn = (choices: readonly { value: string; label: string }[], value: number, label: string) =>
  choices.some((one) => one.value === String(value)) ? choices : [...choices, { value: String(value), label }];

/** The id of the button that opens a recording. */
const openerId = (id: string): string => `recording-${id}`;

interface RecordingRowProps {
  readonly recording: Recording;
  readonly onDelete: () => void;
}

function RecordingRow({ recording, onDelete }: RecordingRowProps) {
  const { id, portal, startedAt, bytes, mode, chapKept, state, error } = recording;
  const name = recordingTitle(recording);
  return (
    <tr>
      <td className="library-name">
        <button
          type="button"
          id={openerId(id)}
          className="link mono"
          onClick={() => openTab('trace', { recording: id })}
        >
          {name}
        </button>
      </td>
      <td className="mono">{portal}</td>
      <td>{new Date(startedAt).toLocaleString()}</td>
      <td className="mono" data-number>
        {formatBytes(BigInt(bytes))}
      </td>
      <td>{`${mode === 'full' ? 'everything' : 'headers'}${chapKept ? ', CHAP responses too' : ''}`}</td>
      <td title={error?.message}>{STATES[state]}</td>
      <td>
        {state === 'recording' ? null : (
          <DeleteAsked words="Delete" keep="Keep" onDelete={onDelete}>
            {(ask) => (
              <IconButton label={`Delete ${name}`} onClick={ask}>
                <Trash2 size={13} />
              </IconButton>
            )}
          </DeleteAsked>
        )}
      </td>
    </tr>
  );
}

function Rules() {
  const prefs = useTraceLibrary((library) => library.prefs);
  return (
    <div className="library-rules">
      <ChoiceField
        label="Record new sessions"
        width="medium"
        value={prefs.mode}
        choices={[
          { value: 'headers', label: 'Headers and first bytes' },
          { value: 'full', label: 'Everything, user data included' },
          { value: 'off', label: 'Not at all' },
        ]}
        onChange={(mode) => setTracePrefs({ mode })}
      />
      <ChoiceField
        label="A session keeps at most"
        width="medium"
        value={String(prefs.sessionCapBytes)}
        choices={withOwn(CAPS, prefs.sessionCapBytes, formatBytes(BigInt(prefs.sessionCapBytes)))}
        onChange={(text) => setTracePrefs({ sessionCapBytes: Number(text) })}
      />
      <ChoiceField
        label="All together at most"
        width="medium"
        value={String(prefs.totalCapBytes)}
        choices={withOwn(TOTALS, prefs.totalCapBytes, formatBytes(BigInt(prefs.totalCapBytes)))}
        onChange={(text) => setTracePrefs({ totalCapBytes: Number(text) })}
      />
      <ChoiceField
        label="Delete after"
        width="medium"
        value={String(prefs.retentionDays)}
        choices={withOwn(DAYS, prefs.retentionDays, `${prefs.retentionDays} days`)}
        onChange={(text) => setTracePrefs({ retentionDays: Number(text) })}
      />
      <CheckField
        label="Keep CHAP responses"
        help="Only to prove what was answered: with them a weak secret can be guessed. They are never shown here."
        checked={prefs.keepChap}
        onChange={(keepChap) => setTracePrefs({ keepChap })}
      />
    </div>
  );
}

/** Every recording and capture, how much they take, and the way to be rid of them. */
export function LibraryScreen() {
  const { recordings, captures, folder, prefs, known } = useTraceLibrary();
  const heading = useRef<HTMLHeadingElement>(null);
  useReady('traces', known);
  const ended = recordings.filter(({ state }) => state !== 'recording');
  const bytes = recordings.reduce((sum, one) => sum + one.bytes, 0);
  const purge = (gone: readonly Recording[]): void => {
    // What had the focus goes with its row: the row that takes its place has it then.
    const last = recordings.findIndex((one) => one === gone.at(-1));
    const rest = [...recordings.slice(last + 1), ...recordings.slice(0, last).reverse()];
    const next = rest.find((one) => !gone.includes(one));
    const opener = next === undefined ? null : document.getElementById(openerId(next.id));
    (opener ?? heading.current)?.focus();
    void request('trace.purge', { ids: gone.map(({ id }) => id) });
  };
  return (
    <div className="page library">
      <div className="page-head">
        <div>
          <h1>Traces</h1>
          <p className="page-lead">
            {prefs.mode === 'off'
              ? 'Sessions and discoveries are not recorded, as is set below; recordings made before stay here. '
              : 'Every session and discovery is recorded from its first byte, so that what went wrong can be looked at afterwards. '}
            Files can be read by you alone.
          </p>
        </div>
        <span className="page-spring" />
        <SamplesMenu />
        <Button onClick={askToFollow}>
          <Radio size={13} aria-hidden /> Follow live …
        </Button>
        <Button primary onClick={() => void openCapture()}>
          <FileSearch size={13} aria-hidden /> Open capture
        </Button>
      </div>
      <Rules />
      <section className="section">
        <h2 ref={heading} tabIndex={-1}>{`Recordings (${recordings.length}, ${formatBytes(BigInt(bytes))})`}</h2>
        {recordings.length === 0 ? (
          <p className="muted">Nothing is recorded yet. Sign in to a target, and its conversation is here.</p>
        ) : (
          <table className="table">
            <thead>
              <tr>
                {['Recording', 'Portal', 'Began', 'Size', 'Keeps', 'State'].map((name) => (
                  <th key={name} scope="col" data-number={name === 'Size'}>
                    {name}
                  </th>
                ))}
                <th scope="col">
                  <span className="visually-hidden">Delete</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {recordings.map((recording) => (
                <RecordingRow key={recording.id} recording={recording} onDelete={() => purge([recording])} />
              ))}
            </tbody>
          </table>
        )}
        <div className="pane-actions">
          {ended.length === 0 ? null : (
            <DeleteAsked
              words={`Delete ${formatCountOf(BigInt(ended.length), 'recording')} for good`}
              keep="Keep them"
              onDelete={() => purge(ended)}
            >
              {(ask) => (
                <Button onClick={ask}>
                  <Trash2 size={13} aria-hidden /> Delete all that have ended
                </Button>
              )}
            </DeleteAsked>
          )}
        </div>
        <p className="muted library-folder selectable mono">{folder}</p>
      </section>
      {captures.length === 0 ? null : (
        <section className="section">
          <div className="section-head">
            <h2>Captures opened before</h2>
            <Button onClick={() => void request('trace.forgetCaptures', undefined)}>Empty the list</Button>
          </div>
          <ul>
            {captures.map((path) => (
              <li key={path}>
                <button type="button" className="link mono" onClick={() => openTab('trace', { file: path })}>
                  {path}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
