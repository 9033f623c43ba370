import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { CancelledError, TransportError } from '../../../core/errors/index.ts';
import type { AttemptStep } from '../../contract/explorer.ts';

/** A login or discovery under way: its steps, and the way to call it off. */
export interface Attempt {
  readonly signal: AbortSignal;
  readonly step: (step: AttemptStep['step'], text: string) => void;
}

interface Running {
  readonly controller: AbortController;
  readonly startedAt: number;
  readonly steps: AttemptStep[];
  readonly watchers: Set<(step: AttemptStep) => void>;
}

const KEPT = 50;

/** Follows attempts by the names the window gave them. */
export class Attempts {
  readonly #attempts = new Map<string, Running>();

  /** Tells the steps so far, then each new one; a name nobody has used yet may be watched before. */
  watch(id: string, watcher: (step: AttemptStep) => void): () => void {
    const attempt = this.#of(id);
    for (const step of attempt.steps) watcher(step);
    attempt.watchers.add(watcher);
    return () => attempt.watchers.delete(watcher);
  }

  cancel(id: string): void {
    this.#attempts.get(id)?.controller.abort();
  }

  /** Runs work under a name. */
  async run<T>(id: string, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const attempt = this.#of(id);
    const step: Attempt['step'] = (kind, text) => {
      const told = { step: kind, text, atMs: Date.now() - attempt.startedAt };
      attempt.steps.push(told);
      for (const watcher of attempt.watchers) watcher(told);
    };
    return work({ signal: attempt.controller.signal, step });
  }

  /** Calls off whatever runs. */
  close(): void {
    for (const { controller } of this.#attempts.values()) controller.abort();
  }

  #of(id: string): Running {
    const known = this.#attempts.get(id);
    if (known !== undefined) return known;
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size >= KEPT && oldest !== undefined) this.#attempts.delete(oldest);
    const made = { controller: new AbortController(), startedAt: Date.now(), steps: [], watchers: new Set<never>() };
    this.#attempts.set(id, made);
    return made;
  }
}

/** Looks a host up and says what it found; an address is taken as it is. */
export async function resolveHost(host: string, { signal, step }: Attempt): Promise<void> {
  if (isIP(host) !== 0 || host.includes('%')) {
    step('resolve', `${host} is an address.`);
    return;
  }
  step('resolve', `Looking up ${host}.`);
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    throw new TransportError('NAME_NOT_FOUND', `No address is known for the host name ${host}.`, {
      hint: 'Check the spelling, or type the address itself; the name server of this computer does not know the name.',
      details: { host },
      cause: error,
    });
  });
  if (signal.aborted) throw new CancelledError('CANCELLED', 'The attempt was called off.');
  step('resolve', `${host} is ${found.map(({ address }) => address).join(', ')}.`);
}
