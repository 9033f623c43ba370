import { afterEach, describe, expect, it } from 'vitest';
import { discover, discoverAll, discoverWithWarnings } from '../../../core/initiator/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { listenRaw } from './raw-peer.ts';
import { Cleanup } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const portalOf = async (target: RawTarget): Promise<{ host: string; port: number }> => ({
  host: '127.0.0.1',
  port: await listenRaw(cleanup, target),
});

describe('a discovery', () => {
  it('of a portal that closes where it should answer the logout has what was told before', async () => {
    const target = new RawTarget();
    target.on(0x06, (connection) => {
      connection.reset();
      return true;
    });
    expect((await discover(await portalOf(target))).map((each) => each.name)).toEqual(['iqn.2026-01.test:raw']);
  });

  it('tells what was odd about the answer', async () => {
    const target = new RawTarget({
      discovery: { TargetAddress: '127.0.0.1:3260,1', TargetName: 'iqn.2026-01.test:a' },
    });
    const found = await discoverWithWarnings(await portalOf(target));
    expect(found.targets.map((each) => each.name)).toEqual(['iqn.2026-01.test:a']);
    expect(found.warnings).toHaveLength(1);
  });

  it('fails with what went wrong, and is not begun once it is called off', async () => {
    const target = new RawTarget();
    target.on(0x04, (connection) => {
      connection.reset();
      return true;
    });
    const portal = await portalOf(target);
    await expect(discover(portal)).rejects.toMatchObject({ name: 'TransportError' });
    const logins = target.logins;
    await expect(discover(portal, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(target.logins).toBe(logins);
  });
});

describe('discoveries side by side', () => {
  it('have each their own outcome, told as it comes', async () => {
    const good = await portalOf(new RawTarget());
    const bad = { host: ' ' };
    const told: boolean[] = [];
    const outcomes = await discoverAll([good, bad], {}, (outcome) => told.push(outcome.ok));
    expect(outcomes.map((each) => each.ok)).toEqual([true, false]);
    expect(told).toEqual([false, true]);
    expect(outcomes[1]).toMatchObject({ portal: bad, error: { code: 'BAD_ARGUMENT' } });
    expect((await discoverAll([good])).map((each) => each.portal)).toEqual([good]);
  });

  it('do not take a fault of the program for an outcome', async () => {
    await expect(discoverAll([undefined as unknown as { host: string }])).rejects.toThrow(TypeError);
  });
});
