import type { Attempts } from '../services/attempts.ts';
import type { Explorer } from '../services/explorer.ts';
import type { Handlers } from './dispatch.ts';

type Names =
  | 'attempt.cancel'
  | 'portals.discover'
  | 'portals.add'
  | 'portals.remove'
  | 'portals.discoverAll'
  | 'profiles.remove'
  | 'luns.choosePath';

/** Portals, discovery, and what is kept of sign-ins. */
export function explorerHandlers(explorer: Explorer, attempts: Attempts): Pick<Handlers, Names> {
  return {
    'attempt.cancel': ({ attempt }) => {
      attempts.cancel(attempt);
      return undefined;
    },
    'portals.discover': (input) => explorer.discover(input),
    'portals.add': (at) => explorer.add(at),
    'portals.remove': async (at) => {
      await explorer.remove(at);
      return undefined;
    },
    'portals.discoverAll': async () => {
      await explorer.discoverAll();
      return undefined;
    },
    'profiles.remove': async (at) => {
      await explorer.removeProfile(at);
      return undefined;
    },
    'luns.choosePath': async (choice) => {
      await explorer.choosePath(choice);
      return undefined;
    },
  };
}
