import { describe, expect, it } from 'vitest';
import { RawTarget, type RawOptions } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { rawSim, read10, submitRead, submitWrite, write10 } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';

/** A session with a target that takes commands and says nothing more of them. */
async function silent(options: RawOptions = {}): Promise<SessionSim> {
  const target = new RawTarget(options);
  target.onRead(() => true).onWrite(() => true);
  const sim = rawSim(target, { commandTimeoutMs: 1000, keepaliveIntervalMs: 0 });
  expect(await sim.login()).toBeUndefined();
  return sim;
}

const UNKNOWN = /^It may or may not have been carried out\. Read back/u;

describe('a command whose deadline passes', () => {
  it('says that nobody knows what became of it where it may have changed something', async () => {
    const sim = await silent();
    const write = submitWrite(sim, 1, pattern(UNIT, 1, 1));
    await sim.run(2000, () => write.state === 'done');
    expect(write.error).toMatchObject({
      code: 'TIMEOUT_COMMAND',
      retryable: false,
      hint: expect.stringMatching(UNKNOWN) as string,
    });
  });

  it('may be sent again where it changes nothing', async () => {
    const sim = await silent();
    const read = submitRead(sim, 1, 1);
    await sim.run(2000, () => read.state === 'done');
    expect(read.error).toMatchObject({ code: 'TIMEOUT_COMMAND', retryable: true, hint: undefined });
  });

  it('may be sent again where it was never sent', async () => {
    const sim = await silent({ window: 1 });
    const first = sim.submit({ cdb: read10(1, 1), dataIn: new Uint8Array(512), timeoutMs: 20_000 });
    await sim.run(5);
    sim.machine.core.window.update(sim.machine.core.window.cmdSn, sim.machine.core.window.cmdSn - 1);
    const write = submitWrite(sim, 1, pattern(UNIT, 1, 1));
    await sim.run(2000, () => write.state === 'done');
    expect(first.state).toBe('sent');
    expect(write.error).toMatchObject({ code: 'TIMEOUT_COMMAND', retryable: true, hint: undefined });
    expect(write.error?.message).toMatch(/was never sent/u);
  });

  it('says the same of a stream that stands still', async () => {
    const sim = await silent();
    const request = { expectedOut: 1024, source: { pull: () => false }, noProgressMs: 500 };
    const write = sim.submit({ cdb: write10(1, 2), ...request });
    await sim.run(2000, () => write.state === 'done');
    expect(write.error).toMatchObject({
      code: 'TIMEOUT_NO_PROGRESS',
      retryable: false,
      hint: expect.stringMatching(UNKNOWN) as string,
    });
  });
});

describe('an answer that comes after the time of its request was over', () => {
  const ask = {
    ping: (sim: SessionSim, done: (error: unknown) => void) => {
      sim.machine.ping(Uint8Array.of(1), 50, (_value, error) => {
        done(error);
      });
    },
    'task management function': (sim: SessionSim, done: (error: unknown) => void) => {
      sim.machine.manageTasks({ function: 5, timeoutMs: 50 }, (_value, error) => {
        done(error);
      });
    },
    text: (sim: SessionSim, done: (error: unknown) => void) => {
      sim.machine.text([{ key: 'X-lunascope', value: '1' }], 50, (_value, error) => {
        done(error);
      });
    },
  };

  it.each([
    ['ping', 0x00, 0x20, 0x80],
    ['task management function', 0x02, 0x22, 0x80],
    ['text', 0x04, 0x24, 0x80],
  ] as const)('to a %s is told of, once, and the connection stays', async (what, request, answer, flags) => {
    const target = new RawTarget();
    let late: (() => void) | undefined;
    target.on(request, (connection, { itt }) => {
      late = () => {
        connection.send({ opcode: answer, flags, itt });
      };
      return true;
    });
    const sim = rawSim(target, { keepaliveIntervalMs: 0 });
    expect(await sim.login()).toBeUndefined();
    let error: unknown;
    ask[what](sim, (told) => {
      error = told;
    });
    await sim.run(1000, () => error !== undefined);
    late?.();
    const read = submitRead(sim, 1, 1);
    await sim.run(1000, () => read.state === 'done');
    expect([read.error, read.status]).toEqual([undefined, 0]);
    expect(sim.events.filter((event) => event.kind === 'warning').map((event) => event.text)).toEqual([
      expect.stringMatching(/came after the time of its request was over/u),
    ]);
    // A second answer to it is one to nothing.
    late?.();
    await sim.run(1000, () => sim.machine.core.state === 'closed');
    expect(sim.machine.core.closeReason?.code).toBe('PROTOCOL_UNEXPECTED');
  });
});
