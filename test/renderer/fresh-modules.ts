import { afterAll, vi } from 'vitest';

// Files share a worker, which spares loading React and the rest anew for each. The window's own stores begin anew with a
// file, and what they would have done later ends with it; so do the page and the bridge, of which there is one for all.
vi.resetModules();
Reflect.deleteProperty(globalThis, 'lunascope');

const plain = globalThis.setTimeout;
const timers = new Set<NodeJS.Timeout>();
globalThis.setTimeout = Object.assign((...input: Parameters<typeof plain>) => {
  const timer = plain(...input);
  timers.add(timer);
  return timer;
}, plain);

afterAll(async () => {
  const { cleanup } = await import('@testing-library/react');
  cleanup();
  document.head.replaceChildren();
  document.body.replaceChildren();
  for (const element of [document.documentElement, document.body])
    for (const name of element.getAttributeNames()) element.removeAttribute(name);
  globalThis.setTimeout = plain;
  for (const timer of timers) clearTimeout(timer);
});
