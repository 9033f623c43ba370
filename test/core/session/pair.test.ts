import { describe, expect, it } from 'vitest';
import { SWEEPS, sweepPair } from '../../support/pair-sweep.ts';
import { talk } from '../../support/pair-talk.ts';

/** Every byte is tried by `npm run sweep`; here every so many, none of them a multiple of a PDU. */
const STEP = { cut: 23, delay: 23, drop: 1, flip: 47 } as const;

const ALL_WELL = {
  login: 'ok',
  read: 'ok',
  write: 'ok',
  ping: 'ok',
  text: 'ok',
  tmf: 'ok',
  'read back': 'ok',
  logout: 'ok',
};

describe('a session with the embedded target, in memory', () => {
  it.each([
    [0, false],
    [0, true],
    [1, false],
    [1, true],
    [2, false],
    [2, true],
  ] as const)('does all there is at error recovery level %i, digests %s', async (level, digests) => {
    const { ends, faults, pair } = await talk({ level, digests });
    expect(ends).toEqual(ALL_WELL);
    expect(faults).toEqual([]);
    expect(pair.lines).toHaveLength(1);
    expect(pair.sim.machine.core.recoveryLevel).toBe(level);
  });

  it.each(SWEEPS)('ends every request once, typed or right, whatever happens on the wire: %s', async (sweep) => {
    const kind = sweep.split(' ')[0] as keyof typeof STEP;
    const { runs, findings } = await sweepPair(sweep, STEP[kind], 1 % STEP[kind]);
    expect(findings).toEqual([]);
    expect(runs).toBeGreaterThan(40);
  });

  it('loses nothing but what has no second chance when one PDU is dropped at error recovery level 1 or 2', async () => {
    for (const sweep of ['drop 1', 'drop 2'] as const) {
      const { ends } = await sweepPair(sweep);
      const lost = [...ends].filter(([end]) => !end.endsWith(': ok')).map(([end]) => end);
      // Reads come through whatever is lost; a request that is not a command, and data a target waits for, are given up.
      expect(lost.sort()).toEqual([
        'login: LOGIN_TIMEOUT',
        'logout: TIMEOUT_LOGOUT',
        'ping: TIMEOUT_KEEPALIVE',
        'text: TIMEOUT_COMMAND',
        'tmf: TIMEOUT_COMMAND',
        'write: TIMEOUT_COMMAND',
      ]);
    }
  });
});
