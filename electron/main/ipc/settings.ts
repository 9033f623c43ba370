import { UsageError } from '../../../core/errors/index.ts';
import { checkIscsiName } from '../../../core/login/index.ts';
import type { SettingsStore } from '../services/settings-store.ts';
import type { Handlers } from './dispatch.ts';

/** Reading and changing the settings; `onChange` is called after each change. */
export function settingsHandlers(
  store: SettingsStore,
  onChange: () => void,
): Pick<Handlers, 'settings.read' | 'settings.write'> {
  return {
    'settings.read': () => store.current,
    'settings.write': async (patch) => {
      const problem = patch.initiatorName === undefined ? null : checkIscsiName(patch.initiatorName).problem;
      if (problem !== null) throw new UsageError('BAD_ARGUMENT', problem);
      const next = await store.change(patch);
      onChange();
      return next;
    },
  };
}
