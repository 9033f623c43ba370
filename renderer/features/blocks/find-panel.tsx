import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import {
  parseAddress,
  parseSearch,
  type SearchEncoding,
  type SearchKind,
  type SearchQuery,
} from '../../../core/browser.ts';
import type { SearchItem } from '../../../electron/contract/blocks.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { ChoiceField, CheckField, TextField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { subscribe } from '../../lib/client.ts';
import { formatBytes, formatCount, formatCountOf } from '../../lib/format.ts';
import { addRanges, type Range } from './ranges.ts';
import { spanOf, spanWords, type Direction, type SearchSpan } from './search-span.ts';
import { usePart } from './use-view.ts';
import type { UnitPlace } from './pages.ts';
import type { BlockView } from './view-model.ts';
import './panels.css';

const ALL = 10_000;
const ROW = 22;

/** What the screen can ask of the search. */
export interface FindHandle {
  readonly focus: () => void;
  readonly step: (direction: 1 | -1) => void;
}

interface Outcome {
  readonly running: boolean;
  readonly item: SearchItem | null;
  readonly error: WireError | null;
  /** Where it looks or looked, and how many places it found there. */
  readonly span: SearchSpan | null;
  readonly found: number;
}

const KINDS: readonly { readonly value: SearchKind; readonly label: string }[] = [
  { value: 'hex', label: 'Hex, ? for any digit' },
  { value: 'text', label: 'Text' },
  { value: 'regex', label: 'Regular expression' },
  { value: 'number', label: 'Number' },
];
const ENCODINGS: readonly { readonly value: SearchEncoding; readonly label: string }[] = [
  { value: 'utf-8', label: 'UTF-8' },
  { value: 'ascii', label: 'ASCII' },
  { value: 'latin1', label: 'Latin-1' },
  { value: 'utf-16le', label: 'UTF-16 little-endian' },
  { value: 'utf-16be', label: 'UTF-16 big-endian' },
];
const NUMBERS = ['integer 1', 'integer 2', 'integer 4', 'integer 8', 'float 4', 'float 8'] as const;

/** Whether a search for the one next place has come to the end of its span without any. */
const foundNothing = ({ item, span, found }: Outcome): boolean =>
  item?.ended === 'done' && span !== null && span.direction !== 'all' && found === 0;

function outcomeText(outcome: Outcome, count: number, blockSize: number): string {
  const { running, item, span } = outcome;
  const where = span === null ? '' : spanWords(span, blockSize);
  const found = foundNothing(outcome)
    ? `Nothing ${span?.wrapped === true ? 'in the whole range' : where}`
    : `${formatCount(BigInt(count))} found${where === '' ? '' : `, looked ${where}`}`;
  if (running) return where === '' ? `${found} so far` : `Looking ${where}`;
  if (item === null) return '';
  const skipped = BigInt(item.skippedBytes);
  return [
    item.ended === 'cancelled'
      ? `${found} before it was stopped`
      : item.ended === 'limit' && span?.direction === 'all'
        ? `${found}; stopped there`
        : found,
    skipped > 0n ? `${formatBytes(skipped)} are not mapped, are zero by the unit's own word, and were skipped` : '',
    item.badBlocks > 0 ? `${formatCountOf(BigInt(item.badBlocks), 'block')} could not be read` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

const NOTHING: SearchItem = { hits: [], ended: 'done', skippedBytes: '0', badBlocks: 0 };
const NO_OUTCOME: Outcome = { running: false, item: null, error: null, span: null, found: 0 };

/** Finds bytes on the LUN; hits come while the search runs, and stay when it is stopped. */
export function FindPanel({
  view,
  place,
  ref,
}: {
  readonly view: BlockView;
  readonly place: UnitPlace;
  readonly ref: Ref<FindHandle>;
}) {
  const hits = usePart(view, (state) => state.hits);
  const endian = usePart(view, (state) => state.endian);
  const [kind, setKind] = useState<SearchKind>('hex');
  const [words, setWords] = useState('');
  const [encoding, setEncoding] = useState<SearchEncoding>('utf-8');
  const [ignoreCase, setIgnoreCase] = useState(false);
  const [number, setNumber] = useState<(typeof NUMBERS)[number]>('integer 4');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome>(NO_OUTCOME);
  /** What the places on show were searched for. */
  const [shownFor, setShownFor] = useState('');
  const what = useRef<HTMLInputElement>(null);
  const stop = useRef<(() => void) | null>(null);
  // A view that is closed leaves nobody to look at what is found.
  useEffect(() => () => stop.current?.(), []);

  const query = (): SearchQuery => {
    const [type, size] = number.split(' ') as ['integer' | 'float', string];
    return { kind, words, encoding, ignoreCase, number: { type, size: Number(size) as 1 | 2 | 4 | 8, endian } };
  };
  const bound = (text: string, otherwise: bigint): bigint | string => {
    if (text.trim() === '') return otherwise;
    const { cursor } = view.snapshot().selection;
    const parsed = parseAddress(text, { blockSize: view.blockSize, size: view.size, cursor });
    return parsed.ok ? parsed.address : parsed.problem;
  };

  const asNumber = kind === 'number' ? [number, endian] : [];
  const asksFor = JSON.stringify([kind, words, encoding, ignoreCase, asNumber, from, to]);
  const isNew = asksFor !== shownFor;
  /** Goes round the end where nothing was left in that direction before. */
  const search = (direction: Direction): void => {
    const asked = query();
    const parsed = parseSearch(asked);
    const low = bound(from, 0n);
    const high = bound(to, view.size - 1n);
    if (!parsed.ok || typeof low === 'string' || typeof high === 'string') {
      setProblem(!parsed.ok ? parsed.problem : typeof low === 'string' ? low : typeof high === 'string' ? high : null);
      return;
    }
    setProblem(null);
    stop.current?.();
    const cursor = view.range.offset;
    const before = outcome.span;
    const wrapped = !isNew && foundNothing(outcome) && before?.direction === direction && !before.wrapped;
    const onHit = !isNew && view.snapshot().hits.some(({ offset }) => offset === cursor);
    const span = spanOf({ direction, wrapped, low, high, cursor, onHit });
    const one = direction !== 'all';
    if (!one || isNew) view.set({ hits: [] });
    setShownFor(asksFor);
    if (span.first >= span.end) {
      setOutcome({ ...NO_OUTCOME, span, item: NOTHING });
      return;
    }
    setOutcome({ ...NO_OUTCOME, running: true, span });
    const mine = subscribe(
      'blocks.search',
      {
        ...place,
        query: asked,
        from: String(span.first),
        to: String(span.end),
        backward: direction === 'previous',
        limit: one ? 1 : ALL,
      },
      {
        onItems: (items) => {
          const found = items.flatMap((item) =>
            item.hits.map((hit): Range => ({ offset: BigInt(hit.offset), length: BigInt(hit.length) })),
          );
          const [hit] = found;
          if (one && hit !== undefined) {
            view.set({ hits: addRanges(view.snapshot().hits, [hit]) });
            view.goTo(hit.offset, hit.length);
          } else if (found.length > 0) view.set({ hits: addRanges(view.snapshot().hits, found) });
          const last = items.at(-1);
          const ended = last === undefined || last.ended === 'no' ? {} : { running: false, item: last };
          setOutcome((now) => ({ ...now, ...ended, found: now.found + found.length }));
        },
        onEnd: (error) => setOutcome((before) => ({ ...before, running: false, error })),
      },
    );
    stop.current = mine;
  };
  useImperativeHandle(ref, () => ({
    focus: () => {
      what.current?.focus();
      what.current?.select();
    },
    step: (direction) => {
      const known = view.snapshot().hits;
      if (known.length > 1 && !isNew) view.stepThrough(known, direction);
      else search(direction === 1 ? 'next' : 'previous');
    },
  }));

  return (
    <div className="hex-find">
      <ChoiceField label="Find" value={kind} choices={KINDS} onChange={setKind} />
      <TextField
        label="What"
        ref={what}
        mono
        value={words}
        error={problem}
        onChange={setWords}
        onEnter={() => search('next')}
      />
      {kind === 'text' ? (
        <ChoiceField label="Written as" value={encoding} choices={ENCODINGS} onChange={setEncoding} />
      ) : null}
      {kind === 'number' ? (
        <ChoiceField
          label={`As, ${endian}-endian`}
          value={number}
          choices={NUMBERS.map((value) => ({ value, label: `${value} bytes` }))}
          onChange={setNumber}
        />
      ) : null}
      {kind === 'text' || kind === 'regex' ? (
        <CheckField label="Any case" checked={ignoreCase} onChange={setIgnoreCase} />
      ) : null}
      <div className="hex-pair">
        <TextField label="From" mono value={from} placeholder="start" onChange={setFrom} />
        <TextField label="To" mono value={to} placeholder="end" onChange={setTo} />
      </div>
      <div className="hex-actions">
        <Button primary onClick={() => search('next')}>
          Next
        </Button>
        <Button onClick={() => search('previous')}>Previous</Button>
        <Button onClick={() => search('all')}>All</Button>
        {outcome.running ? <Button onClick={() => stop.current?.()}>Stop</Button> : null}
      </div>
      <p className="muted" role="status">
        {isNew ? '' : outcomeText(outcome, hits.length, view.blockSize)}
      </p>
      {!isNew && foundNothing(outcome) && outcome.span?.wrapped === false ? (
        <Button onClick={() => search(outcome.span?.direction ?? 'next')}>
          {outcome.span.direction === 'next' ? 'Search from the beginning' : 'Search back from the end'}
        </Button>
      ) : null}
      {outcome.error === null ? null : <ErrorNotice error={outcome.error} />}
      {hits.length === 0 ? null : (
        <VirtualRows className="hex-hits" count={hits.length} rowHeight={ROW} label="Places found" role="group">
          {(index) => {
            const hit = hits[index];
            if (hit === undefined) return null;
            return (
              <button
                key={String(hit.offset)}
                type="button"
                className="hex-hit-row mono button-reset"
                onClick={() => view.goTo(hit.offset, hit.length)}
              >
                <span>{`0x${hit.offset.toString(16)}`}</span>
                <span className="muted">{`block ${String(hit.offset / BigInt(view.blockSize))}`}</span>
              </button>
            );
          }}
        </VirtualRows>
      )}
    </div>
  );
}
