import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LunascopeError, UsageError } from '../../../core/errors/index.ts';
import { parseIscsiUrl } from '../../../core/login/index.ts';
import type { Opened } from '../../contract/explorer.ts';
import { toWireError } from '../ipc/dispatch.ts';
import type { SecretKeeper } from './secret-keeper.ts';

const CAPTURE = /\.(pcap|pcapng|cap|lunatrace)(\.gz)?$/i;

/** The file that an argument names: a path, or the file:// address that desktops hand over. */
function fileOf(argument: string, folder: string): string {
  if (!/^file:/i.test(argument)) return resolve(folder, argument);
  try {
    return fileURLToPath(argument);
  } catch (cause) {
    throw new UsageError('BAD_ARGUMENT', `${argument} names no file of this computer.`, {
      hint: 'Save the capture on this computer, then open it.',
      cause,
    });
  }
}

/** Takes links and files that the system hands over. A link only prefills: nothing is contacted. */
export class Openings {
  readonly #waiting: Opened[] = [];
  readonly #watchers = new Set<(opened: Opened) => void>();
  readonly #secrets: SecretKeeper;
  readonly #log: (error: unknown) => void;
  readonly #allowCapture: (path: string) => void;

  constructor(secrets: SecretKeeper, log: (error: unknown) => void, allowCapture: (path: string) => void) {
    this.#secrets = secrets;
    this.#log = log;
    this.#allowCapture = allowCapture;
  }

  /** Tells what was opened, first what came before anyone listened. */
  watch(watcher: (opened: Opened) => void): () => void {
    this.#watchers.add(watcher);
    for (const opened of this.#waiting.splice(0)) watcher(opened);
    return () => this.#watchers.delete(watcher);
  }

  /** Takes one argument of a command line given in `folder`; what is neither a link nor a capture is passed over. */
  async take(argument: string, folder: string = process.cwd()): Promise<void> {
    try {
      if (/^(iscsi|iser):/i.test(argument)) this.#tell(await this.#openLink(argument));
      else if (CAPTURE.test(argument)) this.#tell(this.#openCapture(fileOf(argument, folder)));
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      this.#tell({ kind: 'refused', error: toWireError(error, this.#log) });
    }
  }

  #openCapture(path: string): Opened {
    this.#allowCapture(path);
    return { kind: 'capture', path };
  }

  async #openLink(text: string): Promise<Opened> {
    const { host, port, target, lun, user, secret, targetUser, targetSecret, headerDigest } = parseIscsiUrl(text);
    const place = { host, port, target: target ?? '' };
    if (user !== undefined && secret !== undefined)
      await this.#secrets.put({ ...place, user, side: 'initiator' }, secret, false);
    if (targetSecret !== undefined)
      await this.#secrets.put({ ...place, user: targetUser ?? '', side: 'target' }, targetSecret, false);
    return {
      kind: 'link',
      link: {
        host,
        port,
        target: target ?? null,
        lun: lun ?? null,
        user: user ?? null,
        mutualUser: targetSecret === undefined ? null : (targetUser ?? ''),
        hasSecret: secret !== undefined,
        hasTargetSecret: targetSecret !== undefined,
        headerDigest: headerDigest ?? null,
      },
    };
  }

  #tell(opened: Opened): void {
    if (this.#watchers.size === 0) this.#waiting.push(opened);
    for (const watcher of this.#watchers) watcher(opened);
  }
}
