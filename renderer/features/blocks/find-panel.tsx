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
import { formatBytes, formatCount } from '../../lib/format.ts';
import { addRanges, type Range } from './ranges.ts';
import { usePart } from './use-view.ts';
import type { UnitPlace } from './pages.ts';
import type { BlockView } from './view-model.ts';
import './panels.css';

const ALL = 10_000;
const ROW = 22;

/** What the screen can ask of the search. */
export interface FindHandle {
  readonly step: (direction: 1 | -1) => void;
}

interface Outcome {
  readonly running: boolean;
  readonly item: SearchItem | null;
  readonly error: WireError | null;
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

function outcomeText({ running, item }: Outcome, count: number): string {
  const found = `${formatCount(BigInt(count))} found`;
  if (running) return `${found} so far`;
  if (item === null) return '';
  const skipped = BigInt(item.skippedBytes);
  return [
    item.ended === 'cancelled'
      ? `${found} before it was stopped`
      : item.ended === 'limit'
        ? `${found}; stopped there`
        : found,
    skipped > 0n ? `${formatBytes(skipped)} are not mapped, are zero by the unit's own word, and were skipped` : '',
    item.badBlocks > 0 ? `${item.badBlocks} blocks could not be read` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

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
  const [outcome, setOutcome] = useState<Outcome>({ running: false, item: null, error: null });
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

  const search = (direction: 'all' | 'next' | 'previous'): void => {
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
    const { offset } = view.range;
    const first = direction === 'next' && offset + 1n > low ? offset + 1n : low;
    const end = direction === 'previous' && offset < high + 1n ? offset : high + 1n;
    if (first >= end) {
      setProblem('There is nothing left to search in that direction.');
      return;
    }
    const one = direction !== 'all';
    if (!one) view.set({ hits: [] });
    setOutcome({ running: true, item: null, error: null });
    const mine = subscribe(
      'blocks.search',
      {
        ...place,
        query: asked,
        from: String(first),
        to: String(end),
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
          if (last !== undefined && last.ended !== 'no') setOutcome({ running: false, item: last, error: null });
        },
        onEnd: (error) => setOutcome((before) => ({ ...before, running: false, error })),
      },
    );
    stop.current = mine;
  };
  useImperativeHandle(ref, () => ({
    step: (direction) => {
      const known = view.snapshot().hits;
      if (known.length > 1) view.stepThrough(known, direction);
      else search(direction === 1 ? 'next' : 'previous');
    },
  }));

  return (
    <div className="hex-find">
      <ChoiceField label="Find" value={kind} choices={KINDS} onChange={setKind} />
      <TextField label="What" mono value={words} error={problem} onChange={setWords} onEnter={() => search('next')} />
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
        {outcomeText(outcome, hits.length)}
      </p>
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
