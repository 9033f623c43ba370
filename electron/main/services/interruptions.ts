import type { Host } from '../host.ts';
import { countOf } from './count-of.ts';
import type { LogBook } from './log-book.ts';
import type { Sessions } from './sessions.ts';

const LOOK_MS = 3000;
const MINUTE = 60_000;

/** What interruptions work with. */
export interface InterruptionParts {
  readonly host: Pick<Host, 'onPower' | 'addresses'>;
  readonly sessions: Pick<Sessions, 'checkAll' | 'noteAll'>;
  readonly book: LogBook;
  /** How often the addresses are looked at, where not every few seconds. */
  readonly lookMs?: number;
}

const lasted = (ms: number): string =>
  ms < MINUTE ? `${String(Math.round(ms / 1000))} s` : `${String(Math.round(ms / MINUTE))} min`;

const list = (names: readonly string[]): string => names.join(', ');

/** What became of the addresses, as a sentence; null where nothing did. */
export function addressChange(before: readonly string[], after: readonly string[]): string | null {
  const gone = before.filter((one) => !after.includes(one));
  const come = after.filter((one) => !before.includes(one));
  if (gone.length === 0 && come.length === 0) return null;
  const parts = [
    ...(gone.length > 0 ? [`${list(gone)} is gone`] : []),
    ...(come.length > 0 ? [`${list(come)} is there`] : []),
  ];
  return `The network of this computer changed: ${parts.join(', ')}.`;
}

/** Watches for what sessions do not survive unnoticed, sleep and another network, and has them checked afterwards. */
export class Interruptions {
  readonly #parts: InterruptionParts;
  readonly #ends: (() => void)[] = [];
  #sleptAt: number | null = null;
  #addresses: readonly string[];

  constructor(parts: InterruptionParts) {
    const { host, lookMs = LOOK_MS } = parts;
    this.#parts = parts;
    this.#addresses = host.addresses();
    const timer = setInterval(() => this.#look(), lookMs);
    timer.unref();
    this.#ends.push(
      host.onPower((event) => (event === 'sleep' ? this.#slept() : this.#woke())),
      () => clearInterval(timer),
    );
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #slept(): void {
    this.#sleptAt = Date.now();
    this.#parts.sessions.noteAll('sleep', 'The computer goes to sleep.');
  }

  #woke(): void {
    const slept = this.#sleptAt === null ? '' : ` after ${lasted(Date.now() - this.#sleptAt)}`;
    this.#sleptAt = null;
    const change = this.#changed();
    this.#check('wake', `The computer woke${slept}.${change === null ? '' : ` ${change}`}`);
  }

  #look(): void {
    // While it sleeps, networks go; what counts is how it wakes.
    if (this.#sleptAt !== null) return;
    const change = this.#changed();
    if (change !== null) this.#check('network', change);
  }

  #changed(): string | null {
    const before = this.#addresses;
    this.#addresses = this.#parts.host.addresses();
    return addressChange(before, this.#addresses);
  }

  #check(kind: 'wake' | 'network', what: string): void {
    const checked = this.#parts.sessions.checkAll(kind, what);
    if (checked > 0)
      this.#parts.book.write('info', 'This computer', `${what} Checking ${countOf(checked, 'session')}.`);
  }
}
