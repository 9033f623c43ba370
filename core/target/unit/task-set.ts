/** Task attributes (SAM-5 8.9); untagged counts as simple. */
export type TaskAttribute = 'simple' | 'ordered' | 'headOfQueue';

/** A task's place in a logical unit's task set. */
export interface TaskSlot {
  readonly attribute: TaskAttribute;
  readonly order: number;
  exclusive: boolean;
  state: 'waiting' | 'running' | 'done';
  start: (() => void) | undefined;
}

/**
 * Decides when a task may run: ORDERED waits for all before it and holds all behind it, HEAD OF QUEUE passes the queue,
 * and an exclusive task (COMPARE AND WRITE) runs alone.
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
    const slot: TaskSlot = { attribute, order: this.#order, exclusive: false, state: 'waiting', start: undefined };
    this.#slots.add(slot);
    if (attribute === 'ordered') this.#ordered += 1;
    return slot;
  }

  /** Says that a task has all it needs; `start` is called at once or when its turn comes. */
  ready(slot: TaskSlot, exclusive: boolean, start: () => void): void {
    slot.exclusive = exclusive;
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
      this.#running -= 1;
      if (slot.exclusive) this.#exclusive = false;
    }
    slot.state = 'done';
    slot.start = undefined;
    this.#slots.delete(slot);
    if (slot.attribute === 'ordered') this.#ordered -= 1;
    if (this.#ready.length > 0) this.#startReady();
  }

  #run(slot: TaskSlot): void {
    slot.state = 'running';
    this.#running += 1;
    if (slot.exclusive) this.#exclusive = true;
  }

  #mayRun(slot: TaskSlot): boolean {
    if (this.#exclusive || (slot.exclusive && this.#running > 0)) return false;
    // A ready exclusive task must not starve: what comes behind it waits too.
    if (
      this.#ready.some((other) => other !== slot && other.exclusive && other.order < slot.order) &&
      slot.attribute !== 'headOfQueue'
    )
      return false;
    if (this.#ordered === 0 || slot.attribute === 'headOfQueue') return true;
    for (const other of this.#slots) {
      if (other.order >= slot.order) break;
      if (slot.attribute === 'ordered' || other.attribute === 'ordered') return false;
    }
    return true;
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
