import type { Task } from './task.ts';

/** Tasks that wait for the command window, first come first served; a task can leave from the middle. */
export class TaskQueue {
  readonly #tasks = new Set<Task>();

  get size(): number {
    return this.#tasks.size;
  }

  add(task: Task): void {
    this.#tasks.add(task);
  }

  /** Puts tasks before all others, in the order given. */
  addFirst(tasks: readonly Task[]): void {
    const behind = [...this.#tasks];
    this.#tasks.clear();
    for (const task of tasks) this.#tasks.add(task);
    for (const task of behind) this.#tasks.add(task);
  }

  remove(task: Task): void {
    this.#tasks.delete(task);
  }

  /** Takes the oldest task out. */
  take(): Task | undefined {
    for (const task of this.#tasks) {
      this.#tasks.delete(task);
      return task;
    }
    return undefined;
  }

  all(): Task[] {
    return [...this.#tasks];
  }
}
