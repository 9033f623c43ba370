import { join } from 'node:path';
import { settings, type Settings, type SettingsPatch } from '../../contract/settings.ts';
import { JsonFile } from './json-file.ts';

/** The settings, kept in the folder they were opened in. */
export class SettingsStore {
  readonly #file: JsonFile<Settings>;
  readonly #onChange: (settings: Settings) => void;

  private constructor(file: JsonFile<Settings>, onChange: (settings: Settings) => void) {
    this.#file = file;
    this.#onChange = onChange;
  }

  /** Reads `settings.json` in `folder` and tells what holds. */
  static async open(folder: string, onChange: (settings: Settings) => void): Promise<SettingsStore> {
    const file = await JsonFile.open(join(folder, 'settings.json'), settings, {});
    onChange(file.current);
    return new SettingsStore(file, onChange);
  }

  get current(): Settings {
    return this.#file.current;
  }

  async change(patch: SettingsPatch): Promise<Settings> {
    const given = Object.entries(patch).filter(([, value]) => value !== undefined);
    const next = settings.parse({ ...this.current, ...Object.fromEntries(given) });
    this.#onChange(next);
    await this.#file.replace(next);
    return next;
  }
}
