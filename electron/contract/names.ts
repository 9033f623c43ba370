/** Every request the window may make, by name; the schemas are in requests.ts. */
export const REQUEST_NAMES = [
  'app.info',
  'app.ready',
  'app.openExternal',
  'clipboard.writeText',
  'app.setMenu',
  'settings.read',
  'settings.write',
  'layout.read',
  'layout.write',
  'jobs.cancel',
  'jobs.clear',
  'demo.start',
  'demo.stop',
  'demo.setScenario',
] as const;

/** One of the names above. */
export type RequestName = (typeof REQUEST_NAMES)[number];

/** Every stream the window may subscribe to, by name; the schemas are in streams.ts. */
export const STREAM_NAMES = ['app.commands', 'demo.state', 'jobs.state', 'log.lines'] as const;

/** One of the names above. */
export type StreamName = (typeof STREAM_NAMES)[number];

/** Where the window is served from. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'lunascope';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** The channel a request travels on. */
export const requestChannel = (name: RequestName): string => `request:${name}`;

/** The channels of streams: the window opens, credits and closes; the main process sends items and the end. */
export const STREAM_CHANNELS = {
  open: 'stream:open',
  credit: 'stream:credit',
  close: 'stream:close',
  message: 'stream:message',
} as const;

/** How many batches may be under way to a subscriber that has not yet handled one. */
export const INITIAL_CREDIT = 4;
