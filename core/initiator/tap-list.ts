import { recordPdus, type PduBatch, type PduDamage } from '../pdu/index.ts';
import type { PduTap, TapEnd, TapEndpoints } from '../session/index.ts';
import { shielded, surface } from './shielded.ts';

interface Entry {
  readonly tap: PduTap;
  /** The tap's own numbers of the connections it has been told of. */
  readonly numbers: Map<number, number>;
}

/** The taps of a session: each may come and go, has its own numbers, and notices nothing of the others, not even their faults. */
export class TapList implements PduTap {
  readonly #entries = new Set<Entry>();
  readonly #open = new Map<number, TapEndpoints>();
  #next = 0;
  /** The tap, while there is one only, and its number of the connection it was last told of: the way nearly every PDU goes. */
  #only: PduTap | undefined;
  #onlyConnection = -1;
  #onlyNumber = -1;

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a tap, which is told of a connection with the first PDU it sees of it; call what this returns to take it away. */
  add(tap: PduTap): () => void {
    const entry: Entry = { tap, numbers: new Map() };
    this.#entries.add(entry);
    this.#only = undefined;
    return () => {
      if (!this.#entries.delete(entry)) return;
      this.#only = undefined;
      const now = performance.now();
      for (const number of entry.numbers.values())
        shielded(() => {
          tap.closeConnection(number, now, 'Recording ended.', 'goes-on');
        });
    };
  }

  openConnection(timeMs: number, endpoints: TapEndpoints): number {
    const connection = this.#next;
    this.#next += 1;
    this.#open.set(connection, endpoints);
    for (const entry of this.#entries)
      shielded(() => {
        this.#numberOf(entry, connection, timeMs);
      });
    return connection;
  }

  #numberOf({ tap, numbers }: Entry, connection: number, timeMs: number): number {
    const known = numbers.get(connection);
    const endpoints = this.#open.get(connection);
    if (known !== undefined || endpoints === undefined) return known ?? -1;
    const number = tap.openConnection(timeMs, endpoints);
    numbers.set(connection, number);
    return number;
  }

  recordPdu(
    connection: number,
    fromInitiator: boolean,
    timeMs: number,
    bytes: Uint8Array,
    at: number,
    ahsLength: number,
    data: Uint8Array,
    dataAt: number,
    dataLength: number,
    damage?: PduDamage,
  ): void {
    if (this.#only === undefined || connection !== this.#onlyConnection) {
      for (const entry of this.#entries)
        try {
          const number = this.#numberOf(entry, connection, timeMs);
          this.#only = this.#entries.size === 1 ? entry.tap : undefined;
          this.#onlyConnection = connection;
          this.#onlyNumber = number;
          entry.tap.recordPdu(number, fromInitiator, timeMs, bytes, at, ahsLength, data, dataAt, dataLength, damage);
        } catch (error) {
          surface(error);
        }
      return;
    }
    const number = this.#onlyNumber;
    try {
      this.#only.recordPdu(number, fromInitiator, timeMs, bytes, at, ahsLength, data, dataAt, dataLength, damage);
    } catch (error) {
      surface(error);
    }
  }

  recordPdus(connection: number, fromInitiator: boolean, timeMs: number, batch: PduBatch): void {
    for (const entry of this.#entries)
      shielded(() => {
        const number = this.#numberOf(entry, connection, timeMs);
        recordPdus(entry.tap, number, fromInitiator, timeMs, batch);
      });
  }

  recordLag(timeMs: number, lagMs: number): void {
    for (const { tap } of this.#entries)
      shielded(() => {
        tap.recordLag(timeMs, lagMs);
      });
  }

  closeConnection(connection: number, timeMs: number, reason: string, end?: TapEnd): void {
    this.#open.delete(connection);
    this.#only = undefined;
    for (const { tap, numbers } of this.#entries) {
      const number = numbers.get(connection);
      if (number === undefined || !numbers.delete(connection)) continue;
      shielded(() => {
        tap.closeConnection(number, timeMs, reason, end);
      });
    }
  }
}
