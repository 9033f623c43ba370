import type { Session } from './session.ts';
import type { Task } from './task.ts';
import type { ServerLimits } from './types.ts';

/** Shares out the memory for data on its way in: a task gets its whole buffer or waits in line. */
export class WriteMemory {
  readonly #limits: ServerLimits;
  readonly #granted: (task: Task) => void;
  readonly #bySession = new Map<Session, number>();
  readonly #waiting: Task[] = [];
  #used = 0;

  /** `granted` is told of each task whose wait is over. */
  constructor(limits: ServerLimits, granted: (task: Task) => void) {
    this.#limits = limits;
    this.#granted = granted;
  }

  /** Bytes given out. */
  get used(): number {
    return this.#used;
  }

  /** Counts `bytes` for a task, or puts it in line; a request that alone is over the limit goes in when nothing else is held. */
  reserve(task: Task, bytes: number): boolean {
    if (this.#waiting.some(({ session }) => session === task.session) || !this.#fits(task, bytes)) {
      if (!this.#waiting.includes(task)) this.#waiting.push(task);
      return false;
    }
    this.#take(task, bytes);
    return true;
  }

  /** Gives back what a task held. */
  release(task: Task): void {
    const at = this.#waiting.indexOf(task);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (task.reserved === 0) return;
    const left = (this.#bySession.get(task.session) ?? 0) - task.reserved;
    if (left > 0) this.#bySession.set(task.session, left);
    else this.#bySession.delete(task.session);
    this.#used -= task.reserved;
    task.reserved = 0;
    if (this.#waiting.length > 0) this.#grant();
  }

  #fits(task: Task, bytes: number): boolean {
    const own = this.#bySession.get(task.session) ?? 0;
    return (
      (own === 0 || own + bytes <= this.#limits.writeBytesPerSession) &&
      (this.#used === 0 || this.#used + bytes <= this.#limits.writeBytes)
    );
  }

  #take(task: Task, bytes: number): void {
    this.#used += bytes;
    this.#bySession.set(task.session, (this.#bySession.get(task.session) ?? 0) + bytes);
    task.reserved = bytes;
  }

  #grant(): void {
    for (let i = 0; i < this.#waiting.length;) {
      const task = this.#waiting[i] as Task;
      if (!this.#fits(task, task.wanted)) {
        i += 1;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#take(task, task.wanted);
      this.#granted(task);
    }
  }
}
