import { bin } from './lib/paths.mjs';
import { runWithDisplay } from './lib/display.mjs';
import { ensureElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { say, which } from './lib/run.mjs';
import { ensureBuilt } from './lib/sources.mjs';

await ensureInstalled();
await ensureBuilt();
const electron = await ensureElectron();
const chromium = which('chromium') ?? which('chromium-browser') ?? which('google-chrome');
say(
  `e2e on Electron ${electron.version}${electron.fallback ? ' (fallback build)' : ''} and ${chromium ?? 'no Chromium'}.`,
);
process.exitCode = await runWithDisplay(bin('vitest'), ['run', '--project', 'e2e', ...process.argv.slice(2)], {
  env: { LUNASCOPE_E2E_ELECTRON: electron.executable, ...(chromium ? { LUNASCOPE_E2E_CHROMIUM: chromium } : {}) },
});
