import type { Task } from './task.ts';

interface Entry {
  readonly task: Task;
  readonly number: number;
  readonly length: number;
}

/** Entries from which on those let go of are swept out. */
const SWEEP_FROM = 1024;

/**
 * What a connection keeps for retransmission at error recovery level 1 and up, oldest first out: an initiator that
 * acknowledges nothing costs a bounded amount of memory, and its late SNACK is rejected.
 */
export class Replay {
  readonly #limitBytes: number;
  #entries: Entry[] = [];
  #head = 0;
  #kept = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Entries held, of which those let go of are swept now and then. */
  get entries(): number {
    return this.#entries.length;
  }

  /** Keeps a Data-In or R2T of a task under its number. */
  keep(task: Task, number: number, bytes: Uint8Array, offset: number): void {
    task.sentPdus[number] = { bytes, offset };
    this.#entries.push({ task, number, length: bytes.length });
    this.#kept += 1;
    this.#bytes += bytes.length;
    while (this.#bytes > this.#limitBytes && this.#head < this.#entries.length) {
      const oldest = this.#entries[this.#head] as Entry;
      this.#head += 1;
      this.#drop(oldest.task, oldest.number, oldest.length);
    }
    if (this.#entries.length > SWEEP_FROM && this.#entries.length > this.#kept * 2) {
      this.#entries = this.#entries.filter((entry) => entry.task.sentPdus[entry.number] !== undefined);
      this.#head = 0;
    }
  }

  /** Lets go of a task's PDUs below a number. */
  release(task: Task, below = task.sentPdus.length): void {
    for (let number = 0; number < below; number += 1) {
      const pdu = task.sentPdus[number];
      if (pdu !== undefined) this.#drop(task, number, pdu.bytes.length);
    }
  }

  #drop(task: Task, number: number, length: number): void {
    if (task.sentPdus[number] === undefined) return;
    task.sentPdus[number] = undefined;
    this.#kept -= 1;
    this.#bytes -= length;
  }
}
