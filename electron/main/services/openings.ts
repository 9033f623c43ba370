import { LunascopeError } from '../../../core/errors/index.ts';
import { parseIscsiUrl, type IscsiUrl } from '../../../core/login/index.ts';
import type { Opened } from '../../contract/explorer.ts';
import { toWireError } from '../ipc/dispatch.ts';
import type { SecretKeeper } from './secret-keeper.ts';

const CAPTURE = /\.(pcap|pcapng|cap|lunatrace)(\.gz)?$/i;

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

  /** Takes one argument of the command line; what is neither a link nor a capture is passed over. */
  async take(argument: string): Promise<void> {
    if (/^(iscsi|iser):/i.test(argument)) this.#tell(await this.#openLink(argument));
    else if (CAPTURE.test(argument)) {
      this.#allowCapture(argument);
      this.#tell({ kind: 'capture', path: argument });
    }
  }

  async #openLink(text: string): Promise<Opened> {
    let url: IscsiUrl;
    try {
      url = parseIscsiUrl(text);
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      return { kind: 'refused', error: toWireError(error, this.#log) };
    }
    const { host, port, target, lun, user, secret, targetUser, targetSecret, headerDigest } = url;
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
