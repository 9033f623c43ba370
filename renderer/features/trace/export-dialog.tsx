import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { ExportInput } from '../../../electron/contract/trace.ts';
import { Button } from '../../components/button.tsx';
import { CheckField, ChoiceField, TextField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { useJobs } from '../../state/jobs-store.ts';
import { ShareRules } from './share-rules.tsx';
import './dialogs.css';

type Scope = ExportInput['scope'];
type Format = ExportInput['format'];

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

const FORMATS = [
  { value: 'pcapng', label: 'pcapng, for Wireshark and support' },
  { value: 'jsonl', label: 'JSON Lines, one object a PDU' },
  { value: 'csv', label: 'CSV, for a spreadsheet' },
] as const;
const PERCENT = 100;

function Outcome({ path, onAgain }: { readonly path: string; readonly onAgain: () => void }) {
  const job = useJobs(({ jobs }) =>
    jobs.find(({ title, detail }) => title.startsWith('Export to') && detail.includes(path)),
  );
  if (job === undefined) return null;
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
  const [scope, setScope] = useState<Scope>(isChosen ? 'selected' : filtered ? 'filtered' : 'all');
  const [format, setFormat] = useState<Format>('pcapng');
  const [safe, setSafe] = useState(false);
  const [rewrite, setRewrite] = useState(true);
  const [port, setPort] = useState('3260');
  const [estimate, setEstimate] = useState<{ pdus: number; bytes: number } | null>(null);
  const [path, setPath] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  const rewrites = format === 'pcapng' && rewrite;
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
    const serverPort = rewrites ? Number(port) : null;
    const answer = await request('trace.export', { trace, view, scope, rows: [...rows], format, safe, serverPort });
    if (answer.ok) setPath(answer.value.path);
    else setError(answer.error);
  };
  const scopes = [
    { value: 'all' as const, label: 'All PDUs' },
    ...(filtered ? [{ value: 'filtered' as const, label: 'PDUs that pass the filter' }] : []),
    ...(rows.length > 0
      ? [{ value: 'selected' as const, label: `The selection (${formatCount(BigInt(rows.length))} PDUs)` }]
      : []),
  ];
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="export">
          <Dialog.Title className="export-title">Export the trace</Dialog.Title>
          <ChoiceField label="What" value={scope} choices={scopes} onChange={setScope} />
          <ChoiceField label="As" value={format} choices={FORMATS} onChange={setFormat} />
          <CheckField
            label="Safe to share"
            help="Data is zeroed, CHAP responses are gone, names and addresses are hashed. Sequence numbers stay, so that it can still be read."
            checked={safe}
            onChange={setSafe}
          />
          {safe ? <ShareRules /> : null}
          {format === 'pcapng' ? (
            <>
              <CheckField
                label="Give targets the port that Wireshark looks for"
                help="Wireshark reads iSCSI unasked on port 3260 alone."
                checked={rewrite}
                onChange={setRewrite}
              />
              {rewrite ? (
                <TextField
                  label="Port"
                  width="short"
                  mono
                  numeric
                  value={port}
                  onChange={setPort}
                  error={isPort ? null : 'A port is a number from 1 to 65535.'}
                />
              ) : null}
            </>
          ) : null}
          <p className="export-size" role="status">
            {estimate === null
              ? 'Counting …'
              : `${formatCount(BigInt(estimate.pdus))} PDUs, about ${formatBytes(BigInt(Math.round(estimate.bytes)))}`}
          </p>
          {error === null ? null : <ErrorNotice error={error} />}
          {path === null ? null : <Outcome path={path} onAgain={() => setPath(null)} />}
          <div className="export-actions">
            <Button onClick={onClose}>Close</Button>
            {path === null ? (
              <Button
                primary
                disabled={(rewrites && !isPort) || estimate === null || estimate.pdus === 0}
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
