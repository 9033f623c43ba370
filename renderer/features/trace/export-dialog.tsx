import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { Job } from '../../../electron/contract/jobs.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCountOf } from '../../lib/format.ts';
import { useJobs } from '../../state/jobs-store.ts';
import { ExportOptions, isPort, type ExportPlan } from './export-options.tsx';
import './dialogs.css';

interface ExportDialogProps {
  readonly trace: string;
  readonly view: string;
  readonly filtered: boolean;
  /** The PDUs of the lines that are chosen, else of the one in focus. */
  readonly rows: readonly number[];
  /** Whether the person has chosen lines; the one in focus alone is not meant unless they say so. */
  readonly isChosen: boolean;
  readonly onClose: () => void;
}

const PERCENT = 100;

const useExportJob = (path: string | null): Job | undefined =>
  useJobs(({ jobs }) =>
    path === null
      ? undefined
      : jobs.find(({ title, detail }) => title.startsWith('Export to') && detail.includes(path)),
  );

interface OutcomeProps {
  readonly job: Job;
  readonly path: string;
  readonly onAgain: () => void;
}

function Outcome({ job, path, onAgain }: OutcomeProps) {
  if (job.state === 'running')
    return (
      <div className="export-running">
        <progress value={job.progress ?? 0} aria-label="Export" />
        <span className="mono">{`${Math.floor((job.progress ?? 0) * PERCENT)} %`}</span>
        <Button onClick={() => void request('jobs.cancel', { id: job.id })}>Cancel</Button>
      </div>
    );
  return (
    <div className="export-done" role="status">
      {job.error === null ? (
        <p className="selectable">{job.state === 'cancelled' ? 'The export was called off.' : job.detail}</p>
      ) : (
        <ErrorNotice error={job.error} />
      )}
      <div className="pane-actions">
        {job.state === 'done' ? (
          <Button onClick={() => void request('trace.reveal', { path })}>Show in folder</Button>
        ) : null}
        <Button onClick={onAgain}>Export again</Button>
      </div>
    </div>
  );
}

/** What is exported, as what, and how much it will be. */
export function ExportDialog({ trace, view, filtered, rows, isChosen, onClose }: ExportDialogProps) {
  const [plan, setPlan] = useState<ExportPlan>({
    scope: isChosen ? 'selected' : filtered ? 'filtered' : 'all',
    format: 'pcapng',
    safe: false,
    rewrite: true,
    port: '3260',
  });
  const [estimate, setEstimate] = useState<{ pdus: number; bytes: number } | null>(null);
  const [path, setPath] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const { scope, format, safe, rewrite, port } = plan;
  const rewrites = format === 'pcapng' && rewrite;
  const job = useExportJob(path);
  const running = asking || (path !== null && (job === undefined || job.state === 'running'));
  useEffect(() => {
    let gone = false;
    const input = { trace, view, scope, rows: [...rows], format, safe: false, serverPort: null };
    void request('trace.estimate', input).then((answer) => {
      if (!gone) setEstimate(answer.ok ? answer.value : null);
    });
    return () => {
      gone = true;
    };
  }, [trace, view, scope, rows, format]);
  const run = async (): Promise<void> => {
    setError(null);
    setAsking(true);
    const serverPort = rewrites ? Number(port) : null;
    const answer = await request('trace.export', { trace, view, scope, rows: [...rows], format, safe, serverPort });
    setAsking(false);
    if (answer.ok) setPath(answer.value.path);
    else setError(answer.error);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="export">
          <Dialog.Title className="export-title">Export the trace</Dialog.Title>
          <ExportOptions
            plan={plan}
            filtered={filtered}
            selected={rows.length}
            locked={running}
            onChange={(change) => {
              // What came of other choices says nothing of these.
              setPlan({ ...plan, ...change });
              setPath(null);
              setError(null);
            }}
          />
          <p className="export-size" role="status">
            {estimate === null
              ? 'Counting …'
              : `${formatCountOf(BigInt(estimate.pdus), 'PDU')}, about ${formatBytes(BigInt(Math.round(estimate.bytes)))}`}
          </p>
          {error === null ? null : <ErrorNotice error={error} />}
          {path === null || job === undefined ? null : <Outcome job={job} path={path} onAgain={() => setPath(null)} />}
          <div className="export-actions">
            <Button onClick={onClose}>Close</Button>
            {path === null ? (
              <Button
                primary
                disabled={asking || (rewrites && !isPort(port)) || estimate === null || estimate.pdus === 0}
                onClick={() => void run()}
              >
                Export …
              </Button>
            ) : null}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
