import { describe, expect, it } from 'vitest';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { isRight, rawSim, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS } from '../../support/session-sim.ts';

const RETAIN_S = 20;
const WAIT_S = 2;

/** Loses the only connection of a level 2 session at a read and a write, and keeps it away for so long. */
async function awayFor(ms: number) {
  const target = new RawTarget({ keys: { DefaultTime2Wait: String(WAIT_S), DefaultTime2Retain: String(RETAIN_S) } });
  const sim = rawSim(target, {
    keepaliveIntervalMs: 0,
    maxReconnectAttempts: 500,
    reconnectBackoffMs: 100,
    commandTimeoutMs: 600_000,
    offers: {
      ...SIM_OPTIONS.offers,
      errorRecoveryLevel: 2,
      defaultTime2Wait: WAIT_S,
      defaultTime2Retain: RETAIN_S,
    },
  });
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  const before = target.received.length;
  let lost = false;
  target.rules.push((connection, request) => {
    if (lost || request.opcode !== 0x01 || request.cdb[0] !== 0x2a) return !lost && request.opcode === 0x01;
    lost = true;
    connection.reset();
    return true;
  });
  const reading = submitRead(sim, 20, 4);
  const writing = submitWrite(sim, 40, pattern(UNIT, 40, 1));
  const { accept } = sim;
  sim.accept = () => 'refuse';
  await sim.run(ms);
  sim.accept = accept;
  await sim.run(120_000, () => reading.state === 'done' && writing.state === 'done');
  const logins = target.received.slice(before).filter((each) => each.opcode === 0x03);
  const again = [...new Set(logins.map((each) => each.bhs.readUInt16BE(14)))];
  return { reading, writing, again, reassigned: target.received.some((each) => each.opcode === 0x02) };
}

describe('DefaultTime2Retain (RFC 7143 13.16)', () => {
  it('lets a connection be replaced under its session while it has not run out', async () => {
    const { again, reassigned } = await awayFor((RETAIN_S - 5) * 1000);
    expect(again).toEqual([7]);
    expect(reassigned).toBe(true);
  });

  it('leaves nothing to come back to once it has: a new session, no reassignment, and a write that is unknown', async () => {
    const { reading, writing, again, reassigned } = await awayFor((RETAIN_S + WAIT_S + 5) * 1000);
    expect(again).toEqual([0]);
    expect(reassigned).toBe(false);
    expect(isRight(reading, 20)).toBe(true);
    expect(writing.error?.code).toBe('TASK_UNKNOWN_OUTCOME');
  });
});
