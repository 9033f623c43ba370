import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamMessage } from '../../electron/contract/bridge.ts';
import type { RequestName, StreamName } from '../../electron/contract/names.ts';
import type { RequestInput, RequestOutput } from '../../electron/contract/requests.ts';
import { answerRequest } from '../../electron/main/ipc/dispatch.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { startDemoSan, type DemoSan } from '../../core/demo/index.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';

const lunHex = (lun: number): string => `00${lun.toString(16).padStart(2, '0')}000000000000`;

/** A stream that is followed: its items, its end, and a way to leave. */
export interface Followed<T> {
  readonly items: readonly T[];
  readonly ended: Promise<string | null>;
  readonly until: (test: (item: T) => boolean) => Promise<T>;
  readonly leave: () => void;
}

/** The services over the demo SAN, signed in, as the window meets them. */
export class BlocksStage {
  readonly folder: string;
  readonly san: DemoSan;
  readonly copied: string[] = [];
  /** What the next file dialog answers. */
  answer: string | null = null;
  #backend: Backend | undefined;
  #lastStream = 0;
  readonly #sessions = new Map<string, string>();

  private constructor(folder: string, san: DemoSan) {
    this.folder = folder;
    this.san = san;
  }

  static async open(targets: readonly string[]): Promise<BlocksStage> {
    const stage = new BlocksStage(mkdtempSync(join(tmpdir(), 'lunascope-blocks-')), await startDemoSan());
    await stage.#start(targets);
    return stage;
  }

  /** Ends the services and starts them anew over what they kept, as after a crash of the program. */
  async restart(targets: readonly string[]): Promise<void> {
    await this.backend.close();
    await this.#start(targets);
  }

  async #start(targets: readonly string[]): Promise<void> {
    const rethrow = (error: unknown): never => {
      throw error;
    };
    const answered = (): Promise<string | null> => Promise.resolve(this.answer);
    const host = {
      ...createNodeHost(),
      dataDir: this.folder,
      chooseSave: answered,
      chooseFile: answered,
      writeClipboard: (text: string) => {
        this.copied.push(text);
        return Promise.resolve();
      },
    };
    this.#backend = await createBackend(host, rethrow);
    for (const id of targets) await this.#signIn(id);
  }

  async close(): Promise<void> {
    await this.backend.close();
    await this.san.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get backend(): Backend {
    if (this.#backend === undefined) throw new Error('The stage is not open.');
    return this.#backend;
  }

  /** A LUN of the demo SAN. */
  at(target: string, lun: number): { readonly id: string; readonly lun: string } {
    return { id: this.#sessions.get(target) ?? '', lun: lunHex(lun) };
  }

  async ask<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>> {
    const answer = await answerRequest(this.backend.handlers, name, input, (error) => {
      throw error;
    });
    if (!answer.ok) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    return answer.value;
  }

  follow<T>(name: StreamName, params: unknown): Followed<T> {
    this.#lastStream += 1;
    const id = this.#lastStream;
    const { hub } = this.backend;
    const items: T[] = [];
    const waiting: { test: (item: T) => boolean; resolve: (item: T) => void }[] = [];
    let finish: (error: string | null) => void = () => undefined;
    const ended = new Promise<string | null>((resolve) => (finish = resolve));
    const subscriber = {
      send: (message: StreamMessage) => {
        if (message.kind === 'end') {
          finish(message.error?.message ?? null);
          return;
        }
        for (const item of message.items as T[]) {
          items.push(item);
          for (const each of waiting.splice(0)) {
            if (each.test(item)) each.resolve(item);
            else waiting.push(each);
          }
        }
        queueMicrotask(() => hub.credit(subscriber, id, 1));
      },
    };
    hub.open(subscriber, id, name, params);
    const until = (test: (item: T) => boolean): Promise<T> => {
      const found = items.find(test);
      return found === undefined ? new Promise((resolve) => waiting.push({ test, resolve })) : Promise.resolve(found);
    };
    return { items, ended, until, leave: () => hub.close(subscriber, id) };
  }

  async #signIn(id: string): Promise<void> {
    const target = this.san.targets.find((one) => one.id === id);
    const portal = this.san.portals[0];
    if (target === undefined || portal === undefined) throw new Error(`The demo SAN has no ${id}.`);
    this.#sessions.set(id, await this.signInAt(portal, target.name));
  }

  /** Signs in to any target; returns the session's id. */
  async signInAt({ host, port }: { readonly host: string; readonly port: number }, target: string): Promise<string> {
    const entry = await this.ask('sessions.login', {
      attempt: `a-${target}`,
      host,
      port,
      target,
      chap: null,
      options: {},
      save: false,
      keepSecrets: false,
    });
    return entry.id;
  }
}
