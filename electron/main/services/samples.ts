import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SampleName } from '../../contract/trace.ts';

/** In the bundle the captures lie beside the program's file, else among the sources. */
const shipped = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../assets/captures/' : './captures/', import.meta.url),
);

/** Copies a capture that comes with the program into a folder, since threads cannot read inside the program's archive. */
export async function copySample(name: SampleName, folder: string): Promise<string> {
  const file = `${name}.pcapng`;
  const bytes = await readFile(join(shipped, file));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, file);
  await writeFile(path, bytes, { mode: 0o600 });
  return path;
}
