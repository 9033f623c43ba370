/** Logins that may be under way at once when many sessions of this process come back. */
const AT_ONCE = 8;

const waiting: (() => void)[] = [];
let active = 0;

/** Asks for leave to log in again; what is returned gives it back, or withdraws the question. */
export function acquireLogin(granted: () => void): () => void {
  let state: 'waiting' | 'granted' | 'over' = 'waiting';
  const grant = (): void => {
    state = 'granted';
    active += 1;
    granted();
  };
  if (active < AT_ONCE) grant();
  else waiting.push(grant);
  return () => {
    if (state === 'waiting') waiting.splice(waiting.indexOf(grant), 1);
    if (state === 'granted') {
      active -= 1;
      if (active < AT_ONCE) waiting.shift()?.();
    }
    state = 'over';
  };
}
