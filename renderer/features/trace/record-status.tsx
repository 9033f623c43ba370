import { Popover } from '@base-ui/react/popover';
import { useEffect, useRef } from 'react';
import type { Recording, RecordMode } from '../../../electron/contract/trace.ts';
import { ChoiceField } from '../../components/fields.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes } from '../../lib/format.ts';
import { useExplorer } from '../../state/explorer-store.ts';
import type { TabParams } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { useTraceLibrary, watchTraceLibrary } from '../../state/trace-store.ts';
import '../../components/menu.css';
import './record-status.css';

const MODES: readonly { readonly value: RecordMode; readonly label: string }[] = [
  { value: 'off', label: 'Off' },
  { value: 'headers', label: 'Headers' },
  { value: 'full', label: 'Everything' },
];

/** Caps on offer, in bytes as text. */
export const CAPS = [16, 256, 1024, 4096, 16_384].map((mib) => ({
  value: String(mib * 2 ** 20),
  label: formatBytes(BigInt(mib) * 1_048_576n),
}));

function SessionRow({
  id,
  label,
  recording,
  onShow,
}: {
  readonly id: string;
  readonly label: string;
  readonly recording: Recording | undefined;
  readonly onShow: (recording: string) => void;
}) {
  const fallback = useTraceLibrary(({ prefs }) => prefs.sessionCapBytes);
  const cap = recording?.capBytes ?? fallback;
  const mode: RecordMode = recording?.mode ?? 'off';
  const caps = CAPS.some(({ value }) => value === String(cap))
    ? CAPS
    : [...CAPS, { value: String(cap), label: formatBytes(BigInt(cap)) }];
  const record = (nextMode: RecordMode, capBytes: number): void =>
    void request('trace.record', { session: id, mode: nextMode, capBytes });
  return (
    <li className="record-row">
      <p className="record-name">
        {label}
        <span className="muted">
          {recording === undefined ? ', not recorded' : `, ${formatBytes(BigInt(recording.bytes))}`}
        </span>
      </p>
      <div className="record-controls">
        <ChoiceField label="Record" width="short" value={mode} choices={MODES} onChange={(next) => record(next, cap)} />
        <ChoiceField
          label="Keep at most"
          width="short"
          value={String(cap)}
          choices={caps}
          onChange={(next) => record(mode, Number(next))}
        />
        {recording === undefined ? null : (
          <Popover.Close className="button" onClick={() => onShow(recording.id)}>
            Show
          </Popover.Close>
        )}
      </div>
    </li>
  );
}

const frontTab = (): HTMLElement | null => document.querySelector('.tab-button[aria-selected="true"]');

/** What is being recorded, in the status bar; choosing it brings up the controls of each session. */
export function RecordStatus() {
  useEffect(() => watchTraceLibrary(), []);
  const recordings = useTraceLibrary((library) => library.recordings);
  const sessions = useExplorer((store) => store.sessions).filter(({ state }) => state !== 'closed');
  const off = useTraceLibrary(({ prefs }) => prefs.mode === 'off');
  const live = recordings.filter(({ state, session }) => state === 'recording' && session !== null);
  const failed = recordings.some(({ state, session }) => state === 'failed' && session !== null);
  const words = failed ? 'Recording stopped' : live.length === 0 ? 'Not recording' : `Recording ${live.length}`;
  const leaves = useRef(false);
  /** What is shown has the focus then, and not the button these controls came from. */
  const show = (kind: string, params: TabParams = {}): void => {
    leaves.current = true;
    openTab(kind, params);
  };
  return (
    <Popover.Root
      onOpenChange={(open) => {
        if (open) leaves.current = false;
      }}
    >
      <Popover.Trigger className="status-button" id="record-status">
        <span className="record-dot" data-live={live.length > 0} data-failed={failed} aria-hidden />
        {words}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner side="top" align="start" sideOffset={6} className="menu-layer">
          <Popover.Popup className="record" finalFocus={() => (leaves.current ? frontTab() : true)}>
            <Popover.Title className="record-title">Recording</Popover.Title>
            {sessions.length === 0 ? (
              <p className="muted">
                {`No session is up. ${off ? 'New ones are not recorded, as is set up under Traces.' : 'Each one is recorded from its first byte when you sign in.'}`}
              </p>
            ) : (
              <>
                <p className="muted">
                  To record more or less of a session begins another recording, its next part; what was recorded until
                  then stays among the traces. Another cap holds at once, for the recording under way.
                </p>
                <ul>
                  {sessions.map(({ id, number, target }) => (
                    <SessionRow
                      key={id}
                      id={id}
                      onShow={(recording) => show('trace', { recording })}
                      label={`Session ${number}, ${target}`}
                      recording={recordings.find(({ session }) => session === id)}
                    />
                  ))}
                </ul>
              </>
            )}
            <Popover.Close className="link" onClick={() => show('traces')}>
              All recordings and captures
            </Popover.Close>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
