import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chaos, input } from './session-chaos.ts';

/** The same inputs in every run of the suite. */
const SEED = 20260107;

describe('a session whose inputs come in any order', () => {
  it('ends every request once and typed, sends nothing out of its phase, and leaves nothing behind', async () => {
    const states = new Set<string>();
    const errors = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(input, { minLength: 1, maxLength: 25 }),
        fc.constantFrom(0 as const, 1 as const, 2 as const),
        fc.nat(1000),
        fc.constantFrom(0, 0, 0, 2),
        async (inputs, level, seed, before) => {
          const chaos = new Chaos(level, seed);
          expect(await chaos.live(inputs, before)).toEqual([]);
          for (const event of chaos.sim.events)
            if (event.kind === 'state') {
              states.add(event.to);
              if (event.reason !== undefined) errors.add(event.reason.code);
            }
        },
      ),
      { numRuns: 1200, seed: SEED },
    );
    // It has been everywhere, and broken off for every kind of reason.
    expect([...states].sort()).toEqual(['closed', 'connecting', 'full', 'logging-out', 'login', 'recovering']);
    const some = ['CONNECTION_LOST', 'CONNECT_REFUSED', 'PROTOCOL_DATA', 'PROTOCOL_SEQUENCE', 'TIMEOUT_KEEPALIVE'];
    expect(some.filter((code) => !errors.has(code))).toEqual([]);
  }, 60_000);
});
