/** Before a script that needs the locked packages: installs them where they are missing. */
import { ensureInstalled } from './lib/install.mjs';

await ensureInstalled();
