import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settings, type Settings, type SettingsPatch } from '../../contract/settings.ts';

/** The settings file: read once, replaced whole on every change, so that a crash leaves the old or the new one. */
export class SettingsStore {
  readonly #file: string;
  readonly #onChange: (settings: Settings) => void;
  #current: Settings;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, current: Settings, onChange: (settings: Settings) => void) {
    this.#file = file;
    this.#current = current;
    this.#onChange = onChange;
  }

  /** Reads the file in `folder`; one that is missing or damaged gives the defaults, and a damaged one is kept aside. */
  static async open(folder: string, onChange: (settings: Settings) => void): Promise<SettingsStore> {
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'settings.json');
    let current = settings.parse({});
    try {
      current = settings.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!missing) await rename(file, `${file}.damaged`).catch(() => undefined);
    }
    onChange(current);
    return new SettingsStore(file, current, onChange);
  }

  get current(): Settings {
    return this.#current;
  }

  async change(patch: SettingsPatch): Promise<Settings> {
    const given = Object.entries(patch).filter(([, value]) => value !== undefined);
    const next = settings.parse({ ...this.#current, ...Object.fromEntries(given) });
    this.#current = next;
    this.#onChange(next);
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write(next));
    await this.#writing;
    return next;
  }

  async #write(next: Settings): Promise<void> {
    const temporary = `${this.#file}.new`;
    await writeFile(temporary, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
    await rename(temporary, this.#file);
  }
}
