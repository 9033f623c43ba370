/** Every request the window may make, by name; the schemas are in requests.ts. */
export const REQUEST_NAMES = [
  'app.info',
  'app.ready',
  'app.openExternal',
  'app.setMenu',
  'clipboard.writeText',
  'files.saveText',
  'settings.read',
  'settings.write',
  'layout.read',
  'layout.write',
  'jobs.cancel',
  'jobs.clear',
  'attempt.cancel',
  'portals.discover',
  'portals.add',
  'portals.remove',
  'portals.discoverAll',
  'profiles.remove',
  'sessions.login',
  'sessions.logout',
  'sessions.drop',
  'sessions.rescan',
  'sessions.ping',
  'sessions.confirmStatus',
  'sessions.manageTasks',
  'luns.facts',
  'luns.measure',
  'luns.compare',
  'luns.time',
  'luns.choosePath',
  'inventory.save',
  'inventory.compare',
  'blocks.open',
  'blocks.read',
  'blocks.cancel',
  'blocks.structures',
  'blocks.copy',
  'blocks.checksum',
  'blocks.save',
  'blocks.resume',
  'blocks.pause',
  'blocks.forget',
  'blocks.chooseFile',
  'blocks.snapshot',
  'blocks.deleteSnapshot',
  'bookmarks.read',
  'bookmarks.write',
  'share.chooseImage',
  'share.start',
  'share.stop',
  'system.read',
  'system.act',
  'demo.start',
  'demo.stop',
  'demo.setScenario',
  'trace.choose',
  'trace.sample',
  'trace.open',
  'trace.stopFollowing',
  'trace.pdus',
  'trace.tasks',
  'trace.taskPdus',
  'trace.lines',
  'trace.wholeTasks',
  'trace.detail',
  'trace.step',
  'trace.locate',
  'trace.copy',
  'trace.latencies',
  'trace.timeline',
  'trace.ladder',
  'trace.logins',
  'trace.annotate',
  'trace.estimate',
  'trace.export',
  'trace.reveal',
  'trace.record',
  'trace.forgetCaptures',
  'trace.purge',
  'trace.setPrefs',
] as const;

/** One of the names above. */
export type RequestName = (typeof REQUEST_NAMES)[number];

/** Every stream the window may subscribe to, by name; the schemas are in streams.ts. */
export const STREAM_NAMES = [
  'app.commands',
  'app.opened',
  'demo.state',
  'jobs.state',
  'log.lines',
  'attempt.steps',
  'explorer.state',
  'sessions.state',
  'sessions.detail',
  'sessions.rate',
  'blocks.search',
  'blocks.compare',
  'blocks.images',
  'blocks.snapshots',
  'share.state',
  'trace.state',
  'trace.filter',
  'trace.findings',
  'trace.library',
] as const;

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

/** Tells of files dropped on the window; sent by the preload script alone, since a page could name any file. */
export const DROP_CHANNEL = 'files:dropped';

/** How many batches may be under way to a subscriber that has not yet handled one. */
export const INITIAL_CREDIT = 4;
