import type { Bookmark } from '../../../electron/contract/blocks.ts';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import type { BlockView } from './view-model.ts';

const COLOURS = 8;

/** Shows the bookmarks of the unit. */
export async function loadBookmarks(view: BlockView): Promise<void> {
  const answer = await request('bookmarks.read', { identity: view.facts.identity });
  if (answer.ok) view.set({ bookmarks: answer.value });
}

/** Replaces the bookmarks, here and on disk. */
export function changeBookmarks(view: BlockView, bookmarks: readonly Bookmark[]): void {
  view.set({ bookmarks });
  void request('bookmarks.write', { identity: view.facts.identity, bookmarks: [...bookmarks] }).then((answer) => {
    if (!answer.ok) toast(answer.error.message);
  });
}

/** Marks the selection, in a colour of its own. */
export function addBookmark(view: BlockView): void {
  const { bookmarks } = view.snapshot();
  const { offset, length } = view.range;
  const id = `${String(Date.now())}-${String(offset)}`;
  const colour = (bookmarks.length % COLOURS) + 1;
  changeBookmarks(view, [...bookmarks, { id, offset: String(offset), length: String(length), colour, note: '' }]);
}
