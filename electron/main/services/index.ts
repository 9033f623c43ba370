import { join } from 'node:path';
import { layout as layoutSchema } from '../../contract/layout.ts';
import type { Host } from '../host.ts';
import { appHandlers } from '../ipc/app.ts';
import { demoHandlers } from '../ipc/demo.ts';
import type { Handlers } from '../ipc/dispatch.ts';
import { frameHandlers } from '../ipc/frame.ts';
import { settingsHandlers } from '../ipc/settings.ts';
import { StreamHub } from '../ipc/stream-hub.ts';
import { DemoSan } from './demo-san.ts';
import { Jobs } from './jobs.ts';
import { JsonFile } from './json-file.ts';
import { LogBook } from './log-book.ts';
import { SettingsStore } from './settings-store.ts';
import { WindowCommands } from './window-commands.ts';

/** Everything behind the window, without the window. */
export interface Backend {
  readonly handlers: Handlers;
  readonly hub: StreamHub;
  readonly commands: WindowCommands;
  /** Stops what runs; the program may end afterwards. */
  readonly close: () => Promise<void>;
}

/** Puts the services together over a host: Electron's in the app, plain Node's in tests. */
export async function createBackend(host: Host, log: (error: unknown) => void): Promise<Backend> {
  const settings = await SettingsStore.open(host.dataDir, ({ theme }) => host.setTheme(theme));
  const layout = await JsonFile.open(join(host.dataDir, 'layout.json'), layoutSchema, {});
  const jobs = new Jobs(log);
  const book = new LogBook();
  const demo = new DemoSan();
  const commands = new WindowCommands();
  const hub = new StreamHub(
    {
      'app.commands': (_params, sink) => commands.listen(sink.push),
      'demo.state': (_params, sink) => demo.watch(sink.push),
      'jobs.state': (_params, sink) => jobs.watch(sink.push),
      'log.lines': (_params, sink) => book.watch(sink.push),
    },
    log,
  );
  return {
    handlers: {
      ...appHandlers(host),
      ...settingsHandlers(settings),
      ...frameHandlers(host, layout, jobs),
      ...demoHandlers(demo),
    },
    hub,
    commands,
    close: async () => {
      jobs.close();
      await demo.stop().catch(log);
    },
  };
}
