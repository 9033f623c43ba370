import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { LogLine } from '../../../electron/contract/jobs.ts';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { Empty } from '../../components/empty.tsx';
import { CheckField } from '../../components/fields.tsx';
import { toast } from '../../components/toasts.tsx';
import { VirtualRows, type VirtualHandle } from '../../components/virtual-rows.tsx';
import { request } from '../../lib/client.ts';
import { formatClock, formatCountOf } from '../../lib/format.ts';
import { runCommand } from '../../state/commands.ts';
import { useJobs } from '../../state/jobs-store.ts';

const ROW = 20;

const asText = ({ at, level, source, text }: LogLine): string =>
  `${new Date(at).toISOString()} ${level} ${source === '' ? '' : `${source}: `}${text}`;

interface LineProps {
  readonly line: LogLine;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function Line({ line, chosen, onChoose }: LineProps) {
  return (
    <div className="log-line" data-level={line.level} data-chosen={chosen} onClick={onChoose}>
      <span className="mono muted">{formatClock(line.at)}</span>
      <span className="log-level">{line.level}</span>
      <span className="log-source mono" title={line.source}>
        {line.source}
      </span>
      <span className="log-text" title={line.text}>
        {line.text}
      </span>
    </div>
  );
}

/** What the program did, line by line; it follows the end until one scrolls up. A line that is chosen is shown whole. */
export function LogPanel() {
  const lines = useJobs((store) => store.lines);
  const [words, setWords] = useState('');
  const [gravely, setGravely] = useState(false);
  const [chosen, setChosen] = useState<LogLine | null>(null);
  const rows = useRef<VirtualHandle>(null);
  const shown = useMemo(() => {
    const wanted = words.trim().toLowerCase();
    return lines.filter((line) => (!gravely || line.level !== 'info') && asText(line).toLowerCase().includes(wanted));
  }, [lines, words, gravely]);
  useEffect(() => rows.current?.followEnd(), [shown]);
  if (lines.length === 0)
    return (
      <Empty compact action={{ label: 'Add portal', run: () => runCommand('portal.add') }}>
        Nothing has happened yet. Logins, lost connections and warnings are written here.
      </Empty>
    );
  const copy = async (): Promise<void> => {
    const answer = await request('clipboard.writeText', { text: `${shown.map(asText).join('\n')}\n` });
    toast(answer.ok ? `Copied ${formatCountOf(BigInt(shown.length), 'line')} of the log.` : answer.error.message);
  };
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = shown.findIndex(({ n }) => n === chosen?.n);
    const to = at < 0 ? shown.length - 1 : Math.min(shown.length - 1, Math.max(0, at + step));
    setChosen(shown[to] ?? null);
    rows.current?.show(to);
  };
  return (
    <div className="log-box">
      <div className="log-bar">
        <input
          className="input log-filter"
          aria-label="Show lines with"
          placeholder="Show lines with"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <CheckField label="Warnings and errors only" checked={gravely} onChange={setGravely} />
        <span className="muted">
          {shown.length === lines.length ? '' : `${shown.length} of ${formatCountOf(BigInt(lines.length), 'line')}`}
        </span>
        <span className="log-spring" />
        <Button disabled={shown.length === 0} onClick={() => void copy()}>
          Copy these lines
        </Button>
      </div>
      <VirtualRows
        ref={rows}
        className="log"
        label="Log"
        role="log"
        count={shown.length}
        rowHeight={ROW}
        onKeyDown={move}
      >
        {(index) => {
          const line = shown[index];
          return line === undefined ? null : (
            <Line key={line.n} line={line} chosen={line.n === chosen?.n} onChoose={() => setChosen(line)} />
          );
        }}
      </VirtualRows>
      {chosen === null ? null : (
        <div className="log-whole" role="status">
          <CopyText text={asText(chosen)} what="this line" />
        </div>
      )}
    </div>
  );
}
