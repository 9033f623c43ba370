import { describe, expect, it } from 'vitest';
import type { SessionOptions } from '../../../core/session/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { readKeys } from '../../hostile/peers/wire.ts';
import { Pair } from '../../support/pair-sim.ts';
import { rawSim } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, SessionSim } from '../../support/session-sim.ts';

function loginKeys(target: RawTarget): Map<string, string>[] {
  return target.received.filter((each) => each.opcode === 0x03).map((each) => readKeys(each.data));
}

describe('a login', () => {
  it('names alias, target and keys of the caller', async () => {
    const target = new RawTarget({ keys: { 'X-org.example.key': 'seen' } });
    const sim = rawSim(target, { initiatorAlias: 'my desk', overrides: new Map([['MaxBurstLength', '131072']]) });
    expect(await sim.login()).toBeUndefined();
    const [first, second] = loginKeys(target);
    expect([first?.get('InitiatorAlias'), first?.get('TargetName')]).toEqual(['my desk', 'iqn.2026-01.test:raw']);
    expect(second?.get('MaxBurstLength')).toBe('131072');
    expect(sim.machine.core.parameters?.maxBurstLength).toBe(131072);
  });

  it('for discovery names no target', async () => {
    const { targetName: _left, ...rest } = SIM_OPTIONS;
    const options: SessionOptions = { ...rest, sessionType: 'Discovery' };
    const target = new RawTarget();
    const sim = new SessionSim(
      (pipe) => {
        const connection = target.accept(pipe);
        return {
          receive: (bytes) => {
            connection.receive(bytes);
          },
          closed: () => undefined,
        };
      },
      { ...options, targetName: undefined } as unknown as Partial<SessionOptions>,
    );
    expect(await sim.login()).toBeUndefined();
    const [first] = loginKeys(target);
    expect([first?.has('TargetName'), first?.get('SessionType')]).toEqual([false, 'Discovery']);
  });

  it('is tried once more with the one CHAP algorithm everybody knows, and no more often than that', async () => {
    const chap = { user: 'me', secret: 'secret of mine' };
    const pair = new Pair({ chap: true, session: { chap } });
    const algorithms: (string | undefined)[] = [];
    const accept = pair.sim.accept;
    pair.sim.accept = (pipe, connection, address) => {
      const peer = accept(pipe, connection, address);
      if (typeof peer === 'string') return peer;
      return {
        ...peer,
        receive: (bytes) => {
          const offered = /CHAP_A=([0-9,]+)/u.exec(Buffer.from(bytes).toString('latin1'))?.[1];
          // A target that does not understand a list refuses the login.
          if (offered === undefined) peer.receive(bytes);
          else {
            algorithms.push(offered);
            peer.receive(
              Buffer.from(
                Buffer.from(bytes).toString('latin1').replace(offered, '9'.padEnd(offered.length, '9')),
                'latin1',
              ),
            );
          }
        },
      };
    };
    expect((await pair.sim.login())?.code).toBe('AUTH_REFUSED');
    expect(algorithms).toEqual(['8,7,6,5', '5']);
    expect(pair.sim.events.filter((event) => event.kind === 'step' && event.step === 'retry')).toHaveLength(1);
  });

  it('is over where the host says that a connection is up which is up already', async () => {
    const target = new RawTarget();
    const sim = rawSim(target);
    expect(await sim.login()).toBeUndefined();
    const before = target.received.length;
    sim.machine.connected(0, { initiatorHost: '', initiatorPort: 1, targetHost: '', targetPort: 2 });
    sim.machine.connected(9, { initiatorHost: '', initiatorPort: 1, targetHost: '', targetPort: 2 });
    await sim.run(10);
    expect([target.received.length, sim.machine.core.state]).toEqual([before, 'full']);
  });

  it('is over at once with what the host says about the connection', async () => {
    const target = new RawTarget();
    const sim = rawSim(target, { connectTimeoutMs: 700 });
    sim.accept = () => 'silence';
    const from = sim.clock;
    const error = await sim.login();
    expect([error?.code, sim.clock - from]).toEqual(['CONNECT_TIMEOUT', 700]);
    // What comes late for connections that are gone is nobody's.
    sim.machine.receive(0, new Uint8Array(48), 0, 48);
    sim.machine.receiveDirect(0, 1);
    expect([sim.machine.directBuffer(0, 1), sim.machine.hasOutput(0)]).toEqual([undefined, false]);
  });
});
