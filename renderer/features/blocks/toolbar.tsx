import { ArrowLeft, ArrowRight, Lock, RefreshCw } from 'lucide-react';
import { useId, useImperativeHandle, useRef, useState, type Ref } from 'react';
import { parseAddress } from '../../../core/browser.ts';
import type { Layout } from '../../../electron/contract/layout.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { useShell } from '../../state/shell-store.ts';
import { TEXT_NAMES, type TextEncoding } from './row-text.ts';
import { usePart } from './use-view.ts';
import type { BlockView } from './view-model.ts';
import './toolbar.css';

type Rows = Layout['rows'];

const COLUMNS = [8, 12, 16, 20, 24, 32, 40, 48, 64];
const GROUPS = [
  [1, 'Bytes'],
  [2, 'Words'],
  [4, 'Dwords'],
  [8, 'Qwords'],
] as const;
const ENCODINGS = (Object.keys(TEXT_NAMES) as TextEncoding[]).map((each) => [each, TEXT_NAMES[each]] as const);

/** What the screen can ask of the address bar. */
export interface AddressHandle {
  readonly focus: () => void;
}

interface ToolbarProps {
  readonly view: BlockView;
  readonly ref: Ref<AddressHandle>;
  /** Called when the address bar has led somewhere. */
  readonly onGone: () => void;
}

function AddressBar({ view, ref, onGone }: ToolbarProps) {
  const [words, setWords] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const problemId = useId();
  useImperativeHandle(ref, () => ({ focus: () => input.current?.select() }));
  const go = (): void => {
    const { selection } = view.snapshot();
    const parsed = parseAddress(words, { blockSize: view.blockSize, size: view.size, cursor: selection.cursor });
    if (!parsed.ok) {
      setProblem(parsed.problem);
      return;
    }
    setProblem(null);
    view.goTo(parsed.address);
    onGone();
  };
  return (
    <div className="hex-address">
      <input
        ref={input}
        className="input mono"
        aria-label="Go to address"
        placeholder="lba:2048, 0x.., +4k, -1, 50%, end"
        spellCheck={false}
        value={words}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : problemId}
        onChange={(event) => {
          setWords(event.target.value);
          setProblem(null);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go();
        }}
      />
      {problem === null ? null : (
        <p className="hex-address-problem" id={problemId} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

interface ChooseProps<T extends string | number> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

function Choose<T extends string | number>({ label, value, choices, onChange }: ChooseProps<T>) {
  return (
    <select
      className="input hex-choose"
      aria-label={label}
      title={label}
      value={value}
      onChange={(event) => {
        const chosen = choices.find(([each]) => String(each) === event.target.value);
        if (chosen !== undefined) onChange(chosen[0]);
      }}
    >
      {choices.map(([each, words]) => (
        <option key={each} value={each}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** Where to go, how bytes are laid out, and that nothing is written. */
export function Toolbar({ view, ref, onGone, onReadAgain }: ToolbarProps & { readonly onReadAgain: () => void }) {
  const columns = usePart(view, (state) => state.columns);
  const grouping = usePart(view, (state) => state.group);
  const order = usePart(view, (state) => state.endian);
  const text = usePart(view, (state) => state.encoding);
  const addresses = usePart(view, (state) => state.addresses);
  const { writeProtected } = view.facts;
  // The next view begins as this one was left.
  const change = (wanted: Partial<Rows>): void => {
    useShell.setState(({ rows }) => ({ rows: { ...rows, ...wanted } }));
    view.relayout(wanted);
  };
  return (
    <div className="hex-toolbar" role="toolbar" aria-label="Sectors">
      <IconButton label="Back (Alt+Left)" side="bottom" onClick={() => view.back()}>
        <ArrowLeft size={14} />
      </IconButton>
      <IconButton label="Forward (Alt+Right)" side="bottom" onClick={() => view.forward()}>
        <ArrowRight size={14} />
      </IconButton>
      <AddressBar view={view} ref={ref} onGone={onGone} />
      <Choose
        label="Bytes in a row"
        value={columns}
        choices={COLUMNS.map((count) => [count, `${count} columns`] as const)}
        onChange={(wanted) => change({ columns: wanted })}
      />
      <Choose label="Grouping" value={grouping} choices={GROUPS} onChange={(group) => change({ group })} />
      <Choose
        label="Byte order"
        value={order}
        choices={[
          ['little', 'Little-endian'],
          ['big', 'Big-endian'],
        ]}
        onChange={(endian) => change({ endian })}
      />
      <Choose label="Text" value={text} choices={ENCODINGS} onChange={(encoding) => change({ encoding })} />
      <Choose
        label="Gutter"
        value={addresses ? 'addresses' : 'blocks'}
        choices={[
          ['blocks', 'LBA'],
          ['addresses', 'LBA, address'],
        ]}
        onChange={(gutter) => change({ addresses: gutter === 'addresses' })}
      />
      <IconButton label="Read again (F5)" side="bottom" onClick={onReadAgain}>
        <RefreshCw size={13} />
      </IconButton>
      <span className="page-spring" />
      <span
        className="hex-lock"
        title={`This view only reads. ${writeProtected ? 'The unit is write protected as well.' : 'Nothing you do here can change the LUN.'}`}
      >
        <Lock size={12} aria-hidden /> Read only
      </span>
    </div>
  );
}
