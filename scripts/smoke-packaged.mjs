import { existsSync } from 'node:fs';
import { at, bin, linuxUnpacked } from './lib/paths.mjs';
import { runWithDisplay } from './lib/display.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { fail } from './lib/run.mjs';

await ensureInstalled();
const executable = at('release', linuxUnpacked(), 'lunascope');
if (!existsSync(executable)) fail('There is no packaged directory to test.', 'npm run package');
process.exitCode = await runWithDisplay(bin('vitest'), ['run', '--project', 'packaged', ...process.argv.slice(2)], {
  env: { LUNASCOPE_PACKAGED: executable },
});
