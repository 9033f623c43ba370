import type { LunWork } from '../services/lun-work.ts';
import type { Sessions } from '../services/sessions.ts';
import type { Handlers } from './dispatch.ts';

type Names =
  | 'sessions.login'
  | 'sessions.logout'
  | 'sessions.drop'
  | 'sessions.rescan'
  | 'sessions.ping'
  | 'sessions.confirmStatus'
  | 'sessions.manageTasks'
  | 'luns.facts'
  | 'luns.measure'
  | 'luns.compare'
  | 'luns.time';

/** Sessions and what is behind them. */
export function sessionHandlers(sessions: Sessions, luns: LunWork): Pick<Handlers, Names> {
  return {
    'sessions.login': (input) => sessions.login(input),
    'sessions.logout': async ({ id }) => {
      await sessions.logout(id);
      return undefined;
    },
    'sessions.drop': ({ id }) => {
      sessions.drop(id);
      return undefined;
    },
    'sessions.rescan': async ({ id }) => {
      await sessions.rescan(id);
      return undefined;
    },
    'sessions.ping': async ({ id }) => ({ ms: await sessions.ping(id) }),
    'sessions.confirmStatus': ({ id }) => {
      sessions.confirmStatus(id);
      return undefined;
    },
    'sessions.manageTasks': (input) => sessions.manageTasks(input),
    'luns.facts': (input) => luns.facts(input),
    'luns.measure': (input) => luns.measure(input),
    'luns.compare': (input) => luns.compare(input),
    'luns.time': (input) => luns.time(input),
  };
}
