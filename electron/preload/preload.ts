import * as electron from 'electron';
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { StreamListener, StreamMessage } from '../contract/bridge.ts';
import { DROP_CHANNEL, REQUEST_NAMES, STREAM_CHANNELS, STREAM_NAMES, requestChannel } from '../contract/names.ts';

const listeners = new Map<number, StreamListener<unknown>>();
let lastId = 0;

async function deliver(listener: StreamListener<unknown>, id: number, items: readonly unknown[]): Promise<void> {
  try {
    await listener.onItems(items);
  } finally {
    if (listeners.has(id)) ipcRenderer.send(STREAM_CHANNELS.credit, { id, credit: 1 });
  }
}

ipcRenderer.on(STREAM_CHANNELS.message, (_event: IpcRendererEvent, message: StreamMessage) => {
  const listener = listeners.get(message.id);
  if (listener === undefined) return;
  if (message.kind === 'items') {
    void deliver(listener, message.id, message.items);
  } else {
    listeners.delete(message.id);
    listener.onEnd(message.error);
  }
});

function subscribe(name: string, params: unknown, listener: StreamListener<unknown>): () => void {
  lastId += 1;
  const id = lastId;
  listeners.set(id, listener);
  ipcRenderer.send(STREAM_CHANNELS.open, { id, name, params });
  return () => {
    if (listeners.delete(id)) ipcRenderer.send(STREAM_CHANNELS.close, { id });
  };
}

const requests = Object.fromEntries(
  REQUEST_NAMES.map((name) => [name, (input: unknown) => ipcRenderer.invoke(requestChannel(name), input)]),
);
const streams = Object.fromEntries(
  STREAM_NAMES.map((name) => [
    name,
    (params: unknown, listener: StreamListener<unknown>) => subscribe(name, params, listener),
  ]),
);

contextBridge.exposeInMainWorld('lunascope', { requests, streams });

/** A file as the page hands it over. */
interface DroppedFile {
  readonly path?: string;
}

/** What is needed of a drag event; the main process's types know no DOM. */
interface Drag {
  readonly dataTransfer: { readonly types: readonly string[]; readonly files: Iterable<DroppedFile> } | null;
  readonly preventDefault: () => void;
}

declare const window: { readonly addEventListener: (kind: string, listener: (event: Drag) => void) => void };

/** Electron 32 took `File.path` away and brought webUtils in its place. */
interface PathReader {
  readonly webUtils?: { readonly getPathForFile: (file: DroppedFile) => string };
}

const pathOf = (file: DroppedFile): string =>
  (electron as unknown as PathReader).webUtils?.getPathForFile(file) ?? file.path ?? '';
const carriesFiles = ({ dataTransfer }: Drag): boolean => dataTransfer?.types.includes('Files') === true;

window.addEventListener('dragover', (event) => {
  if (carriesFiles(event)) event.preventDefault();
});
window.addEventListener('drop', (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  const paths = [...(event.dataTransfer?.files ?? [])].map(pathOf).filter((path) => path !== '');
  if (paths.length > 0) ipcRenderer.send(DROP_CHANNEL, paths);
});
