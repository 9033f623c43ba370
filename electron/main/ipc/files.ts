import { writeFile } from 'node:fs/promises';
import type { Host } from '../host.ts';
import type { InventoryFiles } from '../services/inventory.ts';
import type { Shares } from '../services/shares.ts';
import type { Handlers } from './dispatch.ts';

type Names =
  'files.saveText' | 'inventory.save' | 'inventory.compare' | 'share.chooseImage' | 'share.start' | 'share.stop';

const IMAGES = [{ name: 'Disk images', extensions: ['img', 'raw', 'iso', 'bin', 'dd'] }];

/** What is written to and read from files; every path is one that the person chose in a dialog. */
export function fileHandlers(host: Host, inventory: InventoryFiles, shares: Shares): Pick<Handlers, Names> {
  return {
    'files.saveText': async ({ title, name, kind, text }) => {
      const path = await host.chooseSave(title, name, [{ name: kind.toUpperCase(), extensions: [kind] }]);
      if (path !== null) await writeFile(path, text);
      return { path };
    },
    'inventory.save': async ({ format }) => ({ path: await inventory.save(format) }),
    'inventory.compare': () => inventory.compare(),
    'share.chooseImage': async () => {
      const path = await host.chooseFile('Choose an image to share', IMAGES);
      if (path !== null) shares.allow(path);
      return { path };
    },
    'share.start': (input) => shares.start(input),
    'share.stop': async ({ id }) => {
      await shares.stop(id);
      return undefined;
    },
  };
}
