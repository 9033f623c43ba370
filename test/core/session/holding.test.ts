import { describe, expect, it } from 'vitest';
import type { Task } from '../../../core/session/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { isRight, rawSim, read10, submitRead } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';

interface Rig {
  readonly sim: SessionSim;
  readonly target: RawTarget;
  /** What the session asked for: reading on or off. */
  readonly asked: boolean[];
}

/** A session whose wire really holds bytes back while it is not read. */
async function opened(session: object = {}): Promise<Rig> {
  const target = new RawTarget({ segment: 512 });
  const sim = rawSim(target, { keepaliveIntervalMs: 0, ...session });
  const asked: boolean[] = [];
  const waiting: (() => void)[] = [];
  const accept = sim.accept;
  sim.accept = (pipe, connection, address) =>
    accept(
      {
        ...pipe,
        send: (bytes) => {
          if (asked.at(-1) === false) waiting.push(() => pipe.send(bytes));
          else pipe.send(bytes);
        },
      },
      connection,
      address,
    );
  sim.setReading = (_connection?: number, on?: boolean): void => {
    asked.push(on === true);
    if (on === true) for (const send of waiting.splice(0)) send();
  };
  expect(await sim.login()).toBeUndefined();
  return { sim, target, asked };
}

interface Reader {
  readonly task: Task;
  readonly got: Uint8Array[];
}

/** A stream from block 4 on whose reader has room for one segment. */
function fullReader(sim: SessionSim, blocks: number): Reader {
  const got: Uint8Array[] = [];
  const consumer = { push: (segment: Uint8Array) => got.push(segment) < 1 };
  return { got, task: sim.submit({ cdb: read10(4, blocks), expectedIn: blocks * 512, consumer, noProgressMs: 1000 }) };
}

/** Sends the first block of reads that begin at block 4 and no more. */
function beginsOnly(target: RawTarget): void {
  target.onRead((connection, request) => {
    if (request.cdb.readUInt32BE(2) !== 4) return false;
    connection.send({ opcode: 0x25, flags: 0, itt: request.itt, data: pattern(UNIT, 4, 1) }, false);
    return true;
  });
}

describe('a reader that holds its connection back', () => {
  it('ends with the command it made late, and the connection lives on', async () => {
    const { sim, target, asked } = await opened();
    beginsOnly(target);
    const stream = fullReader(sim, 4);
    await sim.run(10);
    expect(asked).toEqual([false]);
    const late = sim.submit({ cdb: read10(1, 1), dataIn: new Uint8Array(512), whole: true, timeoutMs: 5000 });
    await sim.run(4900);
    expect([stream.task.state, late.state]).toEqual(['sent', 'sent']);
    await sim.run(200);
    expect(late.error).toMatchObject({ code: 'TIMEOUT_COMMAND' });
    expect(late.error?.message).toMatch(/a stream on its connection was not read/u);
    expect(stream.task.error).toMatchObject({ code: 'TIMEOUT_NO_PROGRESS', retryable: false });
    expect(stream.task.error?.message).toMatch(/held its connection back/u);
    expect(asked).toEqual([false, true]);
    const after = submitRead(sim, 1, 1);
    await sim.run(10, () => after.state === 'done');
    expect(isRight(after, 1)).toBe(true);
    expect([sim.machine.core.state, target.logins]).toEqual(['full', 1]);
  });

  it('ends with a request whose time is over, which then has it again for the answer that waited', async () => {
    const { sim, target } = await opened();
    beginsOnly(target);
    const stream = fullReader(sim, 4);
    await sim.run(10);
    const answers: unknown[] = [];
    sim.machine.ping(Uint8Array.of(1, 2), 300, (roundTripMs, error) => answers.push(roundTripMs, error));
    await sim.run(290);
    expect(answers).toEqual([]);
    await sim.run(20);
    expect(answers).toEqual([300, undefined]);
    expect(stream.task.error?.code).toBe('TIMEOUT_NO_PROGRESS');
  });

  it('does not keep a session from being logged out', async () => {
    const { sim, target } = await opened();
    beginsOnly(target);
    const stream = fullReader(sim, 4);
    // Long enough that its own time without progress would be over.
    await sim.run(3000);
    const from = sim.clock;
    const outcome: unknown[] = [];
    sim.machine.logout(1000, (answer, error) => outcome.push(answer?.response, error?.code));
    await sim.run(400);
    expect(stream.task.state).toBe('sent');
    await sim.run(5000, () => outcome.length > 0);
    expect(outcome).toEqual([0, undefined]);
    expect(sim.clock - from).toBe(500);
    expect(stream.task.error?.code).toBe('TIMEOUT_NO_PROGRESS');
  });

  it('holds nothing any more once its command is done, whether it is read or not', async () => {
    const { sim, asked } = await opened();
    const stream = fullReader(sim, 1);
    await sim.run(10, () => stream.task.state === 'done');
    expect(stream.task.error).toBeUndefined();
    expect(asked).toEqual([false, true]);
    const after = submitRead(sim, 1, 1);
    await sim.run(10, () => after.state === 'done');
    expect(isRight(after, 1)).toBe(true);
  });

  it('keeps it held while another does', async () => {
    const { sim, target, asked } = await opened();
    beginsOnly(target);
    const streams = [fullReader(sim, 4), fullReader(sim, 4)];
    await sim.run(10);
    expect(streams.map((each) => each.got.length)).toEqual([1, 1]);
    asked.length = 0;
    const [first, second] = streams;
    if (first !== undefined) sim.machine.resumeDataIn(first.task);
    expect(asked).toEqual([]);
    if (second !== undefined) sim.machine.resumeDataIn(second.task);
    expect(asked).toEqual([true]);
  });
});
