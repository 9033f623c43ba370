import type { SessionEvent } from '../session/index.ts';
import type { Logger } from './options.ts';

/** What a log says of an event. */
export function logLine(event: SessionEvent): { readonly level: keyof Logger; readonly text: string } {
  switch (event.kind) {
    case 'state': {
      const why = event.reason === undefined ? '' : `: ${event.reason.message}`;
      return { level: 'info', text: `session: ${event.from} to ${event.to}${why}` };
    }
    case 'async':
      return { level: 'warn', text: `asynchronous event ${String(event.event.event)}: ${event.event.name}` };
    case 'login':
      return { level: 'info', text: `connection ${String(event.connection)}: logged in` };
    case 'connection':
      return { level: 'warn', text: `connection ${String(event.connection)} ${event.change}: ${event.text}` };
    case 'units':
    case 'warning':
      return { level: 'warn', text: event.text };
    case 'step':
      return { level: 'debug', text: event.text };
    case 'ping':
      return { level: 'debug', text: `ping: ${event.roundTripMs.toFixed(1)} ms` };
  }
}
