import { z } from 'zod';
import type { RequestName } from './names.ts';
import { layout } from './layout.ts';
import { menu } from './menu.ts';
import { demoState, demoSwitch } from './demo.ts';
import { settings, settingsPatch } from './settings.ts';

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

/** What each request takes and gives. */
export const requests = {
  'app.info': { input: nothing, output: appInfo },
  'app.ready': { input: z.object({ screen: z.string().max(100) }), output: nothing },
  'app.openExternal': { input: z.object({ url: z.string().max(2000) }), output: nothing },
  'clipboard.writeText': { input: z.object({ text: z.string().max(16_000_000) }), output: nothing },
  'app.setMenu': { input: menu, output: nothing },
  'settings.read': { input: nothing, output: settings },
  'settings.write': { input: settingsPatch, output: settings },
  'layout.read': { input: nothing, output: layout },
  'layout.write': { input: layout, output: nothing },
  'jobs.cancel': { input: z.object({ id: z.string().max(60) }), output: nothing },
  'jobs.clear': { input: nothing, output: nothing },
  'demo.start': { input: nothing, output: demoState },
  'demo.stop': { input: nothing, output: demoState },
  'demo.setScenario': { input: demoSwitch, output: demoState },
} as const satisfies Record<RequestName, { input: z.ZodType; output: z.ZodType }>;

/** What a request takes. */
export type RequestInput<N extends RequestName> = z.input<(typeof requests)[N]['input']>;
/** What a request's handler is given. */
export type ParsedInput<N extends RequestName> = z.output<(typeof requests)[N]['input']>;
/** What a request gives. */
export type RequestOutput<N extends RequestName> = z.output<(typeof requests)[N]['output']>;

/** Facts about the running program. */
export type AppInfo = z.infer<typeof appInfo>;
