import type { ThisComputer } from '../services/this-computer.ts';
import type { Handlers } from './dispatch.ts';

/** This computer's own initiator. */
export function systemHandlers(computer: ThisComputer): Pick<Handlers, 'system.read' | 'system.act'> {
  return {
    'system.read': () => computer.read(),
    'system.act': (act) => computer.act(act),
  };
}
