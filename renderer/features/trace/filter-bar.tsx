import { Filter, X } from 'lucide-react';
import { useEffect, useId, useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { completeFilter, FilterError, parseFilter, type Proposal } from '../../../core/browser.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { FilterState } from '../../../electron/contract/trace.ts';
import { formatCount, formatCountOf } from '../../lib/format.ts';
import { setTracePrefs, useTraceLibrary } from '../../state/trace-store.ts';
import { joinFilter, splitFilter } from './filter-text.ts';
import { SavedFilters } from './saved-filters.tsx';
import './filter-bar.css';

const MOST_HISTORY = 20;
const PAGE = 10;

interface Fault {
  readonly message: string;
  readonly from: number;
  readonly to: number;
  readonly suggestion: string | undefined;
}

function faultIn(text: string): Fault | null {
  if (text.trim() === '') return null;
  try {
    parseFilter(text);
    return null;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { message, from, to, suggestion } = error;
    return { message, from, to, suggestion };
  }
}

/** What the screen can ask of the bar. */
export interface FilterBarHandle {
  readonly focus: () => void;
}

interface FilterBarProps {
  readonly chips: readonly string[];
  readonly onChips: (chips: readonly string[]) => void;
  readonly filter: FilterState | null;
  readonly total: number;
  readonly unit: 'tasks' | 'PDUs';
  readonly ref?: Ref<FilterBarHandle>;
}

function remember(expression: string): void {
  if (expression === '') return;
  const { history } = useTraceLibrary.getState().prefs;
  setTracePrefs({ history: [expression, ...history.filter((one) => one !== expression)].slice(0, MOST_HISTORY) });
}

function FaultLine({
  text,
  fault,
  onFix,
}: {
  readonly text: string;
  readonly fault: Fault;
  readonly onFix: (text: string) => void;
}) {
  const { from, to, message, suggestion } = fault;
  return (
    <p className="filter-fault" role="alert">
      <code className="mono">
        {text.slice(0, from)}
        <mark>{text.slice(from, Math.max(to, from + 1)) || ' '}</mark>
        {text.slice(Math.max(to, from + 1))}
      </code>
      <span>{message}</span>
      {suggestion === undefined ? null : (
        <button
          type="button"
          className="link"
          onClick={() => onFix(`${text.slice(0, from)}${suggestion}${text.slice(to)}`)}
        >
          {`Use ${suggestion}`}
        </button>
      )}
    </p>
  );
}

const NO_PROPOSALS: readonly Proposal[] = [];

/** A condition that is being changed, and what was half typed before it. */
interface Edit {
  readonly chip: string;
  readonly kept: string;
}

interface ChipProps {
  readonly chip: string;
  readonly edited: boolean;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

function Chip({ chip, edited, onEdit, onRemove }: ChipProps) {
  return (
    <span className="filter-chip" data-edited={edited}>
      <button type="button" className="filter-chip-text mono" title="Change this condition" onClick={onEdit}>
        {chip}
      </button>
      <button type="button" className="filter-chip-close" aria-label={`Remove ${chip}`} onClick={onRemove}>
        <X size={11} aria-hidden />
      </button>
    </span>
  );
}

/** The filter: conditions that hold as chips, one more to type with completion, and how many rows are let through. */
export function FilterBar({ chips, onChips, filter, total, unit, ref }: FilterBarProps) {
  const [draft, setDraft] = useState('');
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [tried, setTried] = useState(false);
  const [started, setStarted] = useState<Edit | null>(null);
  // A condition that has gone elsewhere is not being changed any more.
  const edit = started !== null && chips.includes(started.chip) ? started : null;
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }));
  const completion = useMemo(() => (open ? completeFilter(draft, caret) : null), [open, draft, caret]);
  const proposals = completion?.proposals ?? NO_PROPOSALS;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // The list alone scrolls; the screen around it stays where it is.
    const [box, one] = [list.current, list.current?.children[at]];
    if (!(box instanceof HTMLElement) || !(one instanceof HTMLElement)) return;
    const low = one.offsetTop + one.offsetHeight - box.clientHeight;
    box.scrollTop = Math.max(low, Math.min(box.scrollTop, one.offsetTop));
  }, [at, proposals]);
  const fault = useMemo(() => faultIn(draft), [draft]);
  const expression = joinFilter(chips);
  const serverFault: WireError | null = filter?.error ?? null;

  const change = (text: string, place: number): void => {
    setDraft(text);
    setCaret(place);
    setTried(false);
  };
  const apply = (): void => {
    setOpen(false);
    if (fault !== null) {
      setTried(true);
      return;
    }
    const more = splitFilter(draft);
    if (more.length === 0 && edit === null) return;
    const at = edit === null ? chips.length : chips.indexOf(edit.chip);
    const next = [...new Set([...chips.slice(0, at), ...more, ...chips.slice(at + 1)])];
    onChips(next);
    remember(joinFilter(next));
    endEdit();
  };
  /** Puts what was half typed before back in place of a changed condition. */
  const endEdit = (): void => {
    const text = edit?.kept ?? '';
    setStarted(null);
    change(text, text.length);
  };
  /** A condition holds until what takes its place is entered. */
  const beginEdit = (chip: string): void => {
    setStarted({ chip, kept: edit?.kept ?? draft });
    change(chip, chip.length);
    input.current?.focus();
  };
  const remove = (chip: string): void => {
    if (chip === edit?.chip) endEdit();
    onChips(chips.filter((one) => one !== chip));
    input.current?.focus();
  };
  const take = (proposal: Proposal): void => {
    if (completion === null) return;
    const before = draft.slice(0, completion.from) + proposal.text + (proposal.kind === 'value' ? '' : ' ');
    change(before + draft.slice(completion.to).trimStart(), before.length);
    setAt(-1);
    setOpen(true);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const shown = open && proposals.length > 0;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setAt(shown ? (at + by + proposals.length + (at < 0 && by < 0 ? 1 : 0)) % proposals.length : 0);
    } else if ((event.key === 'PageDown' || event.key === 'PageUp') && shown) {
      event.preventDefault();
      const to = at + (event.key === 'PageDown' ? PAGE : -PAGE);
      setAt(Math.max(0, Math.min(proposals.length - 1, to)));
    } else if ((event.key === 'Enter' || event.key === 'Tab') && shown && at >= 0) {
      event.preventDefault();
      const proposal = proposals[at];
      if (proposal !== undefined) take(proposal);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      apply();
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      setOpen(false);
      setAt(-1);
    } else if (event.key === 'Escape' && edit !== null) {
      event.preventDefault();
      endEdit();
    } else if (event.key === 'Backspace' && draft === '' && chips.length > 0) {
      event.preventDefault();
      if (edit === null) beginEdit(chips.at(-1) ?? '');
      else remove(edit.chip);
    }
  };
  const thing = unit === 'tasks' ? 'task' : 'PDU';
  const found = unit === 'tasks' ? filter?.tasks : filter?.pdus;
  const share = filter === null || filter.total === 0 ? 1 : filter.scanned / filter.total;
  const words =
    found === undefined || expression === ''
      ? formatCountOf(BigInt(total), thing)
      : `${formatCount(BigInt(found))} of ${formatCountOf(BigInt(total), thing)}${filter?.done === false ? `, ${Math.floor(share * 100)} % looked at` : ''}`;
  return (
    <div className="filter">
      <div className="filter-bar" data-bad={(tried && fault !== null) || serverFault !== null}>
        <Filter size={13} aria-hidden />
        {chips.map((chip) => (
          <Chip
            key={chip}
            chip={chip}
            edited={chip === edit?.chip}
            onEdit={() => beginEdit(chip)}
            onRemove={() => remove(chip)}
          />
        ))}
        <input
          ref={input}
          className="filter-input mono"
          role="combobox"
          aria-label="Filter"
          aria-expanded={open && proposals.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={open && at >= 0 ? `${listId}-${at}` : undefined}
          aria-invalid={fault !== null}
          placeholder={
            edit !== null
              ? 'Enter to leave it out'
              : chips.length === 0
                ? 'Filter, such as  latency > 20ms && !ok'
                : 'and …'
          }
          spellCheck={false}
          autoComplete="off"
          value={draft}
          onChange={(event) => {
            change(event.target.value, event.target.selectionStart ?? event.target.value.length);
            setOpen(true);
            setAt(-1);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onKeyDown={onKeyDown}
          onBlur={() => {
            setOpen(false);
            setAt(-1);
          }}
        />
        <span className="filter-end">
          <span className="filter-count mono" role="status">
            {words}
          </span>
          {filter?.streams === true && expression !== '' ? (
            <span className="filter-note" title="Text and bytes are looked for in the file, not in the index alone.">
              reads the file
            </span>
          ) : null}
          <SavedFilters expression={expression} onChips={onChips} />
        </span>
      </div>
      {tried && fault !== null ? (
        <FaultLine text={draft} fault={fault} onFix={(text) => change(text, text.length)} />
      ) : null}
      {serverFault === null ? null : (
        <p className="filter-fault" role="alert">
          {serverFault.message}
        </p>
      )}
      <ul
        ref={list}
        tabIndex={-1}
        className="filter-proposals"
        id={listId}
        role="listbox"
        aria-label="Proposals"
        hidden={!open || proposals.length === 0}
        onMouseDown={(event) => event.preventDefault()}
      >
        {proposals.map((proposal, index) => (
          <li
            key={proposal.text}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            className="filter-proposal"
            onMouseDown={(event) => {
              event.preventDefault();
              take(proposal);
            }}
          >
            <span className="mono">{proposal.text}</span>
            <span className="muted">{proposal.help === '' ? proposal.kind : proposal.help}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
