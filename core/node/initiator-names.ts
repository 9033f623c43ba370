import { readFile } from 'node:fs/promises';

/** Where the system's own initiator keeps its name. */
export const INITIATOR_NAME_FILE = '/etc/iscsi/initiatorname.iscsi';

/** The names in a file of the system's initiator: its `InitiatorName=` lines, comments left out. */
export function parseInitiatorNames(text: string): string[] {
  return text
    .split(/\r?\n/u)
    .map((line) => /^\s*InitiatorName\s*=\s*(\S+)\s*$/u.exec(line)?.[1])
    .filter((name): name is string => name !== undefined);
}

/** The names this computer's own initiator logs in with; none where it has no such file. */
export async function hostInitiatorNames(path: string = INITIATOR_NAME_FILE): Promise<string[]> {
  try {
    return parseInitiatorNames(await readFile(path, 'utf8'));
  } catch {
    return [];
  }
}
