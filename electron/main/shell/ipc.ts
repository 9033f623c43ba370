import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron';
import { DROP_CHANNEL, REQUEST_NAMES, STREAM_CHANNELS, requestChannel } from '../../contract/names.ts';
import { closeMessage, creditMessage, openMessage } from '../../contract/streams.ts';
import { answerRequest, wireError, type Handlers } from '../ipc/dispatch.ts';
import type { StreamHub, Subscriber } from '../ipc/stream-hub.ts';
import { isOwnUrl } from './content.ts';

const MOST_DROPPED = 8;

type Event = IpcMainEvent | IpcMainInvokeEvent;

/** Whether a message comes from the main frame of our window, showing our own page. */
function isTrusted(event: Event, window: () => BrowserWindow | null): boolean {
  const contents = window()?.webContents;
  const frame = event.senderFrame;
  if (contents === undefined || frame === null || event.sender !== contents) return false;
  return frame === contents.mainFrame && isOwnUrl(frame.url);
}

/** Puts the contract on ipcMain: one channel a request, four for all streams, each message's sender checked. */
export function serveIpc(
  window: () => BrowserWindow | null,
  handlers: Handlers,
  hub: StreamHub,
  log: (error: unknown) => void,
  onDrop: (path: string) => void,
): void {
  const subscribers = new WeakMap<WebContents, Subscriber>();

  const subscriberOf = (contents: WebContents): Subscriber => {
    const known = subscribers.get(contents);
    if (known !== undefined) return known;
    const subscriber: Subscriber = {
      send: (message) => {
        if (!contents.isDestroyed()) contents.send(STREAM_CHANNELS.message, message);
      },
    };
    subscribers.set(contents, subscriber);
    contents.on('destroyed', () => hub.closeAll(subscriber));
    contents.on('render-process-gone', () => hub.closeAll(subscriber));
    contents.on('did-start-navigation', (_event, _url, isInPlace, isMainFrame) => {
      if (isMainFrame && !isInPlace) hub.closeAll(subscriber);
    });
    return subscriber;
  };

  for (const name of REQUEST_NAMES) {
    ipcMain.handle(requestChannel(name), async (event, input: unknown) => {
      if (!isTrusted(event, window)) {
        log(new Error(`A request from a frame that is not the window's was refused: ${name}.`));
        return { ok: false, error: wireError('FORBIDDEN', 'This page may not make requests.') };
      }
      return answerRequest(handlers, name, input, log);
    });
  }

  ipcMain.on(DROP_CHANNEL, (event, paths: unknown) => {
    if (!isTrusted(event, window) || !Array.isArray(paths)) return;
    for (const path of paths.slice(0, MOST_DROPPED)) if (typeof path === 'string') onDrop(path);
  });
  ipcMain.on(STREAM_CHANNELS.open, (event, message: unknown) => {
    const parsed = openMessage.safeParse(message);
    if (!isTrusted(event, window) || !parsed.success) return;
    hub.open(subscriberOf(event.sender), parsed.data.id, parsed.data.name, parsed.data.params);
  });
  ipcMain.on(STREAM_CHANNELS.credit, (event, message: unknown) => {
    const parsed = creditMessage.safeParse(message);
    if (!isTrusted(event, window) || !parsed.success) return;
    hub.credit(subscriberOf(event.sender), parsed.data.id, parsed.data.credit);
  });
  ipcMain.on(STREAM_CHANNELS.close, (event, message: unknown) => {
    const parsed = closeMessage.safeParse(message);
    if (!isTrusted(event, window) || !parsed.success) return;
    hub.close(subscriberOf(event.sender), parsed.data.id);
  });
}
