import type { Layout } from '../../contract/layout.ts';
import type { Host } from '../host.ts';
import type { JsonFile } from '../services/json-file.ts';
import type { Jobs } from '../services/jobs.ts';
import type { Handlers } from './dispatch.ts';

/** The frame of the window: its layout, its menu, its jobs. */
export function frameHandlers(
  host: Host,
  layout: JsonFile<Layout>,
  jobs: Jobs,
): Pick<Handlers, 'app.setMenu' | 'layout.read' | 'layout.write' | 'jobs.cancel' | 'jobs.clear'> {
  return {
    'app.setMenu': (menu) => {
      host.setMenu(menu);
      return undefined;
    },
    'layout.read': () => layout.current,
    'layout.write': async (next) => {
      await layout.replace(next);
      return undefined;
    },
    'jobs.cancel': ({ id }) => {
      jobs.cancel(id);
      return undefined;
    },
    'jobs.clear': () => {
      jobs.clear();
      return undefined;
    },
  };
}
