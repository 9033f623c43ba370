import {
  AtSign,
  ChevronRight,
  Database,
  FlaskConical,
  FolderClosed,
  HardDrive,
  Monitor,
  Plug,
  Server,
  Target,
} from 'lucide-react';
import { useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import { VirtualRows, type VirtualHandle } from '../../components/virtual-rows.tsx';
import { openTab, tabId, useShell } from '../../state/shell-store.ts';
import { openSectors, TreeMenu } from './tree-menu.tsx';
import type { TreeRow } from './tree-model.ts';
import './tree.css';

const ROW = 22;
const STATE_WORDS = { ok: 'up', busy: 'busy', err: 'failed', off: 'ended' };

function RowIcon({ row }: { readonly row: TreeRow }) {
  switch (row.kind) {
    case 'root':
      if (row.key === 'demo') return <FlaskConical size={14} aria-hidden />;
      if (row.key === 'system') return <Monitor size={14} aria-hidden />;
      return <FolderClosed size={14} aria-hidden />;
    case 'portal':
      return <Server size={13} aria-hidden />;
    case 'target':
      return <Target size={13} aria-hidden />;
    case 'session':
    case 'path':
      return <Plug size={13} aria-hidden />;
    case 'lun':
      return row.badges.includes('thin') ? <Database size={13} aria-hidden /> : <HardDrive size={13} aria-hidden />;
    case 'kernel':
      return row.state === null ? <AtSign size={13} aria-hidden /> : <Plug size={13} aria-hidden />;
    case 'note':
      return null;
  }
}

function toggle(row: TreeRow, wanted?: boolean): void {
  if (row.expanded === null || row.expanded === wanted) return;
  useShell.setState(({ expanded }) => {
    const next = new Set(expanded);
    if (!next.delete(row.key)) next.add(row.key);
    return { expanded: next };
  });
}

function open(row: TreeRow): void {
  if (row.tab === null) toggle(row);
  else openTab(row.tab.kind, row.tab.params);
}

const parentOf = (rows: readonly TreeRow[], at: number): number => {
  const level = rows[at]?.level ?? 1;
  for (let i = at - 1; i >= 0; i -= 1) if ((rows[i]?.level ?? 0) < level) return i;
  return at;
};

/** Rows that lead to the screen of another row, which is the one to mark. */
const OF_ANOTHER: readonly TreeRow['kind'][] = ['note', 'kernel'];
const LONG = 28;
const TAIL = 10;

/** A label; the long name of a target is cut in its middle, since such names differ at their ends. */
function Label({ text, kind }: { readonly text: string; readonly kind: TreeRow['kind'] }) {
  if (kind !== 'target' || text.length <= LONG) return <span className="tree-label">{text}</span>;
  return (
    <span className="tree-label tree-label-long">
      <span className="tree-label-head">{text.slice(0, -TAIL)}</span>
      <span>{text.slice(-TAIL)}</span>
    </span>
  );
}

interface RowProps {
  readonly row: TreeRow;
  readonly index: number;
  readonly focused: boolean;
  readonly selected: boolean;
  readonly onChoose: (index: number) => void;
}

function Row({ row, index, focused, selected, onChoose }: RowProps) {
  return (
    <div
      id={`tree-${index}`}
      role="treeitem"
      className="tree-row"
      data-kind={row.kind}
      data-acts={row.kind === 'note' && row.tab !== null}
      data-level={row.level}
      data-focused={focused}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expanded ?? undefined}
      aria-selected={selected}
      title={row.title}
      onClick={() => {
        onChoose(index);
        open(row);
      }}
      onDoubleClick={() => openSectors(row)}
      onContextMenu={() => onChoose(index)}
    >
      <span className="tree-indent" style={{ '--depth': row.level - 1 } as CSSProperties} />
      <span
        className="tree-arrow"
        data-open={row.expanded === true}
        onClick={(event) => {
          event.stopPropagation();
          onChoose(index);
          toggle(row);
        }}
      >
        {row.expanded === null ? null : <ChevronRight size={13} aria-hidden />}
      </span>
      <RowIcon row={row} />
      {row.spoken === '' ? null : <span className="visually-hidden">{`${row.spoken} `}</span>}
      <Label text={row.label} kind={row.kind} /> <span className="tree-detail">{row.detail}</span>{' '}
      {row.badges.slice(0, 2).map((badge) => (
        <span key={badge} className="badge" data-kind={badge === 'error' ? 'err' : undefined}>
          {badge}
        </span>
      ))}
      {row.state === null ? null : (
        <>
          <span className="visually-hidden">{` ${STATE_WORDS[row.state]}`}</span>
          <span className="state-dot" data-state={row.state} aria-hidden />
        </>
      )}
    </div>
  );
}

/** The tree in rows: arrows walk and unfold, letters jump, Enter opens, Shift+Enter opens the bytes of a LUN. */
export function Tree({ rows }: { readonly rows: readonly TreeRow[] }) {
  const [focusedKey, setFocusedKey] = useState<string | null>(null);
  const typed = useRef({ text: '', at: 0 });
  const list = useRef<VirtualHandle>(null);
  const front = useShell((shell) => shell.active);
  const found = rows.findIndex(({ key }) => key === focusedKey);
  const at = found === -1 ? 0 : found;
  const go = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    setFocusedKey(row.key);
    list.current?.show(rows.indexOf(row));
  };
  const jump = (letter: string): void => {
    const now = Date.now();
    const text = (now - typed.current.at < 700 ? typed.current.text : '') + letter.toLowerCase();
    typed.current = { text, at: now };
    const order = [...rows.slice(at + (text.length === 1 ? 1 : 0)), ...rows.slice(0, at + 1)];
    const hit = order.find(
      ({ label }) => label.toLowerCase().startsWith(text) || label.toLowerCase().includes(`:${text}`),
    );
    if (hit !== undefined) go(rows.indexOf(hit));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (row === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(rows.length - 1);
    else if (event.key === 'PageDown') go(at + 15);
    else if (event.key === 'PageUp') go(at - 15);
    else if (event.key === 'ArrowRight') {
      if (row.expanded === false) toggle(row, true);
      else if (row.expanded === true) go(at + 1);
    } else if (event.key === 'ArrowLeft') {
      if (row.expanded === true) toggle(row, false);
      else go(parentOf(rows, at));
    } else if (event.key === 'Enter' && event.shiftKey) openSectors(row);
    else if (event.key === 'Enter' || event.key === ' ') open(row);
    else if (event.key.length === 1 && event.key !== '?') jump(event.key);
    else return;
    event.preventDefault();
  };
  return (
    <TreeMenu row={rows[at]} onOpen={open}>
      <VirtualRows
        ref={list}
        className="tree"
        label="Storage"
        role="tree"
        count={rows.length}
        rowHeight={ROW}
        activeDescendant={`tree-${at}`}
        onKeyDown={onKeyDown}
      >
        {(index) => {
          const row = rows[index];
          if (row === undefined) return null;
          const selected =
            !OF_ANOTHER.includes(row.kind) && row.tab !== null && tabId(row.tab.kind, row.tab.params) === front;
          return (
            <Row
              key={row.key}
              row={row}
              index={index}
              focused={index === at}
              selected={selected}
              onChoose={(chosen) => setFocusedKey(rows[chosen]?.key ?? null)}
            />
          );
        }}
      </VirtualRows>
    </TreeMenu>
  );
}
