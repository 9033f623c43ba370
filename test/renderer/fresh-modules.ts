import { afterAll, vi } from 'vitest';

// Files share a worker, which spares loading React and the rest anew for each. The window's own stores begin anew with a
// file, and what they would have done later ends with it.
vi.resetModules();

const plain = globalThis.setTimeout;
const timers = new Set<NodeJS.Timeout>();
globalThis.setTimeout = Object.assign((...input: Parameters<typeof plain>) => {
  const timer = plain(...input);
  timers.add(timer);
  return timer;
}, plain);

afterAll(() => {
  globalThis.setTimeout = plain;
  for (const timer of timers) clearTimeout(timer);
});
