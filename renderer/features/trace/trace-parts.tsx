import { Menu } from '@base-ui/react/menu';
import { Columns3 } from 'lucide-react';
import type { TraceState } from '../../../electron/contract/trace.ts';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCountOf } from '../../lib/format.ts';
import { formatNs } from './format.ts';
import type { Columns } from './use-columns.ts';
import '../../components/menu.css';

/** Pixels by which a key makes a column wider. */
const STEP = 16;

/** Which columns are shown, and in which order. */
export function ColumnsMenu({ columns }: { readonly columns: Columns }) {
  return (
    <Menu.Root>
      <Menu.Trigger className="icon-button" aria-label="Columns" title="Columns">
        <Columns3 size={14} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="menu-layer" align="end" sideOffset={4}>
          <Menu.Popup className="menu">
            {columns.all.map(({ column, visible, width }) => (
              <Menu.CheckboxItem
                key={column.id}
                className="menu-item"
                checked={visible}
                onCheckedChange={() => columns.toggle(column.id)}
                closeOnClick={false}
                onKeyDown={(event) => {
                  if (!event.altKey || !event.key.startsWith('Arrow')) return;
                  event.preventDefault();
                  event.stopPropagation();
                  const by = event.key === 'ArrowUp' || event.key === 'ArrowLeft' ? -1 : 1;
                  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') columns.move(column.id, by);
                  else columns.resize(column.id, width + by * STEP);
                }}
              >
                <span className="menu-check">{visible ? '✓' : ''}</span>
                {column.label}
                <span className="menu-spring" />
                <span className="menu-moves" aria-hidden>
                  <span
                    onClick={(event) => {
                      event.stopPropagation();
                      columns.move(column.id, -1);
                    }}
                  >
                    ↑
                  </span>
                  <span
                    onClick={(event) => {
                      event.stopPropagation();
                      columns.move(column.id, 1);
                    }}
                  >
                    ↓
                  </span>
                </span>
              </Menu.CheckboxItem>
            ))}
            <Menu.Separator className="menu-line" />
            <p className="menu-label">Alt and arrows move a column and size it.</p>
            <Menu.Item className="menu-item" onClick={columns.reset}>
              As they were at first
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

interface FactsProps {
  readonly trace: string;
  readonly state: TraceState;
  /** The person has stopped what was followed, by a button that is gone then. */
  readonly onStopped: () => void;
}

/** How the trace stands, and what its reader should know of it. */
export function Facts({ trace, state, onStopped }: FactsProps) {
  const { phase, bytes, totalBytes, dropped, lost, notes, spanNs, connections } = state;
  return (
    <div className="trace-facts">
      {phase === 'loading' ? (
        <>
          <progress value={totalBytes === null ? undefined : bytes / Math.max(1, totalBytes)} aria-label="Loading" />
          <span className="mono">{`${formatBytes(BigInt(bytes))} read`}</span>
        </>
      ) : null}
      {phase === 'following' ? (
        <span className="trace-live">
          <span className="record-dot" data-live="true" aria-hidden /> live
          {state.source === 'capture' ? (
            <button
              type="button"
              className="link"
              onClick={() => {
                void request('trace.stopFollowing', { trace });
                onStopped();
              }}
            >
              Stop
            </button>
          ) : null}
        </span>
      ) : null}
      <span>{`${connections} ${connections === 1 ? 'connection' : 'connections'}, ${formatNs(spanNs.end - spanNs.start)}`}</span>
      {lost === 0 ? null : (
        <span className="warn">{`${formatCountOf(BigInt(lost), 'PDU')} not recorded: the disk could not keep up`}</span>
      )}
      {dropped === 0 ? null : (
        <span className="warn">{`${formatCountOf(BigInt(dropped), 'older PDU')} deleted to stay within the cap`}</span>
      )}
      {notes.length === 0 ? null : (
        <details className="trace-notes">
          <summary>{`${notes.length} ${notes.length === 1 ? 'note' : 'notes'}`}</summary>
          <ul className="selectable">
            {notes.map((note, at) => (
              <li key={at}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
