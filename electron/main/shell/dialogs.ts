import { dialog, type BrowserWindow } from 'electron';
import { dirname, join } from 'node:path';
import type { FileKind } from '../host.ts';

/** The folder of the last choice: dialogs of their own accord start elsewhere in every version. */
let lastFolder: string | null = null;

const filtersOf = (kinds: readonly FileKind[]) => [
  ...kinds.map(({ name, extensions }) => ({ name, extensions: [...extensions] })),
  { name: 'All files', extensions: ['*'] },
];

/** Lets the person choose a file to read. */
export async function chooseFile(
  window: BrowserWindow | null,
  title: string,
  kinds: readonly FileKind[],
): Promise<string | null> {
  if (window === null) return null;
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title,
    filters: filtersOf(kinds),
    properties: ['openFile'],
    ...(lastFolder === null ? {} : { defaultPath: lastFolder }),
  });
  const [path] = filePaths;
  if (canceled || path === undefined) return null;
  lastFolder = dirname(path);
  return path;
}

/** Lets the person choose where to save; the dialog itself asks before it replaces a file. */
export async function chooseSave(
  window: BrowserWindow | null,
  title: string,
  name: string,
  kinds: readonly FileKind[],
): Promise<string | null> {
  if (window === null) return null;
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    filters: filtersOf(kinds),
    defaultPath: lastFolder === null ? name : join(lastFolder, name),
  });
  // Electron 22 gives undefined where Electron 45 gives an empty path.
  const path = (filePath as string | undefined) ?? '';
  if (canceled || path === '') return null;
  lastFolder = dirname(path);
  return path;
}
