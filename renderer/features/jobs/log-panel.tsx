import { useEffect, useRef } from 'react';
import type { LogLine } from '../../../electron/contract/jobs.ts';
import { Empty } from '../../components/empty.tsx';
import { VirtualRows, type VirtualHandle } from '../../components/virtual-rows.tsx';
import { formatClock } from '../../lib/format.ts';
import { runCommand } from '../../state/commands.ts';
import { useJobs } from '../../state/jobs-store.ts';

const ROW = 20;

function Line({ line }: { readonly line: LogLine }) {
  return (
    <div className="log-line" data-level={line.level}>
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

/** What the program did, line by line; it follows the end until one scrolls up. */
export function LogPanel() {
  const lines = useJobs((store) => store.lines);
  const rows = useRef<VirtualHandle>(null);
  useEffect(() => rows.current?.followEnd(), [lines]);
  if (lines.length === 0)
    return (
      <Empty compact action={{ label: 'Add portal', run: () => runCommand('portal.add') }}>
        Nothing has happened yet. Logins, lost connections and warnings are written here.
      </Empty>
    );
  return (
    <VirtualRows ref={rows} className="log" label="Log" role="log" count={lines.length} rowHeight={ROW}>
      {(index) => {
        const line = lines[index];
        return line === undefined ? null : <Line line={line} />;
      }}
    </VirtualRows>
  );
}
