import type { RequestName } from '../../contract/names.ts';
import type { Traces } from '../services/traces.ts';
import type { Handlers } from './dispatch.ts';

type Names = Extract<RequestName, `trace.${string}`>;

/** Traces: opened, paged, filtered, explained, recorded, exported. */
export function traceHandlers(traces: Traces): Pick<Handlers, Names> {
  return {
    'trace.choose': async () => ({ path: await traces.choose() }),
    'trace.sample': async ({ name }) => ({ path: await traces.sample(name) }),
    'trace.open': (source) => ({ trace: traces.openTrace(source) }),
    'trace.stopFollowing': ({ trace }) => traces.thread(trace).call('stopFollowing', undefined),
    'trace.pdus': ({ trace, ...input }) => traces.thread(trace).call('pdus', input),
    'trace.tasks': ({ trace, ...input }) => traces.thread(trace).call('tasks', input),
    'trace.taskPdus': ({ trace, ...input }) => traces.thread(trace).call('taskPdus', input),
    'trace.lines': ({ trace, ...input }) => traces.thread(trace).call('lines', input),
    'trace.wholeTasks': ({ trace, rows }) => traces.thread(trace).call('wholeTasks', { rows }),
    'trace.detail': ({ trace, row }) => traces.thread(trace).call('detail', { row }),
    'trace.step': ({ trace, ...input }) => traces.thread(trace).call('step', input),
    'trace.locate': ({ trace, ...input }) => traces.thread(trace).call('locate', input),
    'trace.copy': async ({ trace, rows, as }) => ({ count: await traces.copy(trace, rows, as) }),
    'trace.latencies': ({ trace, view }) => traces.thread(trace).call('latencies', { view }),
    'trace.timeline': ({ trace, ...input }) => traces.thread(trace).call('timeline', input),
    'trace.ladder': ({ trace, ...input }) => traces.thread(trace).call('ladder', input),
    'trace.logins': ({ trace }) => traces.thread(trace).call('logins', undefined),
    'trace.annotate': ({ trace, mark }) => {
      traces.annotate(trace, mark);
      return undefined;
    },
    'trace.estimate': ({ trace, ...input }) => traces.thread(trace).call('estimate', input),
    'trace.export': async (input) => ({ path: await traces.export(input) }),
    'trace.reveal': ({ path }) => {
      traces.reveal(path);
      return undefined;
    },
    'trace.record': async ({ session, ...how }) => {
      await traces.recorders.record(session, how);
      return undefined;
    },
    'trace.forgetCaptures': () => {
      traces.forgetCaptures();
      return undefined;
    },
    'trace.purge': ({ ids }) => {
      traces.purge(ids);
      return undefined;
    },
    'trace.setPrefs': (change) => {
      traces.setPrefs(change);
      return undefined;
    },
  };
}
