import { ensureElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { say } from './lib/run.mjs';
import { ensureBuilt } from './lib/sources.mjs';

await ensureInstalled();
await ensureBuilt();
const electron = await ensureElectron();
say(`Ready: Electron ${electron.version} in ${electron.dist}.`);
