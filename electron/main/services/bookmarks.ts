import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../../core/errors/index.ts';
import { bookmarkList, type Bookmark } from '../../contract/blocks.ts';
import { JsonFile } from './json-file.ts';

const MOST_UNITS = 1000;
const schema = z.record(z.string(), bookmarkList);

/** Marked places, kept by what a unit calls itself, so that they are there on every path and after every restart. */
export class Bookmarks {
  readonly #file: JsonFile<Record<string, Bookmark[]>>;

  private constructor(file: JsonFile<Record<string, Bookmark[]>>) {
    this.#file = file;
  }

  static async open(folder: string): Promise<Bookmarks> {
    return new Bookmarks(await JsonFile.open(join(folder, 'bookmarks.json'), schema, {}));
  }

  of(identity: string): Bookmark[] {
    return this.#file.current[identity] ?? [];
  }

  async replace(identity: string, bookmarks: Bookmark[]): Promise<void> {
    const { [identity]: _before, ...rest } = this.#file.current;
    if (Object.keys(rest).length >= MOST_UNITS)
      throw new UsageError('LIMIT_REACHED', `Bookmarks are kept of at most ${String(MOST_UNITS)} units.`);
    await this.#file.replace(bookmarks.length === 0 ? rest : { ...rest, [identity]: bookmarks });
  }
}
