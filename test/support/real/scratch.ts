import { rmSync } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder of its own for a test, removed when this process ends at the latest. */
export async function makeScratch(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `lunascope-${name}-`));
  folders.add(folder);
  return folder;
}

/** Removes a folder made by makeScratch. */
export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** Makes a sparse file of the given size, unless it is there already. */
export async function makeSparseFile(path: string, sizeBytes: number): Promise<void> {
  const present = await stat(path).catch(() => undefined);
  if (present !== undefined) return;
  const file = await open(path, 'w');
  await file.truncate(sizeBytes);
  await file.close();
}
