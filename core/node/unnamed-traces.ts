import { lstatSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteTrace, traceSize } from './trace-files.ts';
import { tracesPastLimits, type EndedTrace, type TraceLimits } from './trace-retention.ts';

const PREFIX = 'lunascope-trace-';
const NAME = 'session';

/** What the window keeps too, unless it is told otherwise. */
export const UNNAMED_LIMITS: TraceLimits = { bytes: 8 * 2 ** 30, days: 30 };

interface Unnamed extends EndedTrace {
  readonly folder: string;
  readonly path: string;
}

/** Whether the process that made a folder still runs, and may be recording to it. */
function isInUse(folderName: string): boolean {
  const pid = Number(/^lunascope-trace-(\d+)-/u.exec(folderName)?.[1]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Earlier unnamed recordings of this user that have ended, the oldest first. */
function endedRecordings(): Unnamed[] {
  const found: Unnamed[] = [];
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX) || isInUse(name)) continue;
    const folder = join(tmpdir(), name);
    const path = join(folder, NAME);
    try {
      const owner = lstatSync(folder);
      if (!owner.isDirectory() || owner.uid !== (process.getuid?.() ?? owner.uid)) continue;
      found.push({ folder, path, bytes: traceSize(path), endedMs: statSync(path).mtimeMs });
    } catch {
      // Gone meanwhile, or not one of ours.
    }
  }
  return found.sort((a, b) => a.endedMs - b.endedMs);
}

/** Deletes ended recordings that nobody named: those too old, then the oldest until the rest fits. Answers how many went. */
export function purgeUnnamedTraces(limits: TraceLimits): number {
  let deleted = 0;
  for (const one of tracesPastLimits(endedRecordings(), limits))
    try {
      deleteTrace(one.path);
      rmdirSync(one.folder);
      deleted += 1;
    } catch {
      // What else lies in the folder is not ours to delete.
    }
  return deleted;
}

/** A path for a recording that nobody named, in a folder of its own. */
export async function unnamedTracePath(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), `${PREFIX}${String(process.pid)}-`)), NAME);
}
