import { UsageError } from '../../../core/errors/index.ts';
import { shareImage, type Share } from '../../../core/node/index.ts';
import { decodeCdb, describeCdb, statusName } from '../../../core/scsi/index.ts';
import type { ServerEvent } from '../../../core/target/index.ts';
import type { ShareInput, SharedImage } from '../../contract/share.ts';
import { Broadcast } from './broadcast.ts';
import type { LogBook } from './log-book.ts';

/** Commands shown of a share. */
const SHOWN_COMMANDS = 20;
/** Commands come by the thousand a second; people are told a few times a second. */
const TELL_EVERY_MS = 250;

type CommandEvent = Extract<ServerEvent, { readonly kind: 'command' }>;

interface Running {
  readonly share: Share;
  readonly input: ShareInput;
  /** The latest commands, the newest last, each with its number. */
  readonly latest: { readonly n: number; readonly event: CommandEvent }[];
  end: () => void;
}

/** Shares image files as targets of this program, and says who uses them. */
export class Shares {
  readonly #shares = new Map<string, Running>();
  readonly #broadcast = new Broadcast<SharedImage[]>(() =>
    [...this.#shares.keys()].flatMap((id) => this.#describe(id) ?? []),
  );
  readonly #book: LogBook;
  /** Files the person chose in a dialog; no other is ever opened. */
  readonly #chosen = new Set<string>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(book: LogBook) {
    this.#book = book;
  }

  watch(watcher: (shares: SharedImage[]) => void): () => void {
    return this.#broadcast.watch(watcher);
  }

  /** Remembers that the person chose this file. */
  allow(path: string): void {
    this.#chosen.add(path);
  }

  async start(input: ShareInput): Promise<SharedImage> {
    if (!this.#chosen.has(input.path)) {
      throw new UsageError('BAD_ARGUMENT', 'Only a file chosen in the dialog is shared.', {
        hint: 'Choose the image again.',
      });
    }
    const { chap, initiators } = input;
    const share = await shareImage(input.path, {
      host: input.host,
      port: input.port,
      blockSize: input.blockSize,
      optical: input.optical,
      writable: input.writable,
      ...(chap === null ? {} : { auth: { kind: 'chap' as const, accounts: new Map([[chap.user, chap.secret]]) } }),
      ...(initiators.length === 0 ? {} : { initiators }),
    });
    this.#count += 1;
    const id = `share-${String(this.#count)}`;
    const running: Running = { share, input, latest: [], end: () => undefined };
    let commands = 0;
    running.end = share.subscribe((event) => {
      if (event.kind !== 'command') {
        this.#broadcast.changed();
        return;
      }
      commands += 1;
      running.latest.push({ n: commands, event });
      if (running.latest.length > SHOWN_COMMANDS) running.latest.shift();
      this.#tellSoon();
    });
    this.#shares.set(id, running);
    this.#book.write('info', share.targetName, `Sharing ${input.path} as ${share.url}.`);
    this.#broadcast.changed();
    const shown = this.#describe(id);
    if (shown === null) throw new Error('A share that was just started is gone.');
    return shown;
  }

  async stop(id: string): Promise<void> {
    const one = this.#shares.get(id);
    if (one === undefined) return;
    this.#shares.delete(id);
    one.end();
    await one.share.close();
    this.#book.write('info', one.share.targetName, 'Sharing stopped.');
    this.#broadcast.changed();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#shares.keys()].map((id) => this.stop(id)));
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#broadcast.changed();
    }, TELL_EVERY_MS).unref();
  }

  #describe(id: string): SharedImage | null {
    const one = this.#shares.get(id);
    if (one === undefined) return null;
    const { share, input, latest } = one;
    const { store } = share.unit;
    return {
      id,
      path: input.path,
      target: share.targetName,
      host: share.host,
      port: share.port,
      url: share.url,
      bytes: String(store.blocks * BigInt(store.blockSize)),
      blockSize: store.blockSize,
      writable: !share.unit.writeProtected,
      chapUser: input.chap?.user ?? null,
      initiators: share
        .sessions()
        .filter(({ type }) => type === 'Normal')
        .map(({ initiatorName, isid, connections, commands, bytesRead, bytesWritten }) => ({
          name: initiatorName,
          isid,
          from: connections.map(({ remoteAddress, remotePort }) => `${remoteAddress}:${String(remotePort)}`),
          commands,
          bytesRead: String(bytesRead),
          bytesWritten: String(bytesWritten),
        })),
      commands: [...latest].reverse().map(({ n, event }) => ({
        n,
        initiator: event.initiatorName,
        text: describeCdb(decodeCdb(event.cdb)),
        status: statusName(event.status),
      })),
    };
  }
}
