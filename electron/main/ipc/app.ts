import { UsageError } from '../../../core/errors/index.ts';
import type { Host } from '../host.ts';
import type { Handlers } from './dispatch.ts';

/** Whether a link may be handed to the person's browser: https only, with a host and without credentials. */
export function isSafeExternalUrl(text: string): boolean {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return false;
  }
  return url.protocol === 'https:' && url.hostname !== '' && url.username === '' && url.password === '';
}

/** The program itself: what runs, links out, the clipboard. */
export function appHandlers(
  host: Host,
): Pick<Handlers, 'app.info' | 'app.ready' | 'app.openExternal' | 'clipboard.writeText'> {
  return {
    'app.info': () => host.info,
    'app.ready': ({ screen }) => {
      host.screenReady(screen);
      return undefined;
    },
    'app.openExternal': async ({ url }) => {
      if (!isSafeExternalUrl(url)) {
        throw new UsageError('BAD_ARGUMENT', 'Only https links are opened in the browser.', { details: { url } });
      }
      await host.openExternal(url);
      return undefined;
    },
    'clipboard.writeText': async ({ text }) => {
      await host.writeClipboard(text);
      return undefined;
    },
  };
}
