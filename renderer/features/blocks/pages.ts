import type { Answer, WireError } from '../../../electron/contract/errors.ts';
import { request } from '../../lib/client.ts';

const PAGE_BYTES = 65_536;
const KEPT = 192;
const AT_ONCE = 4;
const RETRY_AFTER_MS = 3000;

/** What became of a stretch of the device. */
export type Page =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: WireError; readonly at: number }
  | { readonly state: 'ready'; readonly bytes: Uint8Array; readonly bad: ReadonlyMap<number, string> };

/** One byte as it can be shown: its value, or why there is none. */
export type Cell = number | 'loading' | 'unreadable' | 'failed' | 'past-end';

interface Answered {
  readonly bytes: Uint8Array;
  readonly bad: readonly { readonly offset: number; readonly length: number; readonly error: string }[];
}

/** Where pages come from; the window asks the main process, tests ask memory. */
export interface PageReader {
  readonly read: (offset: bigint, length: number, ticket: number) => Promise<Answer<Answered>>;
  readonly cancel: (tickets: readonly number[]) => void;
}

let lastTicket = 0;

/** A LUN of a session, and the unit met there. */
export interface UnitPlace {
  readonly id: string;
  readonly lun: string;
  readonly unit?: number | undefined;
}

/** Reads a unit's bytes through the main process; `onRefused` is told of reads that failed. */
export function lunReader(place: UnitPlace, onRefused: () => void): PageReader {
  return {
    read: async (offset, length, ticket) => {
      const answer = await request('blocks.read', { ...place, offset: String(offset), length, ticket });
      if (!answer.ok && answer.error.code !== 'CANCELLED') onRefused();
      return answer;
    },
    cancel: (tickets) => void request('blocks.cancel', { tickets: [...tickets] }),
  };
}

/** The stretches of a device that are in view or soon will be; what scrolled away is called off. */
export class Pages {
  readonly #pages = new Map<bigint, Page>();
  readonly #tickets = new Map<bigint, number>();
  readonly #reader: PageReader;
  readonly #size: bigint;
  readonly #blockSize: number;
  readonly #pageBytes: bigint;
  readonly #changed: () => void;
  #wanted: readonly bigint[] = [];

  constructor(reader: PageReader, device: { readonly size: bigint; readonly blockSize: number }, changed: () => void) {
    this.#reader = reader;
    this.#size = device.size;
    this.#blockSize = device.blockSize;
    this.#pageBytes = BigInt(Math.max(1, Math.floor(PAGE_BYTES / device.blockSize)) * device.blockSize);
    this.#changed = changed;
  }

  /** Says what is in view, and where the view is heading: pages ahead of it are read next. */
  look(from: bigint, to: bigint, heading: 1 | -1): void {
    const last = (this.#size - 1n) / this.#pageBytes;
    const wanted: bigint[] = [];
    for (let page = from / this.#pageBytes; page <= to / this.#pageBytes && page <= last; page += 1n) wanted.push(page);
    // Who drags over the device does not stay; what lies ahead is read once the view goes on from where it was.
    const settled = wanted.some((page) => this.#wanted.includes(page));
    const edge = heading === 1 ? (wanted[wanted.length - 1] ?? 0n) : (wanted[0] ?? 0n);
    const visible = wanted.length;
    for (const step of settled ? [1n, 2n] : []) {
      const ahead = edge + BigInt(heading) * step;
      if (ahead >= 0n && ahead <= last) wanted.push(ahead);
    }
    this.#wanted = heading === 1 ? wanted : [...wanted.slice(0, visible).reverse(), ...wanted.slice(visible)];
    const gone = [...this.#tickets].filter(([page]) => !wanted.includes(page));
    for (const [page] of gone) {
      this.#tickets.delete(page);
      this.#pages.delete(page);
    }
    if (gone.length > 0) this.#reader.cancel(gone.map(([, ticket]) => ticket));
    this.#fill();
  }

  /** Forgets everything, so that it is read again. */
  forget(): void {
    this.#reader.cancel([...this.#tickets.values()]);
    this.#tickets.clear();
    this.#pages.clear();
    this.#fill();
  }

  /** Reads again what failed. */
  retry(): void {
    for (const [index, page] of this.#pages) if (page.state === 'failed') this.#pages.delete(index);
    this.#fill();
  }

  cell(address: bigint): Cell {
    if (address < 0n || address >= this.#size) return 'past-end';
    const page = this.#pages.get(address / this.#pageBytes);
    if (page === undefined || page.state === 'loading') return 'loading';
    if (page.state === 'failed') return 'failed';
    const at = Number(address % this.#pageBytes);
    if (page.bad.size > 0 && page.bad.has(at - (at % this.#blockSize))) return 'unreadable';
    return page.bytes[at] ?? 'past-end';
  }

  /** Why the byte at an address cannot be shown, where that is so. */
  problem(address: bigint): WireError | string | null {
    const page = this.#pages.get(address / this.#pageBytes);
    if (page?.state === 'failed') return page.error;
    if (page?.state !== 'ready') return null;
    const at = Number(address % this.#pageBytes);
    return page.bad.get(at - (at % this.#blockSize)) ?? null;
  }

  /** As many bytes from an address on as are here, at most `most`. */
  bytes(address: bigint, most: number): Uint8Array {
    const found: number[] = [];
    for (let at = 0; at < most; at += 1) {
      const cell = this.cell(address + BigInt(at));
      if (typeof cell !== 'number') break;
      found.push(cell);
    }
    return Uint8Array.from(found);
  }

  #fill(): void {
    for (const index of this.#wanted) {
      if (this.#tickets.size >= AT_ONCE) return;
      const page = this.#pages.get(index);
      if (page?.state === 'ready') {
        // The latest use keeps it longest.
        this.#pages.delete(index);
        this.#pages.set(index, page);
        continue;
      }
      const rests = page?.state === 'failed' && Date.now() - page.at < RETRY_AFTER_MS;
      if (page?.state === 'loading' || rests) continue;
      void this.#load(index);
    }
  }

  async #load(index: bigint): Promise<void> {
    lastTicket += 1;
    const ticket = lastTicket;
    this.#tickets.set(index, ticket);
    this.#pages.set(index, { state: 'loading' });
    const offset = index * this.#pageBytes;
    const left = this.#size - offset;
    const answer = await this.#reader.read(offset, Number(left < this.#pageBytes ? left : this.#pageBytes), ticket);
    if (this.#tickets.get(index) !== ticket) return;
    this.#tickets.delete(index);
    if (answer.ok) {
      const bad = new Map(answer.value.bad.map((each) => [each.offset, each.error]));
      this.#pages.set(index, { state: 'ready', bytes: answer.value.bytes, bad });
    } else this.#pages.set(index, { state: 'failed', error: answer.error, at: Date.now() });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) break;
      if (!this.#wanted.includes(oldest) && !this.#tickets.has(oldest)) this.#pages.delete(oldest);
    }
    this.#fill();
    this.#changed();
  }
}
