import { useSyncExternalStore } from 'react';
import type { BlockView, ViewState } from './view-model.ts';

/** Follows the view's whole state: for what is drawn anew with every row that moves. */
export function useView(view: BlockView): ViewState {
  return useSyncExternalStore(view.subscribe, view.snapshot);
}

/** Follows one part of the state, which must be the same object as long as nothing in it changed; scrolling costs nothing else. */
export function usePart<T>(view: BlockView, part: (state: ViewState) => T): T {
  return useSyncExternalStore(view.subscribe, () => part(view.snapshot()));
}
