import { isTyping, keyOf } from '../lib/keys.ts';
import { rememberFocus } from '../lib/regions.ts';
import { commandForKey } from '../state/commands.ts';

/** Sends keys to commands, unless a component has taken them or they are text; gives the function that ends it. */
export function listenToKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = keyOf(event);
    if (key === null || isTyping(event.target, key)) return;
    const command = commandForKey(key);
    if (command === undefined) return;
    event.preventDefault();
    command.run();
  };
  window.addEventListener('keydown', onKeyDown);
  window.addEventListener('focusin', rememberFocus);
  return () => {
    window.removeEventListener('keydown', onKeyDown);
    window.removeEventListener('focusin', rememberFocus);
  };
}
