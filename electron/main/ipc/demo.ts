import type { DemoSan } from '../services/demo-san.ts';
import type { Handlers } from './dispatch.ts';

/** Starting and stopping the demo SAN. */
export function demoHandlers(demo: DemoSan): Pick<Handlers, 'demo.start' | 'demo.stop'> {
  return {
    'demo.start': () => demo.start(),
    'demo.stop': () => demo.stop(),
  };
}
