import type { SettingsStore } from '../services/settings-store.ts';
import type { Handlers } from './dispatch.ts';

/** Reading and changing the settings. */
export function settingsHandlers(store: SettingsStore): Pick<Handlers, 'settings.read' | 'settings.write'> {
  return {
    'settings.read': () => store.current,
    'settings.write': (patch) => store.change(patch),
  };
}
