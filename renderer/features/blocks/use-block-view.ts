import { useCallback, useEffect, useState } from 'react';
import type { BlockFacts } from '../../../electron/contract/blocks.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import { request } from '../../lib/client.ts';
import { useShell } from '../../state/shell-store.ts';
import { lunReader } from './pages.ts';
import { BlockView } from './view-model.ts';

/** Where a view reads from, and what is known of it. */
export interface BlockPlace {
  /** The session, or null while there is none. */
  readonly id: string | null;
  readonly lun: string;
  /** Whether the session can be asked now. */
  readonly up: boolean;
  /** The size that the list of LUNs tells; another one than before makes the view ask again. */
  readonly listedBytes: string | null;
}

interface Loaded {
  readonly key: string;
  /** The question it answers. */
  readonly question: string;
  readonly view: BlockView | null;
  readonly error: WireError | null;
}

const isSame = (a: BlockFacts, b: BlockFacts): boolean =>
  a.identity === b.identity && a.unit === b.unit && a.bytes === b.bytes && a.blockSize === b.blockSize;

/** The view of a LUN: made anew when it turns out to be another unit or of another size, kept while its session is away. */
export function useBlockView({ id, lun, up, listedBytes }: BlockPlace) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [asked, setAsked] = useState(0);
  const [round, setRound] = useState(0);
  const [wasUp, setWasUp] = useState(up);
  // Back from wherever it was, the session may have come to another unit.
  if (up !== wasUp) {
    setWasUp(up);
    if (up) setAsked((count) => count + 1);
  }
  const key = `${id ?? ''} ${lun}`;
  const question = `${asked} ${listedBytes ?? ''}`;
  const view = loaded?.view ?? null;
  const ask = useCallback(() => setAsked((count) => count + 1), []);
  useEffect(() => {
    if (id === null || !up || (loaded?.key === key && loaded.question === question)) return undefined;
    let gone = false;
    void request('blocks.open', { id, lun }).then((answer) => {
      if (gone) return;
      const before = loaded?.view ?? null;
      const same = loaded?.key === key ? before : null;
      // What was read stays in sight; its own reads say what is wrong.
      if (!answer.ok) setLoaded({ key, question, view: same, error: same === null ? answer.error : null });
      else if (same !== null && isSame(same.facts, answer.value)) setLoaded({ key, question, view: same, error: null });
      else {
        const made = new BlockView(
          answer.value,
          lunReader({ id, lun, unit: answer.value.unit }, ask),
          useShell.getState().rows,
        );
        // The same disk over another path or in another size: the reader stays where they were.
        if (before?.facts.identity === answer.value.identity) made.goTo(before.range.offset, before.range.length);
        setLoaded({ key, question, view: made, error: null });
      }
    });
    return () => {
      gone = true;
    };
  }, [id, lun, up, key, question, loaded, ask]);
  useEffect(() => {
    if (up) view?.pages.retry();
  }, [up, view]);
  const readAgain = useCallback(() => {
    view?.pages.forget();
    setRound((count) => count + 1);
    ask();
  }, [view, ask]);
  const [readFrom = '', readLun = ''] = (loaded?.key ?? '').split(' ');
  return {
    isLoaded: loaded !== null,
    view,
    error: loaded?.error ?? null,
    /** Where the view reads from, and the unit it stands for: what is asked of this place is asked of no other. */
    place: { id: readFrom, lun: readLun, unit: view?.facts.unit },
    /** Counts how often everything was read again. */
    round,
    readAgain,
    /** Begins anew, after an error. */
    startOver: useCallback(() => setLoaded(null), []),
  };
}
