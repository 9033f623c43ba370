import { cpSync, readFileSync, rmSync } from 'node:fs';
import { at, bin, linuxUnpacked } from './lib/paths.mjs';
import { ensureElectron, pinnedElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { fail, run, say } from './lib/run.mjs';
import { ensureBuilt } from './lib/sources.mjs';

await ensureInstalled();
await ensureBuilt();
const electron = await ensureElectron();
// The fallback, or one that was named by hand.
const devBuild = electron.version !== pinnedElectron();

const dist = at('dist', 'electron');
rmSync(dist, { recursive: true, force: true });
cpSync(electron.dist, dist, { recursive: true });
// The fallback carries a loader for npm start; a package has the application in its place.
rmSync(at('dist', 'electron', 'resources', 'app'), { recursive: true, force: true });
rmSync(at('release'), { recursive: true, force: true });

const set = (name, value) => `--config.${name}=${value}`;
const args = ['--publish', 'never', set('electronDist', dist), set('electronVersion', electron.version)];
const fileFuseSince = 29;
if (Number.parseInt(electron.version, 10) >= fileFuseSince)
  args.push(set('electronFuses.grantFileProtocolExtraPrivileges', 'false'));
if (devBuild) {
  say(`This package is a devbuild: it carries Electron ${electron.version}, not the pinned ${pinnedElectron()}.`);
  args.push(set('extraMetadata.devBuild', 'true'));
}
const platform = { linux: '--linux', darwin: '--mac', win32: '--win' }[process.platform] ?? '--linux';
const code = await run(bin('electron-builder'), [platform, ...process.argv.slice(2), ...args], {
  env: { CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
});
rmSync(dist, { recursive: true, force: true });
if (code !== 0) fail('The package could not be made.', 'npm run package');

if (process.platform === 'linux') {
  const { name, version } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const archive = `${name}-${version}${devBuild ? '-devbuild' : ''}-linux-${process.arch}`;
  const unpacked = linuxUnpacked();
  const tar = ['-czf', `${archive}.tar.gz`, `--transform=s,^${unpacked},${archive},`, unpacked];
  if ((await run('tar', tar, { cwd: at('release') })) !== 0)
    fail('The archive could not be made.', `tar ${tar.join(' ')}`);
}
say(`The package is in ${at('release')}.`);
