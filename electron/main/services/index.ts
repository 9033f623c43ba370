import { join } from 'node:path';
import { layout as layoutSchema } from '../../contract/layout.ts';
import type { Host } from '../host.ts';
import { appHandlers } from '../ipc/app.ts';
import { blockParts } from '../ipc/blocks.ts';
import { demoHandlers } from '../ipc/demo.ts';
import type { Handlers } from '../ipc/dispatch.ts';
import { explorerHandlers } from '../ipc/explorer.ts';
import { fileHandlers } from '../ipc/files.ts';
import { frameHandlers } from '../ipc/frame.ts';
import { sessionHandlers } from '../ipc/sessions.ts';
import { settingsHandlers } from '../ipc/settings.ts';
import { systemHandlers } from '../ipc/system.ts';
import { StreamHub } from '../ipc/stream-hub.ts';
import { traceHandlers } from '../ipc/trace.ts';
import { Attempts } from './attempts.ts';
import { DemoSan } from './demo-san.ts';
import { Explorer } from './explorer.ts';
import { Interruptions } from './interruptions.ts';
import { InventoryFiles } from './inventory.ts';
import { Jobs } from './jobs.ts';
import { JsonFile } from './json-file.ts';
import { LogBook } from './log-book.ts';
import { LunWork } from './lun-work.ts';
import { Openings } from './openings.ts';
import { SecretKeeper } from './secret-keeper.ts';
import { Sessions } from './sessions.ts';
import { SettingsStore } from './settings-store.ts';
import { Shares } from './shares.ts';
import { Traces } from './traces.ts';
import { ThisComputer } from './this-computer.ts';
import { WindowCommands } from './window-commands.ts';

/** Everything behind the window, without the window. */
export interface Backend {
  readonly handlers: Handlers;
  readonly hub: StreamHub;
  readonly commands: WindowCommands;
  readonly openings: Openings;
  /** Stops what runs; the program may end afterwards. */
  readonly close: () => Promise<void>;
}

/** Puts the services together over a host: Electron's in the app, plain Node's in tests. */
export async function createBackend(host: Host, log: (error: unknown) => void): Promise<Backend> {
  const settings = await SettingsStore.open(host.dataDir, ({ theme }) => host.setTheme(theme));
  const layout = await JsonFile.open(join(host.dataDir, 'layout.json'), layoutSchema, {});
  const secrets = await SecretKeeper.open(host.dataDir, host.secrets);
  const jobs = new Jobs(log);
  const book = new LogBook();
  const attempts = new Attempts();
  const explorer = await Explorer.open(host.dataDir, { settings, secrets, attempts, jobs, book, log });
  const sessions = new Sessions({ explorer, secrets, attempts, book, log });
  const luns = new LunWork(sessions, jobs, log);
  const inventory = new InventoryFiles(host, explorer, sessions);
  const shares = new Shares(book);
  const demo = new DemoSan();
  const traces = await Traces.open({ host, sessions, explorer, jobs, book, log });
  const openings = new Openings(secrets, log, (path) => traces.allow(path));
  const commands = new WindowCommands();
  const blocks = await blockParts(sessions, jobs, host, log);
  const hub = new StreamHub(
    {
      'app.commands': (_params, sink) => commands.listen(sink.push),
      'app.opened': (_params, sink) => openings.watch(sink.push),
      'demo.state': (_params, sink) => demo.watch(sink.push),
      'jobs.state': (_params, sink) => jobs.watch(sink.push),
      'log.lines': (_params, sink) => book.watch(sink.push),
      'attempt.steps': ({ attempt }, sink) => attempts.watch(attempt, sink.push),
      'explorer.state': (_params, sink) => explorer.watch(sink.push),
      'sessions.state': (_params, sink) => sessions.watch(sink.push),
      'sessions.detail': ({ id }, sink) => sessions.watchDetail(id, sink.push),
      ...blocks.sources,
      'sessions.rate': (_params, sink) => sessions.watchRate(sink.push),
      'share.state': (_params, sink) => shares.watch(sink.push),
      'trace.state': ({ trace }, sink) => traces.watch(trace, sink.push, sink.end),
      'trace.filter': ({ trace, view, expression }, sink) => traces.watchFilter(trace, view, expression, sink.push),
      'trace.findings': ({ trace }, sink) => traces.watchFindings(trace, sink.push, sink.end),
      'trace.library': (_params, sink) => traces.watchLibrary(sink.push),
    },
    log,
  );
  const interruptions = new Interruptions({ host, sessions, book });
  const ends = [demo.watch((state) => explorer.followDemo(state)), () => interruptions.close()];
  return {
    handlers: {
      ...appHandlers(host),
      ...settingsHandlers(settings, () => explorer.changed()),
      ...frameHandlers(host, layout, jobs),
      ...explorerHandlers(explorer, attempts),
      ...sessionHandlers(sessions, luns),
      ...blocks.handlers,
      ...fileHandlers(host, inventory, shares),
      ...systemHandlers(new ThisComputer(host.info.platform, log, () => settings.current.systemRoot)),
      ...demoHandlers(demo),
      ...traceHandlers(traces),
    },
    hub,
    commands,
    openings,
    close: async () => {
      for (const end of ends) end();
      jobs.close();
      attempts.close();
      await sessions.close().catch(log);
      await traces.close().catch(log);
      await shares.close().catch(log);
      await demo.stop().catch(log);
    },
  };
}
