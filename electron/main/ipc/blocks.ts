import { join } from 'node:path';
import type { Host } from '../host.ts';
import { Blocks } from '../services/blocks.ts';
import { Bookmarks } from '../services/bookmarks.ts';
import { Comparisons } from '../services/comparisons.ts';
import { Images } from '../services/images.ts';
import type { Jobs } from '../services/jobs.ts';
import type { Sessions } from '../services/sessions.ts';
import type { Handlers } from './dispatch.ts';
import type { Sources } from './stream-hub.ts';

type RequestNames = Extract<keyof Handlers, `blocks.${string}` | `bookmarks.${string}`>;
type StreamNames = Extract<keyof Sources, `blocks.${string}`>;

/** The sector view's services, and what the window may ask of them. */
export async function blockParts(
  sessions: Sessions,
  jobs: Jobs,
  host: Host,
  log: (error: unknown) => void,
): Promise<{ readonly handlers: Pick<Handlers, RequestNames>; readonly sources: Pick<Sources, StreamNames> }> {
  const blocks = new Blocks(sessions, jobs, host);
  const images = await Images.open({ blocks, jobs, host, log });
  const comparisons = await Comparisons.open(blocks, jobs, host);
  const bookmarks = await Bookmarks.open(join(host.dataDir));
  const done = (): undefined => undefined;
  return {
    handlers: {
      'blocks.open': (input) => blocks.open(input),
      'blocks.read': (input) => blocks.read(input),
      'blocks.cancel': ({ tickets }) => {
        blocks.cancel(tickets);
        return undefined;
      },
      'blocks.structures': (input) => blocks.structures(input),
      'blocks.copy': (input) => blocks.copy(input).then(done),
      'blocks.checksum': (input) => blocks.checksum(input),
      'blocks.save': (input) => images.save(input),
      'blocks.resume': (input) => {
        images.resume(input);
        return undefined;
      },
      'blocks.pause': (input) => {
        images.pause(input);
        return undefined;
      },
      'blocks.forget': ({ path }) => {
        images.forget(path);
        return undefined;
      },
      'blocks.chooseFile': () => comparisons.chooseFile(),
      'blocks.snapshot': (input) => comparisons.snapshot(input),
      'blocks.deleteSnapshot': ({ id }) => comparisons.delete(id).then(done),
      'bookmarks.read': ({ identity }) => bookmarks.of(identity),
      'bookmarks.write': ({ identity, bookmarks: list }) => bookmarks.replace(identity, list).then(done),
    },
    sources: {
      'blocks.search': (params, sink) => blocks.search(params, sink.push, sink.end),
      'blocks.compare': (params, sink) => comparisons.compare(params, sink.push, sink.end),
      'blocks.images': (_params, sink) => images.watch(sink.push),
      'blocks.snapshots': (_params, sink) => comparisons.watch(sink.push),
    },
  };
}
