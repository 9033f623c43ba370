import { recordPdus, type PduBatch, type PduTap, type TapEnd, type TapEndpoints } from '../../../core/trace/index.ts';

interface Open {
  readonly endpoints: TapEndpoints;
  /** Its number in the recording under way. */
  inner: number;
}

/** A tap that a session keeps for life while what records behind it comes and goes. */
export class SwitchTap implements PduTap {
  readonly #open = new Map<number, Open>();
  readonly #onFirst: () => void;
  readonly #onIdle: () => void;
  #next = 0;
  #tap: PduTap | undefined;

  /** `onFirst` is called before its first connection, so that nothing is recorded of a portal that never answers. */
  constructor(onFirst: () => void, onIdle: () => void) {
    this.#onFirst = onFirst;
    this.#onIdle = onIdle;
  }

  /** Connections that are up. */
  get connections(): number {
    return this.#open.size;
  }

  /** Puts another recorder behind it, or none; connections that are up go on in the new one. */
  switchTo(tap: PduTap | undefined): void {
    const now = performance.now();
    for (const open of this.#open.values()) {
      this.#tap?.closeConnection(open.inner, now, 'the recording ended', 'goes-on');
      open.inner = tap?.openConnection(now, open.endpoints) ?? -1;
    }
    this.#tap = tap;
  }

  openConnection(timeMs: number, endpoints: TapEndpoints): number {
    const connection = this.#next;
    if (connection === 0) this.#onFirst();
    this.#next += 1;
    this.#open.set(connection, { endpoints, inner: this.#tap?.openConnection(timeMs, endpoints) ?? -1 });
    return connection;
  }

  readonly recordPdu: PduTap['recordPdu'] = (
    connection,
    outgoing,
    timeMs,
    bytes,
    at,
    ahsLength,
    data,
    dataAt,
    dataLength,
    damage,
  ) => {
    const open = this.#open.get(connection);
    if (open === undefined || this.#tap === undefined) return;
    this.#tap.recordPdu(open.inner, outgoing, timeMs, bytes, at, ahsLength, data, dataAt, dataLength, damage);
  };

  recordPdus(connection: number, fromInitiator: boolean, timeMs: number, batch: PduBatch): void {
    const open = this.#open.get(connection);
    if (open === undefined || this.#tap === undefined) return;
    recordPdus(this.#tap, open.inner, fromInitiator, timeMs, batch);
  }

  recordLag(timeMs: number, lagMs: number): void {
    this.#tap?.recordLag(timeMs, lagMs);
  }

  closeConnection(connection: number, timeMs: number, reason: string, end?: TapEnd): void {
    const open = this.#open.get(connection);
    if (open === undefined) return;
    this.#open.delete(connection);
    this.#tap?.closeConnection(open.inner, timeMs, reason, end);
    if (this.#open.size === 0) this.#onIdle();
  }
}
