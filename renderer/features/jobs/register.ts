import { useFindings } from '../../state/findings-store.ts';
import { useJobs } from '../../state/jobs-store.ts';
import { registerPanel, registerStatusItem } from '../../state/plugs.ts';
import { FindingsPanel } from './findings-panel.tsx';
import { JobsPanel, JobsStatus } from './jobs-panel.tsx';
import { LogPanel } from './log-panel.tsx';

const useRunning = (): number => useJobs(({ jobs }) => jobs.filter(({ state }) => state === 'running').length);
const useFound = (): number =>
  useFindings(({ bySource }) => [...bySource.values()].reduce((sum, list) => sum + list.length, 0));

/** The panels below: jobs, the log, findings. */
export function registerJobs(): void {
  registerPanel({ id: 'jobs', title: 'Jobs', order: 10, Content: JobsPanel, useCount: useRunning });
  registerPanel({ id: 'log', title: 'Log', order: 20, Content: LogPanel });
  registerPanel({ id: 'findings', title: 'Findings', order: 30, Content: FindingsPanel, useCount: useFound });
  registerStatusItem({ id: 'jobs', side: 'left', order: 40, Item: JobsStatus });
}
