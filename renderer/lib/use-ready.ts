import { useEffect } from 'react';
import { request } from './client.ts';

/** Tells the main process, once `settled`, that a screen has drawn itself completely. */
export function useReady(screen: string, settled = true): void {
  useEffect(() => {
    if (settled) void request('app.ready', { screen });
  }, [screen, settled]);
}
