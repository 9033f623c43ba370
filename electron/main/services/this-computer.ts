import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LunascopeError } from '../../../core/errors/index.ts';
import { hasIscsiadm, LinuxInitiator, type SystemInitiator } from '../../../core/node/index.ts';
import type { SystemAct, SystemFound, SystemState } from '../../contract/system.ts';
import { toWireError } from '../ipc/dispatch.ts';

const SESSIONS = '/sys/class/iscsi_session';
const CONNECTIONS = '/sys/class/iscsi_connection';

const read = (...parts: string[]): Promise<string> =>
  readFile(join(...parts), 'utf8').then(
    (text) => text.trim(),
    () => '',
  );

/** The sessions of the kernel's own initiator, as it lists them under /sys; null where it is not there. */
export async function kernelSessions(sessions: string, connections: string): Promise<SystemState['sessions'] | null> {
  const names = await readdir(sessions).catch(() => null);
  if (names === null) return null;
  return Promise.all(
    names.map(async (name) => {
      const connection = join(connections, `${name.replace('session', 'connection')}:0`);
      const [host, port] = [await read(connection, 'persistent_address'), await read(connection, 'persistent_port')];
      return {
        target: await read(sessions, name, 'targetname'),
        portal: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        groupTag: await read(sessions, name, 'tpgt'),
        state: (await read(sessions, name, 'state')).toLowerCase().replaceAll('_', ' '),
        persistent: name,
      };
    }),
  );
}

/** This computer's own initiator, beside the program's: read at no cost, asked to act only by a person. */
export class ThisComputer {
  readonly #log: (error: unknown) => void;
  readonly #platform: string;
  readonly #root: () => string;

  /** `root` tells the directory that the system's initiator takes for its root; an empty one is the system's own. */
  constructor(platform: string, log: (error: unknown) => void, root: () => string) {
    this.#platform = platform;
    this.#log = log;
    this.#root = root;
  }

  get #initiator(): SystemInitiator {
    const root = this.#root();
    return new LinuxInitiator(root === '' ? {} : { chrootDirectory: root });
  }

  async read(): Promise<SystemState> {
    if (this.#platform !== 'linux') {
      const sessionsNote = 'The initiator of this system can be worked with on Linux only, through iscsiadm.';
      return { names: [], namesError: null, sessions: [], sessionsNote, actsNote: sessionsNote };
    }
    const root = this.#root();
    const sessions = await kernelSessions(`${root}${SESSIONS}`, `${root}${CONNECTIONS}`);
    const sessionsNote =
      sessions === null ? 'The iSCSI driver of the kernel is not loaded, so it has no sessions.' : null;
    const actsNote = (await hasIscsiadm(root))
      ? null
      : 'There is no iscsiadm here to ask. Install the package open-iscsi (iscsi-initiator-utils on Red Hat) to log this computer itself in; sessions of Lunascope need neither.';
    const base = { sessions: sessions ?? [], sessionsNote, actsNote };
    try {
      return { ...base, names: [...(await this.#initiator.getInitiators())], namesError: null };
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      return { ...base, names: [], namesError: toWireError(error, this.#log) };
    }
  }

  async act(act: SystemAct): Promise<{ readonly found: SystemFound[] }> {
    switch (act.action) {
      case 'discover': {
        const found = await this.#initiator.discoverTargets(act.address, false);
        return { found: found.map(({ portal, groupTag, target }) => ({ portal, groupTag, target })) };
      }
      case 'login':
        await this.#initiator.performLogin(act.at);
        return { found: [] };
      case 'logout':
        await this.#initiator.performLogout(act.at);
        return { found: [] };
      case 'rescan':
        await this.#initiator.performRescan();
        return { found: [] };
    }
  }
}
