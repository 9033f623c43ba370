import type { DemoSan } from '../services/demo-san.ts';
import type { Handlers } from './dispatch.ts';

/** The demo SAN: start, stop, trouble. */
export function demoHandlers(demo: DemoSan): Pick<Handlers, 'demo.start' | 'demo.stop' | 'demo.setScenario'> {
  return {
    'demo.start': () => demo.start(),
    'demo.stop': () => demo.stop(),
    'demo.setScenario': ({ id, on }) => demo.setScenario(id, on),
  };
}
