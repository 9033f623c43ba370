import { Ban, Check, CircleAlert, LoaderCircle, X } from 'lucide-react';
import type { Job } from '../../../electron/contract/jobs.ts';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { request } from '../../lib/client.ts';
import { formatDuration } from '../../lib/format.ts';
import { runCommand } from '../../state/commands.ts';
import { useJobs } from '../../state/jobs-store.ts';
import { showPanel } from '../../state/shell-store.ts';
import './jobs.css';

const ICONS = {
  running: <LoaderCircle size={14} className="spin" aria-hidden />,
  done: <Check size={14} className="ok" aria-hidden />,
  failed: <CircleAlert size={14} className="err" aria-hidden />,
  cancelled: <Ban size={14} aria-hidden />,
};
const WORDS = { running: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled' };
const PERCENT = 100;

function figures({ state, progress, rate, etaMs, startedAt, endedAt }: Job): string {
  const parts: string[] = [];
  if (state === 'running' && progress !== null) parts.push(`${Math.floor(progress * PERCENT)} %`);
  if (rate !== null) parts.push(rate);
  if (state === 'running' && etaMs !== null) parts.push(`${formatDuration(etaMs)} left`);
  if (endedAt !== null) parts.push(`took ${formatDuration(endedAt - startedAt)}`);
  return parts.join(' · ');
}

function JobRow({ job }: { readonly job: Job }) {
  return (
    <li className="job">
      {ICONS[job.state]}
      <div className="job-words">
        <span className="job-title">{job.title}</span> <span className="muted">{job.detail}</span>
        {job.state === 'running' ? (
          <progress aria-label={job.title} max={1} {...(job.progress === null ? {} : { value: job.progress })} />
        ) : null}
        {job.error === null ? null : <ErrorNotice error={job.error} />}
      </div>
      <span className="job-figures mono">{figures(job)}</span>
      <span className="visually-hidden">{WORDS[job.state]}</span>
      {job.state === 'running' && job.cancellable ? (
        <IconButton label={`Cancel ${job.title}`} onClick={() => void request('jobs.cancel', { id: job.id })}>
          <X size={13} />
        </IconButton>
      ) : null}
    </li>
  );
}

/** Long work: what runs, how far it is, and what came of it. */
export function JobsPanel() {
  const jobs = useJobs((store) => store.jobs);
  const ended = jobs.some(({ state }) => state !== 'running');
  const last = jobs.find(({ state }) => state !== 'running');
  const running = jobs.filter(({ state }) => state === 'running');
  return (
    <div className="jobs">
      <p className="visually-hidden" role="status">
        {running.length > 0
          ? `Running: ${running.map(({ title }) => title).join(', ')}`
          : last === undefined
            ? ''
            : `${last.title}: ${WORDS[last.state]}`}
      </p>
      {jobs.length === 0 ? (
        <Empty compact action={{ label: 'Go to a LUN', run: () => runCommand('palette.places') }}>
          No work is under way. Measuring, searching, saving and discovery of many portals show up here.
        </Empty>
      ) : (
        <ul className="jobs-list">
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      )}
      {ended ? <Button onClick={() => void request('jobs.clear', undefined)}>Clear what has ended</Button> : null}
    </div>
  );
}

/** How much work runs, in the status bar; choosing it shows the panel. */
export function JobsStatus() {
  const jobs = useJobs((store) => store.jobs);
  const running = jobs.filter(({ state }) => state === 'running');
  const [first] = running;
  if (first === undefined) return null;
  const text = running.length === 1 ? `${first.title} ${figures(first)}` : `${running.length} jobs running`;
  return (
    <button type="button" className="status-button" onClick={() => showPanel('jobs')}>
      <LoaderCircle size={11} className="spin" aria-hidden />
      {text}
    </button>
  );
}
