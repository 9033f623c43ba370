import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../core/errors/index.ts';
import type { Task } from '../../../core/session/index.ts';
import { controlCases } from '../../hostile/cases/control.ts';
import { dataInCases } from '../../hostile/cases/data-in.ts';
import { writeCases } from '../../hostile/cases/write.ts';
import { writeBlocks, type HostileCase } from '../../hostile/case.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { isRight, rawSim, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

async function opened(hostile: HostileCase): Promise<{ sim: SessionSim; target: RawTarget } | string> {
  const target = new RawTarget({ segment: 1024, ...hostile.raw });
  hostile.peer?.(target);
  const sim = rawSim(target, {
    maxReconnectAttempts: hostile.options?.maxReconnectAttempts ?? 0,
    commandTimeoutMs: 1000,
    abortTimeoutMs: 300,
    reconnectBackoffMs: 5,
    keepaliveIntervalMs: 0,
  });
  const failure = await sim.login();
  if (failure !== undefined) return failure.code;
  rememberUnit(sim);
  return { sim, target };
}

function judged(task: Task, right: boolean): string {
  if (task.error !== undefined) return task.error.code;
  return task.status !== 0 ? 'SCSI' : right ? 'data' : 'WRONG DATA';
}

async function reading(hostile: HostileCase): Promise<string> {
  const session = await opened(hostile);
  if (typeof session === 'string') return session;
  for (let lba = 100; lba < 132; lba += 8) {
    const task = submitRead(session.sim, lba, 8);
    await session.sim.run(20_000, () => task.state === 'done');
    const ended = judged(task, isRight(task, lba));
    if (ended !== 'data') return ended;
  }
  return 'data';
}

async function writing(hostile: HostileCase): Promise<string> {
  const session = await opened(hostile);
  if (typeof session === 'string') return session;
  const data = pattern(UNIT, 40, 8);
  const task = submitWrite(session.sim, 40, data);
  await session.sim.run(20_000, () => task.state === 'done');
  return judged(
    task,
    session.target.written.some((each) => Buffer.compare(each.data, data) === 0),
  );
}

/** What the machine itself may end with: statuses are judged above it, so any of them stands for itself. */
function allowed(expected: readonly string[]): string[] {
  return expected.flatMap((code) => (code.startsWith('SCSI_') ? [code, 'SCSI'] : [code]));
}

const reads = [...dataInCases, ...controlCases.filter((each) => each.use === undefined)];

describe('a misbehaving target, under a virtual clock', () => {
  it.each(reads.map((each) => [`${each.group}: ${each.name}`, each] as const))('%s', async (_name, hostile) => {
    expect(allowed([...hostile.expect, 'TIMEOUT_COMMAND'])).toContain(await reading(hostile));
  });

  it.each(writeCases.filter((each) => each.use === writeBlocks).map((each) => [each.name, each] as const))(
    'R2T %s',
    async (_name, hostile) => {
      expect(allowed([...hostile.expect, 'TASK_UNKNOWN_OUTCOME'])).toContain(await writing(hostile));
    },
  );
});

describe('a session that is over, or not there yet', () => {
  it('refuses everything with the reason it ended for', async () => {
    const sim = rawSim(new RawTarget());
    await sim.login();
    sim.machine.close(new CancelledError('SESSION_CLOSED', 'Enough.'));
    const codes: (string | undefined)[] = [];
    const done = (_value: unknown, error: { readonly code: string } | undefined): void => void codes.push(error?.code);
    sim.machine.manageTasks({ function: 1 }, done);
    sim.machine.ping(new Uint8Array(0), 100, done);
    sim.machine.text([], 100, done);
    sim.machine.addConnection(undefined, done);
    sim.machine.logoutConnection(0, 1, 100, done);
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'SESSION_CLOSED'));
    expect(submitRead(sim, 1, 1).error?.code).toBe('SESSION_CLOSED');
    sim.machine.confirmStatus();
    sim.machine.connectionLost(0, new CancelledError('CANCELLED', 'x'));
    sim.machine.receive(0, new Uint8Array(48), 0, 48);
    sim.machine.connected(0, { initiatorHost: '', initiatorPort: 0, targetHost: '', targetPort: 0 });
    sim.machine.close(new CancelledError('SESSION_CLOSED', 'Again.'));
    expect(sim.machine.core.state).toBe('closed');
  });

  it('can be closed while it connects', async () => {
    const sim = rawSim(new RawTarget());
    const outcome: unknown[] = [];
    sim.machine.start((result, error) => outcome.push(result, error?.code));
    sim.machine.logout(100, () => undefined);
    await sim.run(100);
    expect(outcome).toEqual([undefined, 'SESSION_CLOSED']);
  });

  it('says which deadline passed at login', async () => {
    const silent = rawSim(new RawTarget());
    silent.accept = () => 'silence';
    expect((await silent.login())?.code).toBe('CONNECT_TIMEOUT');
    const mute = new RawTarget();
    mute.rules.push(() => true);
    expect((await rawSim(mute).login())?.code).toBe('LOGIN_TIMEOUT');
  });

  it('follows redirects, as far as it may', async () => {
    const target = new RawTarget();
    let left = 2;
    target.on(0x03, (connection, request) => {
      if (left === 0) return false;
      left -= 1;
      const data = Buffer.from('TargetAddress=127.0.0.9:3999,1\0');
      connection.login(request, { flags: 0, word36: 0x01010000, byte2: 0, data });
      return true;
    });
    const sim = rawSim(target);
    expect(await sim.login()).toBeUndefined();
    expect(sim.opened.map((each) => `${each.address.host}:${String(each.address.port)}`)).toEqual([
      '127.0.0.1:3260',
      '127.0.0.9:3999',
      '127.0.0.9:3999',
    ]);
    left = 9;
    expect((await rawSim(target, { maxRedirects: 2 }).login())?.code).toBe('LOGIN_REDIRECT');
  });

  it('lets what runs finish before it logs out, and takes nothing new', async () => {
    const target = new RawTarget();
    const sim = rawSim(target);
    await sim.login();
    let answer: (() => void) | undefined;
    target.onRead((connection, request) => {
      answer ??= () => {
        connection.answer(request);
      };
      return true;
    });
    const task = submitRead(sim, 1, 1);
    await sim.run(1);
    let over = false;
    sim.machine.logout(1000, () => {
      over = true;
    });
    expect(submitRead(sim, 2, 1).error?.code).toBe('SESSION_CLOSED');
    await sim.run(1);
    expect(target.received.some((each) => each.opcode === 0x06)).toBe(false);
    target.rules.length = 0;
    answer?.();
    await sim.run(10, () => over);
    expect(isRight(task, 1)).toBe(true);
    expect(target.received.some((each) => each.opcode === 0x06)).toBe(true);
  });

  it('does not wait longer than half its time for what runs', async () => {
    const target = new RawTarget();
    const sim = rawSim(target);
    await sim.login();
    target.onRead(() => true);
    const task = submitRead(sim, 1, 1);
    await sim.run(1);
    const from = sim.clock;
    let over = false;
    sim.machine.logout(1000, () => {
      over = true;
    });
    await sim.run(5000, () => over);
    expect(task.error?.code).toBe('TIMEOUT_COMMAND');
    expect(sim.clock - from).toBeLessThanOrEqual(1000);
  });
});

describe('streams', () => {
  it('read in order, and write what is there when it is there', async () => {
    const target = new RawTarget({ segment: 512 });
    const offers = { ...SIM_OPTIONS.offers, immediateData: true };
    const sim = rawSim(target, { offers });
    await sim.login();
    const pieces: Uint8Array[] = [];
    const reader = sim.submit({
      cdb: Uint8Array.from([0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0]),
      consumer: { push: (piece) => pieces.push(piece) > 1 },
      expectedIn: 2048,
      noProgressMs: 100,
    });
    await sim.run(50, () => reader.state === 'done');
    expect(Buffer.compare(Buffer.concat(pieces), pattern(UNIT, 3, 4))).toBe(0);
    sim.machine.resumeDataIn(reader);
    const data = pattern(UNIT, 9, 40);
    let at = 0;
    let ready = 0;
    const writer = sim.submit({
      cdb: Uint8Array.from([0x2a, 0, 0, 0, 0, 9, 0, 0, 40, 0]),
      source: {
        pull: (into) => {
          if (at + into.length > ready) return false;
          into.set(data.subarray(at, at + into.length));
          at += into.length;
          return true;
        },
      },
      expectedOut: data.length,
      noProgressMs: 100,
    });
    await sim.run(50);
    ready = 9000;
    sim.machine.resumeDataOut(writer);
    await sim.run(50);
    ready = data.length;
    sim.machine.resumeDataOut(writer);
    await sim.run(50, () => writer.state === 'done');
    expect(writer.error).toBeUndefined();
    expect(target.written).toEqual([{ lba: 9, data }]);
  });

  it('end when nothing moves', async () => {
    const sim = rawSim(new RawTarget());
    await sim.login();
    const stuck = sim.submit({
      cdb: Uint8Array.from([0x2a, 0, 0, 0, 0, 9, 0, 0, 40, 0]),
      source: { pull: () => false },
      expectedOut: 20480,
      noProgressMs: 500,
    });
    await sim.run(5000, () => stuck.state === 'done');
    expect(stuck.error?.code).toBe('TIMEOUT_NO_PROGRESS');
  });
});
