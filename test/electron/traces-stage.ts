import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { StreamMessage } from '../../electron/contract/bridge.ts';
import type { RequestName } from '../../electron/contract/names.ts';
import type { ParsedInput, RequestOutput } from '../../electron/contract/requests.ts';
import type { TraceState } from '../../electron/contract/trace.ts';
import { answerRequest } from '../../electron/main/ipc/dispatch.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';

/** Where the captures lie that come with the tests. */
export const CAPTURES = join(import.meta.dirname, '..', 'fixtures', 'captures');

/** The services without a window, as far as traces need them. */
export class TracesStage {
  /** A folder for what a test writes. */
  folder = '';
  /** Where the program keeps its own. */
  dataDir = '';
  /** What the next file dialog answers. */
  saveTo: string | null = null;
  #backend: Backend | undefined;
  readonly #errors: unknown[] = [];
  readonly #log = (error: unknown): void => void this.#errors.push(error);

  get backend(): Backend {
    if (this.#backend === undefined) throw new Error('The stage is not open.');
    return this.#backend;
  }

  async open(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), 'lunascope-traces-'));
    this.saveTo = null;
    this.#errors.length = 0;
    const host = createNodeHost();
    this.dataDir = host.dataDir;
    this.#backend = await createBackend({ ...host, chooseSave: () => Promise.resolve(this.saveTo) }, this.#log);
  }

  /** Ends the services and starts them anew over what they kept and what is done to it between. */
  async restart(between: () => void): Promise<void> {
    await this.backend.close();
    between();
    this.#backend = await createBackend(createNodeHost({ dataDir: this.dataDir }), this.#log);
  }

  async close(): Promise<void> {
    await this.backend.close();
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.dataDir, { recursive: true, force: true });
    expect(this.#errors).toEqual([]);
  }

  /** Asks, and answers a refusal as well. */
  readonly answer = <N extends RequestName>(name: N, input: ParsedInput<N>): ReturnType<typeof answerRequest<N>> =>
    answerRequest(this.backend.handlers, name, input, this.#log);

  /** Asks for what is not refused. */
  readonly ask = async <N extends RequestName>(name: N, input: ParsedInput<N>): Promise<RequestOutput<N>> => {
    const answer = await this.answer(name, input);
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    return answer.value;
  };

  /** Follows a stream until an item holds. */
  readonly until = <T>(name: string, params: unknown, holds: (item: T) => boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      const subscriber = {
        send: (message: StreamMessage) => {
          if (message.kind === 'end') {
            if (message.error !== null) reject(new Error(message.error.message));
            return;
          }
          this.backend.hub.credit(subscriber, 1, 1);
          const found = (message.items as T[]).find(holds);
          if (found !== undefined) resolve(found);
        },
      };
      this.backend.hub.open(subscriber, 1, name, params);
    });

  /** Opens one of the captures and waits until it is read. */
  readonly openCapture = async (name: string): Promise<{ trace: string; state: TraceState }> => {
    const path = join(CAPTURES, name);
    await this.backend.openings.take(path);
    const { trace } = await this.ask('trace.open', { path, follow: false });
    const state = await this.until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
    return { trace, state };
  };
}

/** A stage that each test of a file has to itself. */
export function stageTraces(): TracesStage {
  const stage = new TracesStage();
  beforeEach(() => stage.open());
  afterEach(() => stage.close());
  return stage;
}
