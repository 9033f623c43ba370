import { create } from 'zustand';
import type { Job, LogLine } from '../../electron/contract/jobs.ts';
import { subscribe } from '../lib/client.ts';

const KEPT_LINES = 5000;

interface JobsStore {
  readonly jobs: readonly Job[];
  readonly lines: readonly LogLine[];
}

/** The jobs and the log as the main process tells of them. */
export const useJobs = create<JobsStore>()(() => ({ jobs: [], lines: [] }));

/** Follows both; gives the function that ends it. */
export function watchJobs(): () => void {
  useJobs.setState({ jobs: [], lines: [] });
  const jobs = subscribe('jobs.state', undefined, {
    onItems: (items) => {
      const last = items.at(-1);
      if (last !== undefined) useJobs.setState({ jobs: last });
    },
    onEnd: () => undefined,
  });
  const lines = subscribe('log.lines', undefined, {
    onItems: (items) => useJobs.setState(({ lines: before }) => ({ lines: [...before, ...items].slice(-KEPT_LINES) })),
    onEnd: () => undefined,
  });
  return () => {
    jobs();
    lines();
  };
}
