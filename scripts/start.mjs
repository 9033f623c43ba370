import { at } from './lib/paths.mjs';
import { runWithDisplay } from './lib/display.mjs';
import { ensureElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { say } from './lib/run.mjs';
import { ensureBuilt } from './lib/sources.mjs';

const args = process.argv.slice(2);

await ensureInstalled();
await ensureBuilt();
const electron = await ensureElectron();
if (electron.fallback) say(`Running on Electron ${electron.version}, the fallback build.`);

const flags = [];
if (process.platform === 'linux' && process.getuid?.() === 0) {
  say(
    'You are root: Chromium cannot use its sandbox, so it runs with --no-sandbox. Start it as an ordinary user for the real thing.',
  );
  flags.push('--no-sandbox');
}
process.exitCode = await runWithDisplay(electron.executable, [...flags, at('dist', 'app'), ...args], {
  env: { INIT_CWD: process.env.INIT_CWD ?? process.cwd() },
});
