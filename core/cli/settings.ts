import { UsageError } from '../errors/index.ts';
import { loadConfigFile } from '../node/config-file.ts';
import { SETTINGS, type ConfigValue } from '../node/config-settings.ts';
import type { Flags } from './flags.ts';

/** What a file of settings says; the command line comes before it. */
export class Settings {
  readonly #values: ReadonlyMap<string, ConfigValue>;

  constructor(values: ReadonlyMap<string, ConfigValue> = new Map()) {
    this.#values = values;
  }

  /** The file `--config` names; without one nothing is set. */
  static async of(flags: Flags): Promise<Settings> {
    const path = flags.text('config');
    return new Settings(path === undefined ? undefined : await loadConfigFile(path));
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : String(value);
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** A switch that is set, either way. */
  switched(name: string): boolean | undefined {
    const value = this.#values.get(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  /** The words of a list. */
  words(name: string): readonly string[] | undefined {
    return this.text(name)?.split(',');
  }

  /** Whether the file has anything in a section. */
  hasSection(section: string): boolean {
    return [...this.#values.keys()].some((name) => name.startsWith(`${section}.`));
  }
}

/** A number from its flag or else from the file, both held to the range of the setting. */
export function numberOf(flags: Flags, settings: Settings, flag: string, setting: string): number | undefined {
  const kind = SETTINGS.get(setting);
  if (kind?.kind !== 'number') throw new Error(`${setting} is no number.`);
  return flags.integer(flag, kind.least, kind.most) ?? settings.number(setting);
}

/** A switch from one of its two flags or else from the file. */
export function switchOf(
  flags: Flags,
  settings: Settings,
  on: string,
  off: string,
  setting: string,
): boolean | undefined {
  if (flags.has(on) && flags.has(off))
    throw new UsageError('BAD_ARGUMENT', `--${on} and --${off} are opposites; only one can hold.`);
  if (flags.has(on)) return true;
  return flags.has(off) ? false : settings.switched(setting);
}
