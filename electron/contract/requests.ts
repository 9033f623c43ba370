import { z } from 'zod';
import type { RequestName } from './names.ts';
import { attemptId, discoverInput, hostPort, pathChoice, portalEntry } from './explorer.ts';
import { inventoryChanges } from './inventory.ts';
import { comparison, lunFacts, lunPlace, measureInput, measurement, roundTrips } from './luns.ts';
import { loginInput, sessionEntry, sessionId, taskAnswer, taskInput } from './sessions.ts';
import { shareInput, sharedImage } from './share.ts';
import { systemAct, systemInitiator, systemOutcome } from './system.ts';
import { layout } from './layout.ts';
import { menu } from './menu.ts';
import * as blocks from './blocks.ts';
import { demoState, demoSwitch } from './demo.ts';
import { settings, settingsPatch } from './settings.ts';
import { traceRequests } from './trace.ts';

const nothing = z.undefined();

/** Who and what is running, for the About screen and for bug reports. */
export const appInfo = z.object({
  name: z.string(),
  version: z.string(),
  /** True for a package built on the fallback Electron. */
  devBuild: z.boolean(),
  platform: z.string(),
  arch: z.string(),
  electron: z.string().nullable(),
  chrome: z.string().nullable(),
  node: z.string(),
  /** What the command line asked to open first. */
  opening: z.enum(['start', 'demo']),
});

const LARGEST_TEXT = 64_000_000;
const oneSession = z.object({ id: sessionId });
/** Text that the person saves where they choose. */
const saveText = z.object({
  title: z.string().max(200),
  name: z.string().max(200),
  kind: z.enum(['json', 'csv', 'txt']),
  text: z.string().max(LARGEST_TEXT),
});
/** Where it was saved; null where the person thought better of it. */
const savedFile = z.object({ path: z.string().nullable() });

/** What each request takes and gives. */
export const requests = {
  'app.info': { input: nothing, output: appInfo },
  'app.ready': { input: z.object({ screen: z.string().max(100) }), output: nothing },
  'app.openExternal': { input: z.object({ url: z.string().max(2000) }), output: nothing },
  'clipboard.writeText': { input: z.object({ text: z.string().max(16_000_000) }), output: nothing },
  'app.setMenu': { input: menu, output: nothing },
  'files.saveText': { input: saveText, output: savedFile },
  'settings.read': { input: nothing, output: settings },
  'settings.write': { input: settingsPatch, output: settings },
  'layout.read': { input: nothing, output: layout },
  'layout.write': { input: layout, output: nothing },
  'jobs.cancel': { input: z.object({ id: z.string().max(60) }), output: nothing },
  'jobs.clear': { input: nothing, output: nothing },
  'attempt.cancel': { input: z.object({ attempt: attemptId }), output: nothing },
  'portals.discover': { input: discoverInput, output: portalEntry },
  'portals.add': { input: hostPort, output: portalEntry },
  'portals.remove': { input: hostPort, output: nothing },
  'portals.discoverAll': { input: nothing, output: nothing },
  'profiles.remove': { input: hostPort.extend({ target: z.string().max(223) }), output: nothing },
  'sessions.login': { input: loginInput, output: sessionEntry },
  'sessions.logout': { input: oneSession, output: nothing },
  /** Takes a session that has ended off the list. */
  'sessions.drop': { input: oneSession, output: nothing },
  'sessions.rescan': { input: oneSession, output: nothing },
  'sessions.ping': { input: oneSession, output: z.object({ ms: z.number() }) },
  'sessions.confirmStatus': { input: oneSession, output: nothing },
  'sessions.manageTasks': { input: taskInput, output: taskAnswer },
  'luns.facts': { input: lunPlace, output: lunFacts },
  'luns.measure': { input: measureInput, output: measurement },
  'luns.compare': { input: z.object({ a: lunPlace, b: lunPlace }), output: comparison },
  'luns.time': { input: lunPlace, output: roundTrips },
  /** Says which path reads of a unit take from now on. */
  'luns.choosePath': { input: pathChoice, output: nothing },
  'inventory.save': { input: z.object({ format: z.enum(['csv', 'json']) }), output: savedFile },
  'inventory.compare': { input: nothing, output: inventoryChanges.nullable() },
  'blocks.open': { input: lunPlace, output: blocks.blockFacts },
  'blocks.read': { input: blocks.readInput, output: blocks.readAnswer },
  'blocks.cancel': { input: blocks.cancelReads, output: nothing },
  'blocks.structures': { input: blocks.unitPlace, output: blocks.diskMap },
  'blocks.copy': { input: blocks.copyInput, output: nothing },
  'blocks.checksum': { input: blocks.byteRange, output: blocks.checksums },
  'blocks.save': { input: blocks.blockRange, output: blocks.chosenFile },
  'blocks.resume': { input: blocks.resumeInput, output: nothing },
  'blocks.pause': { input: blocks.pauseInput, output: nothing },
  'blocks.forget': { input: blocks.imagePath, output: nothing },
  'blocks.chooseFile': { input: nothing, output: blocks.chosenFile },
  'blocks.snapshot': { input: blocks.blockRange, output: blocks.snapshot },
  'blocks.deleteSnapshot': { input: blocks.snapshotName, output: nothing },
  'bookmarks.read': { input: blocks.bookmarkOwner, output: blocks.bookmarkList },
  'bookmarks.write': {
    input: blocks.bookmarkOwner.extend({ bookmarks: blocks.bookmarkList }),
    output: nothing,
  },
  'share.chooseImage': { input: nothing, output: z.object({ path: z.string().nullable() }) },
  'share.start': { input: shareInput, output: sharedImage },
  'share.stop': { input: z.object({ id: z.string().max(60) }), output: nothing },
  'system.read': { input: nothing, output: systemInitiator },
  'system.act': { input: systemAct, output: systemOutcome },
  'demo.start': { input: nothing, output: demoState },
  'demo.stop': { input: nothing, output: demoState },
  'demo.setScenario': { input: demoSwitch, output: demoState },
  ...traceRequests,
} as const satisfies Record<RequestName, { input: z.ZodType; output: z.ZodType }>;

/** What a request takes. */
export type RequestInput<N extends RequestName> = z.input<(typeof requests)[N]['input']>;
/** What a request's handler is given. */
export type ParsedInput<N extends RequestName> = z.output<(typeof requests)[N]['input']>;
/** What a request gives. */
export type RequestOutput<N extends RequestName> = z.output<(typeof requests)[N]['output']>;

/** Facts about the running program. */
export type AppInfo = z.infer<typeof appInfo>;
