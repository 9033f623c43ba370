import type { Nexus } from './nexus.ts';
import { UNIT_ATTENTIONS, type UnitAttention, type UnitAttentions } from './unit-attention.ts';

/** Persistent reservation types (SPC-5 6.16.3.3). */
export const RESERVATION_TYPES = {
  writeExclusive: 1,
  exclusiveAccess: 3,
  writeExclusiveRegistrantsOnly: 5,
  exclusiveAccessRegistrantsOnly: 6,
  writeExclusiveAllRegistrants: 7,
  exclusiveAccessAllRegistrants: 8,
} as const;

/** How a command touches the medium, for the tables of conflicts (SPC-5 table 66, SBC-4 table 13). */
export type Touch = 'none' | 'read' | 'write' | 'other';

/** One registered I_T nexus. */
export interface Registration {
  readonly nexus: Nexus;
  readonly key: bigint;
}

/** The persistent reservation in force. */
export interface Reservation {
  readonly type: number;
  /** The holder; for the all registrants types the one that made it. */
  readonly holder: string;
}

const TYPES: ReadonlySet<number> = new Set(Object.values(RESERVATION_TYPES));

/** Whether a reservation type is held by all registrants together. */
export function isAllRegistrants(type: number): boolean {
  return (
    type === RESERVATION_TYPES.writeExclusiveAllRegistrants || type === RESERVATION_TYPES.exclusiveAccessAllRegistrants
  );
}

function isRegistrantsOnly(type: number): boolean {
  return type >= RESERVATION_TYPES.writeExclusiveRegistrantsOnly;
}

/** How a PERSISTENT RESERVE OUT service action ended; `done` may come with nexuses whose tasks are to be aborted. */
export type ReservationResult =
  | { readonly kind: 'done'; readonly abort?: readonly string[] }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'full' }
  | { readonly kind: 'invalidParameter'; readonly byte: number }
  | { readonly kind: 'invalidType' }
  | { readonly kind: 'invalidRelease' };

const MOST_REGISTRATIONS = 1024;
const DONE: ReservationResult = { kind: 'done' };
const CONFLICT: ReservationResult = { kind: 'conflict' };

/** The reservations of a logical unit: registrations, the persistent reservation, and RESERVE(6) of old (SPC-5 5.13, SPC-2 5.5). */
export class Reservations {
  generation = 0;
  reservation: Reservation | undefined;
  /** The nexus that holds the unit by RESERVE(6). */
  legacyHolder: string | undefined;
  readonly #registrations = new Map<string, Registration>();
  readonly #attentions: UnitAttentions;

  constructor(attentions: UnitAttentions) {
    this.#attentions = attentions;
  }

  get registrations(): readonly Registration[] {
    return [...this.#registrations.values()];
  }

  /** Whether anything is reserved: the fast way out. */
  get any(): boolean {
    return this.reservation !== undefined || this.legacyHolder !== undefined;
  }

  /** The key a nexus is registered with. */
  keyOf(nexusId: string): bigint | undefined {
    return this.#registrations.get(nexusId)?.key;
  }

  /** Whether a nexus holds the persistent reservation. */
  holds(nexusId: string): boolean {
    const { reservation } = this;
    if (reservation === undefined) return false;
    return isAllRegistrants(reservation.type) ? this.#registrations.has(nexusId) : reservation.holder === nexusId;
  }

  /** Whether a command of a nexus meets a reservation conflict. */
  conflicts(nexusId: string, touch: Touch): boolean {
    if (this.legacyHolder !== undefined && this.legacyHolder !== nexusId && touch !== 'none') return true;
    const { reservation } = this;
    if (reservation === undefined || touch === 'none' || this.holds(nexusId)) return false;
    if (isRegistrantsOnly(reservation.type) && this.#registrations.has(nexusId)) return false;
    const writesOnly =
      reservation.type === RESERVATION_TYPES.writeExclusive ||
      reservation.type === RESERVATION_TYPES.writeExclusiveRegistrantsOnly ||
      reservation.type === RESERVATION_TYPES.writeExclusiveAllRegistrants;
    return !(writesOnly && touch === 'read');
  }

  /** REGISTER, and REGISTER AND IGNORE EXISTING KEY (SPC-5 5.13.7). */
  register(nexus: Nexus, key: bigint, newKey: bigint, ignoreExisting: boolean): ReservationResult {
    const present = this.keyOf(nexus.id);
    if (!ignoreExisting && (present ?? 0n) !== key) return CONFLICT;
    if (newKey === 0n) {
      if (present !== undefined) {
        this.#unregister(nexus.id, nexus.id);
        this.generation += 1;
      } else if (!ignoreExisting) this.generation += 1;
      return DONE;
    }
    if (present === undefined && this.#registrations.size >= MOST_REGISTRATIONS) return { kind: 'full' };
    this.#registrations.set(nexus.id, { nexus, key: newKey });
    this.generation += 1;
    return DONE;
  }

  /** RESERVE (SPC-5 5.13.9). */
  reserve(nexusId: string, key: bigint, scope: number, type: number): ReservationResult {
    if (this.keyOf(nexusId) !== key) return CONFLICT;
    if (scope !== 0 || !TYPES.has(type)) return { kind: 'invalidType' };
    if (this.reservation !== undefined) return this.holds(nexusId) && this.reservation.type === type ? DONE : CONFLICT;
    this.reservation = { type, holder: nexusId };
    return DONE;
  }

  /** RELEASE (SPC-5 5.13.11.2). */
  release(nexusId: string, key: bigint, scope: number, type: number): ReservationResult {
    if (this.keyOf(nexusId) !== key) return CONFLICT;
    if (this.reservation === undefined || !this.holds(nexusId)) return DONE;
    if (scope !== 0 || this.reservation.type !== type) return { kind: 'invalidRelease' };
    const shared = isRegistrantsOnly(type);
    this.reservation = undefined;
    if (shared) this.#tellRegistrants(UNIT_ATTENTIONS.reservationsReleased, nexusId);
    return DONE;
  }

  /** CLEAR (SPC-5 5.13.11.6). */
  clear(nexusId: string, key: bigint): ReservationResult {
    if (this.keyOf(nexusId) !== key) return CONFLICT;
    this.#tellRegistrants(UNIT_ATTENTIONS.reservationsPreempted, nexusId);
    this.reservation = undefined;
    this.#registrations.clear();
    this.generation += 1;
    return DONE;
  }

  /** PREEMPT and PREEMPT AND ABORT (SPC-5 5.13.11.4). */
  preempt(nexusId: string, key: bigint, victim: bigint, scope: number, type: number): ReservationResult {
    if (this.keyOf(nexusId) !== key) return CONFLICT;
    const { reservation } = this;
    const all = reservation !== undefined && isAllRegistrants(reservation.type);
    const holderKey = reservation === undefined || all ? undefined : this.keyOf(reservation.holder);
    const takesOver = reservation !== undefined && (all ? victim === 0n : victim === holderKey);
    if (victim === 0n && !all) return { kind: 'invalidParameter', byte: 8 };
    if (takesOver && (scope !== 0 || !TYPES.has(type))) return { kind: 'invalidType' };
    const gone = this.registrations
      .filter((each) => each.nexus.id !== nexusId && ((all && victim === 0n) || each.key === victim))
      .map(({ nexus }) => nexus.id);
    if (gone.length === 0 && !takesOver) return CONFLICT;
    for (const id of gone) {
      this.#registrations.delete(id);
      this.#attentions.raise(id, UNIT_ATTENTIONS.registrationsPreempted);
    }
    if (takesOver) {
      if (reservation.type !== type) this.#tellRegistrants(UNIT_ATTENTIONS.reservationsReleased, nexusId);
      this.reservation = { type, holder: nexusId };
    } else if (all && !this.registrations.some(({ nexus }) => nexus.id === reservation.holder))
      this.reservation = { ...reservation, holder: nexusId };
    this.generation += 1;
    return { kind: 'done', abort: gone };
  }

  /** REGISTER AND MOVE (SPC-5 5.13.8): the reservation goes to another nexus, which is registered for it. */
  move(from: string, key: bigint, to: Nexus, newKey: bigint, unregister: boolean): ReservationResult {
    if (this.keyOf(from) !== key || this.reservation === undefined || !this.holds(from)) return CONFLICT;
    if (isAllRegistrants(this.reservation.type)) return CONFLICT;
    if (newKey === 0n || to.id === from) return { kind: 'invalidParameter', byte: 8 };
    this.#registrations.set(to.id, { nexus: to, key: newKey });
    this.reservation = { ...this.reservation, holder: to.id };
    if (unregister) this.#registrations.delete(from);
    this.generation += 1;
    return DONE;
  }

  /** Legacy reservations end with their nexus. */
  loseNexus(nexusId: string): void {
    if (this.legacyHolder === nexusId) this.legacyHolder = undefined;
  }

  /** Legacy reservations end with a reset; persistent ones do not (SPC-5 5.13.1). */
  reset(): void {
    this.legacyHolder = undefined;
  }

  #unregister(nexusId: string, except: string): void {
    const { reservation } = this;
    const held = this.holds(nexusId);
    this.#registrations.delete(nexusId);
    if (reservation === undefined || !held) return;
    if (isAllRegistrants(reservation.type)) {
      if (this.#registrations.size > 0) return;
      this.reservation = undefined;
      return;
    }
    this.reservation = undefined;
    if (isRegistrantsOnly(reservation.type)) this.#tellRegistrants(UNIT_ATTENTIONS.reservationsReleased, except);
  }

  #tellRegistrants(condition: UnitAttention, except: string): void {
    for (const id of this.#registrations.keys()) if (id !== except) this.#attentions.raise(id, condition);
  }
}
