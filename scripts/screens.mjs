import { bin } from './lib/paths.mjs';
import { runWithDisplay } from './lib/display.mjs';
import { ensureElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ensureBuilt } from './lib/sources.mjs';

await ensureInstalled();
await ensureBuilt();
const electron = await ensureElectron();
process.exitCode = await runWithDisplay(bin('vitest'), ['run', '--project', 'screens', ...process.argv.slice(2)], {
  env: { LUNASCOPE_E2E_ELECTRON: electron.executable },
});
