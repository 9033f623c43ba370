import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A path inside the project. */
export const at = (...parts) => join(root, ...parts);

/** Where downloads that outlive a clone are kept. */
export const cacheDir = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lunascope');

/** The Node that the lock file pins; it exists once packages are installed. */
export const pinnedNode = () => at('node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

/** A tool that an npm package brings. */
export const bin = (name) => at('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);

/** The name that electron-builder gives the directory it packages for Linux. */
export const linuxUnpacked = () => (process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);
