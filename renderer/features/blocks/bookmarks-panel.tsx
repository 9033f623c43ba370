import { Trash2 } from 'lucide-react';
import { IconButton } from '../../components/icon-button.tsx';
import { Button } from '../../components/button.tsx';
import { addBookmark, changeBookmarks } from './bookmarks.ts';
import { usePart } from './use-view.ts';
import type { BlockView } from './view-model.ts';
import './panels.css';

const COLOURS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Marked places of this unit, whatever path leads to it. */
export function BookmarksPanel({ view }: { readonly view: BlockView }) {
  const bookmarks = usePart(view, (state) => state.bookmarks);
  const change = (id: string, part: { readonly note?: string; readonly colour?: number }): void =>
    changeBookmarks(
      view,
      bookmarks.map((one) => (one.id === id ? { ...one, ...part } : one)),
    );
  return (
    <div className="hex-list">
      <div className="hex-actions">
        <Button onClick={() => addBookmark(view)}>Bookmark the selection</Button>
      </div>
      {bookmarks.length === 0 ? (
        <p className="muted">No bookmarks yet. They are kept by the name of the unit.</p>
      ) : null}
      <ul>
        {bookmarks.map((one) => (
          <li key={one.id} className="hex-mark">
            <button
              type="button"
              className="link mono"
              onClick={() => view.goTo(BigInt(one.offset), BigInt(one.length))}
            >
              {`0x${BigInt(one.offset).toString(16)}`}
            </button>
            <span className="muted mono">{`${one.length} B`}</span>
            <select
              className="input hex-colour"
              data-colour={one.colour}
              aria-label="Colour"
              value={one.colour}
              onChange={(event) => change(one.id, { colour: Number(event.target.value) })}
            >
              {COLOURS.map((colour) => (
                <option key={colour} value={colour}>{`Colour ${colour}`}</option>
              ))}
            </select>
            <IconButton
              label="Remove the bookmark"
              onClick={() =>
                changeBookmarks(
                  view,
                  bookmarks.filter(({ id }) => id !== one.id),
                )
              }
            >
              <Trash2 size={13} />
            </IconButton>
            <input
              className="input"
              aria-label="Note"
              placeholder="Note"
              value={one.note}
              onChange={(event) => change(one.id, { note: event.target.value })}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
