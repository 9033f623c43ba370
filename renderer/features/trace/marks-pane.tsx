import { Bookmark, MessageSquare, Trash2 } from 'lucide-react';
import { useRef } from 'react';
import type { TraceMark } from '../../../electron/contract/trace.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { showKey } from '../../lib/keys.ts';
import './findings-pane.css';

interface MarksPaneProps {
  readonly marks: readonly TraceMark[];
  readonly onShow: (row: number) => void;
  readonly onMark: (mark: TraceMark) => void;
}

/** Every PDU the person has marked or written a comment on. */
export function MarksPane({ marks, onShow, onMark }: MarksPaneProps) {
  const list = useRef<HTMLUListElement>(null);
  if (marks.length === 0)
    return (
      <p className="panel-empty muted">
        {`Nothing is marked. ${showKey('Mod+M')} marks the PDU in focus, and a comment on it is written in Detail; exports that are not safe to share have both.`}
      </p>
    );
  const remove = (row: number, at: number): void => {
    const links = list.current?.querySelectorAll<HTMLElement>('.link');
    // The list itself has the focus once its last line goes.
    (links?.[at + 1] ?? links?.[at - 1] ?? list.current?.closest<HTMLElement>('.trace-pane'))?.focus();
    onMark({ row, marked: false, comment: '' });
  };
  return (
    <div className="pane">
      <ul ref={list} aria-label="Marks">
        {marks.map(({ row, marked, comment }, at) => (
          <li key={row} className="found">
            {comment === '' ? <Bookmark size={14} aria-hidden /> : <MessageSquare size={14} aria-hidden />}
            <p className="selectable">
              <button type="button" className="link mono" onClick={() => onShow(row)}>
                {`#${row + 1}`}
              </button>{' '}
              {comment === '' ? <span className="muted">Marked</span> : comment}
              {comment !== '' && marked ? <span className="muted">, marked</span> : null}
            </p>
            <IconButton
              label={`Remove ${comment === '' ? 'the mark' : 'mark and comment'} of PDU ${row + 1}`}
              onClick={() => remove(row, at)}
            >
              <Trash2 size={13} />
            </IconButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
