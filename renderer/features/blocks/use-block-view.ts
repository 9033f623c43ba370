import { useCallback, useEffect, useState } from 'react';
import type { BlockFacts } from '../../../electron/contract/blocks.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { LunSummary } from '../../../electron/contract/sessions.ts';
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
  /** The login the session is in; a later one makes the view ask again, however short the way there was. */
  readonly logins: number;
  /** What the list of LUNs tells of the size and the names; something else than before makes the view ask again. */
  readonly listed: string | null;
}

interface Loaded {
  readonly key: string;
  /** The question it answers. */
  readonly question: string;
  readonly view: BlockView | null;
  readonly error: WireError | null;
  /** The login it was last asked in. */
  readonly logins: number;
  /** The unit that is there now, where it is not the one the view is of. */
  readonly other: BlockFacts | null;
}

/** Another unit has come, rather than the same one with another size. */
const isAnother = (a: BlockFacts, b: BlockFacts): boolean => a.unit !== b.unit && a.identity !== b.identity;

const viewOf = (id: string, lun: string, facts: BlockFacts, onRefused: () => void): BlockView =>
  new BlockView(facts, lunReader({ id, lun, unit: facts.unit }, onRefused), useShell.getState().rows);

const isSame = (a: BlockFacts, b: BlockFacts): boolean =>
  a.identity === b.identity && a.unit === b.unit && a.bytes === b.bytes && a.blockSize === b.blockSize;

/** What the list tells of a LUN that a view has to ask again for when it changes. */
export const listedFacts = (summary: LunSummary | null): string | null =>
  summary === null
    ? null
    : [summary.bytes, summary.blockSize, summary.serial, ...summary.names.map(({ hex }) => hex)].join(' ');

/**
 * The view of a LUN: made anew when the unit has another size, kept while its session is away, and kept too where another
 * unit is found in its place, until the person opens that one.
 */
export function useBlockView({ id, lun, up, logins, listed }: BlockPlace) {
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
  const question = `${asked} ${logins} ${listed ?? ''}`;
  const view = loaded?.view ?? null;
  const ask = useCallback(() => setAsked((count) => count + 1), []);
  useEffect(() => {
    if (id === null || !up || (loaded?.key === key && loaded.question === question)) return undefined;
    let gone = false;
    void request('blocks.open', { id, lun }).then((answer) => {
      if (gone) return;
      const before = loaded?.view ?? null;
      const same = loaded?.key === key ? before : null;
      const next = { key, question, logins, error: null, other: null };
      // What was read stays in sight, with why no more of it can be.
      if (!answer.ok) setLoaded({ ...next, view: same, error: answer.error });
      else if (same !== null && isAnother(same.facts, answer.value))
        setLoaded({ ...next, view: same, other: answer.value });
      else if (same !== null && isSame(same.facts, answer.value)) {
        // Others may have written while the session was away.
        if (loaded !== null && loaded.logins !== logins) same.pages.forget();
        setLoaded({ ...next, view: same });
      } else {
        const made = viewOf(id, lun, answer.value, ask);
        // The same disk over another path or in another size: the reader stays where they were.
        if (before?.facts.identity === answer.value.identity) made.goTo(before.range.offset, before.range.length);
        setLoaded({ ...next, view: made });
      }
    });
    return () => {
      gone = true;
    };
  }, [id, lun, up, key, question, logins, loaded, ask]);
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
    /** The unit that has taken the place of the one in view. */
    other: loaded?.other ?? null,
    /** Leaves the unit in view for the one that is there now. */
    openOther: useCallback(() => {
      setLoaded((now) => {
        const other = now?.other ?? null;
        if (now === null || other === null) return now;
        const [at = '', place = ''] = now.key.split(' ');
        return { ...now, view: viewOf(at, place, other, ask), other: null };
      });
    }, [ask]),
    /** Where the view reads from, and the unit it stands for: what is asked of this place is asked of no other. */
    place: { id: readFrom, lun: readLun, unit: view?.facts.unit },
    /** Counts how often everything was read again. */
    round,
    readAgain,
    /** Begins anew, after an error. */
    startOver: useCallback(() => setLoaded(null), []),
  };
}
