import { stat } from 'node:fs/promises';

/** A file that cannot be looked at may still be there, unless the system says that it is not. */
const isMissing = (error: NodeJS.ErrnoException): boolean => error.code === 'ENOENT' || error.code === 'ENOTDIR';

/** Those of some files that are not where they were. */
export async function missingOf(paths: readonly string[]): Promise<string[]> {
  const missing = await Promise.all(paths.map((path) => stat(path).then(() => false, isMissing)));
  return paths.filter((_path, at) => missing[at]);
}
