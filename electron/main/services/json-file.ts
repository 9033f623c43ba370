import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';

/** One value in one file: read once, replaced whole on every change, so that a crash leaves the old or the new one. */
export class JsonFile<T> {
  readonly #file: string;
  #current: T;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, current: T) {
    this.#file = file;
    this.#current = current;
  }

  /** Reads the file; one that is missing or damaged gives what the schema makes of `empty`, and a damaged one is kept aside. */
  static async open<T>(file: string, schema: z.ZodType<T>, empty: unknown): Promise<JsonFile<T>> {
    await mkdir(dirname(file), { recursive: true });
    let current = schema.parse(empty);
    try {
      current = schema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!missing) await rename(file, `${file}.damaged`).catch(() => undefined);
    }
    return new JsonFile(file, current);
  }

  get current(): T {
    return this.#current;
  }

  /** Takes the new value at once and resolves when it is on disk, readable by its owner only. */
  async replace(next: T): Promise<void> {
    this.#current = next;
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write(next));
    await this.#writing;
  }

  async #write(next: T): Promise<void> {
    const temporary = `${this.#file}.new`;
    await writeFile(temporary, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
    await rename(temporary, this.#file);
  }
}
