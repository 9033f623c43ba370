import type { Task } from './task.ts';

const SLOTS = 0x8000;
const GENERATIONS = 0x7fff;

/**
 * Tasks by initiator task tag. A tag is slot | generation << 16 with the top bit clear, so that a late answer to an
 * earlier task of the same slot finds nobody and the reserved tag can never come up.
 */
export class TaskTable {
  readonly #tasks: (Task | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  #size = 0;

  /** Tasks in the table. */
  get size(): number {
    return this.#size;
  }

  /** Whether another task can be taken. */
  get full(): boolean {
    return this.#size >= SLOTS;
  }

  /** Gives the task its tag. */
  add(task: Task): void {
    let slot = this.#free.pop();
    if (slot === undefined) {
      slot = this.#tasks.length;
      this.#generations.push(0);
      this.#tasks.push(undefined);
    }
    const generation = this.#generations[slot] as number;
    task.itt = slot | (generation << 16);
    this.#tasks[slot] = task;
    this.#size += 1;
  }

  /** The task of a tag, or undefined where the tag is not in use. */
  get(itt: number): Task | undefined {
    const task = this.#tasks[itt & 0xffff];
    return task?.itt === itt ? task : undefined;
  }

  /** Frees the task's tag. */
  remove(task: Task): void {
    const slot = task.itt & 0xffff;
    if (this.#tasks[slot] !== task) return;
    this.#tasks[slot] = undefined;
    this.#generations[slot] = ((this.#generations[slot] as number) + 1) % GENERATIONS;
    this.#free.push(slot);
    this.#size -= 1;
  }

  /** Every task in the table, oldest slot first. */
  all(): Task[] {
    return this.#tasks.filter((task): task is Task => task !== undefined);
  }
}
