/** Task attributes (SAM-5 8.9); untagged counts as simple. */
export type TaskAttribute = 'simple' | 'ordered' | 'headOfQueue';

/**
 * What a task must not run beside. Reads take no lock: one whose initiator is slow to take its data must not hold up
 * the others.
 */
export type TaskLock = 'none' | 'shared' | 'exclusive';

/** A task's place in a logical unit's task set. */
export interface TaskSlot {
  readonly attribute: TaskAttribute;
  readonly order: number;
  lock: TaskLock;
  state: 'waiting' | 'running' | 'done';
  start: (() => void) | undefined;
}

/**
 * Decides when a task may run: ORDERED waits for all before it and holds all behind it, HEAD OF QUEUE passes the queue,
 * and nothing but reads runs beside an exclusive task (COMPARE AND WRITE).
 */
export class TaskSet {
  readonly #slots = new Set<TaskSlot>();
  readonly #ready: TaskSlot[] = [];
  #order = 0;
  #ordered = 0;
  #running = 0;
  #exclusive = false;

  /** Tasks that have entered and not left. */
  get size(): number {
    return this.#slots.size;
  }

  /** Takes a place in the order of arrival. */
  enter(attribute: TaskAttribute): TaskSlot {
    this.#order += 1;
    const slot: TaskSlot = { attribute, order: this.#order, lock: 'none', state: 'waiting', start: undefined };
    this.#slots.add(slot);
    if (attribute === 'ordered') this.#ordered += 1;
    return slot;
  }

  /** Says that a task has all it needs; `start` is called at once or when its turn comes. */
  ready(slot: TaskSlot, lock: TaskLock, start: () => void): void {
    slot.lock = lock;
    if (this.#mayRun(slot)) {
      this.#run(slot);
      start();
      return;
    }
    slot.start = start;
    if (slot.attribute === 'headOfQueue') this.#ready.unshift(slot);
    else this.#ready.push(slot);
  }

  /** Gives the place up, whether the task ended or was aborted; idempotent. */
  leave(slot: TaskSlot): void {
    if (slot.state === 'done') return;
    if (slot.state === 'running') {
      if (slot.lock !== 'none') this.#running -= 1;
      if (slot.lock === 'exclusive') this.#exclusive = false;
    }
    slot.state = 'done';
    slot.start = undefined;
    this.#slots.delete(slot);
    if (slot.attribute === 'ordered') this.#ordered -= 1;
    if (this.#ready.length > 0) this.#startReady();
  }

  #run(slot: TaskSlot): void {
    slot.state = 'running';
    if (slot.lock !== 'none') this.#running += 1;
    if (slot.lock === 'exclusive') this.#exclusive = true;
  }

  #mayRun(slot: TaskSlot): boolean {
    if (slot.lock !== 'none' && !this.#lockIsFree(slot)) return false;
    if (this.#ordered === 0 || slot.attribute === 'headOfQueue') return true;
    for (const other of this.#slots) {
      if (other.order >= slot.order) break;
      if (slot.attribute === 'ordered' || other.attribute === 'ordered') return false;
    }
    return true;
  }

  #lockIsFree(slot: TaskSlot): boolean {
    if (this.#exclusive || (slot.lock === 'exclusive' && this.#running > 0)) return false;
    if (slot.attribute === 'headOfQueue') return true;
    // An exclusive task that is ready must not starve: what comes behind it waits too.
    return !this.#ready.some((other) => other !== slot && other.lock === 'exclusive' && other.order < slot.order);
  }

  #startReady(): void {
    for (let i = 0; i < this.#ready.length;) {
      const slot = this.#ready[i] as TaskSlot;
      if (slot.state !== 'waiting') this.#ready.splice(i, 1);
      else if (this.#mayRun(slot)) {
        this.#ready.splice(i, 1);
        const start = slot.start;
        this.#run(slot);
        start?.();
        i = 0;
      } else i += 1;
    }
  }
}
