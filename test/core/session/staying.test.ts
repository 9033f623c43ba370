import { describe, expect, it } from 'vitest';
import { CancelledError, TransportError } from '../../../core/errors/index.ts';
import type { Connection } from '../../../core/session/index.ts';
import { pauseReading } from '../../../core/session/reading.ts';
import { isRight, read10, submitRead } from '../../support/raw-sim.ts';
import { LOGOUT, opened, readOn, holdOn, logouts } from './several-connections.ts';

describe('a session of three connections', () => {
  it('that loses the one over which it was logging out another goes on with the third', async () => {
    const { sim, target } = await opened(3);
    const waiting = readOn(sim, 2, 7);
    await sim.run(10, () => waiting.state === 'done');
    const hold = holdOn(target, 0);
    const read = readOn(sim, 0);
    await sim.run(1);
    target.on(LOGOUT, (connection) => {
      if (logouts(target).length > 1) return false;
      connection.reset();
      return true;
    });
    target.connections[0]?.reset();
    await sim.run(100, () => read.state === 'done');
    hold();
    expect(isRight(read, 5)).toBe(true);
    expect(sim.machine.core.generation).toBe(1);
    const isWhole = (): boolean => [0, 1, 2].every((id) => sim.machine.core.connections.get(id)?.phase === 'full');
    await sim.run(5000, isWhole);
    expect([...sim.machine.core.connections.keys()].sort()).toEqual([0, 1, 2]);
    expect(target.connections).toHaveLength(5);
  });

  it('that loses all of them comes back once, and gives up what was joining', async () => {
    const { sim, target } = await opened(3);
    const read = readOn(sim, 1);
    target.onRead((connection) => connection.index < 3);
    await sim.run(1);
    const joins: string[] = [];
    const { accept } = sim;
    sim.accept = () => 'silence';
    sim.machine.addConnection(undefined, (_id, error) => joins.push(error?.code ?? 'ok'));
    await sim.run(1);
    sim.accept = accept;
    for (const connection of [...target.connections]) connection.reset();
    await sim.run(5000, () => read.state === 'done');
    expect(joins).toEqual(['CONNECTION_LOST']);
    expect(read.error).toBeUndefined();
    expect(target.logins).toBe(4);
    expect(sim.events.filter((event) => event.kind === 'state' && event.to === 'recovering')).toHaveLength(1);
  });

  it('gives a connection up that cannot be brought back', async () => {
    const { sim, target } = await opened(2, { maxReconnectAttempts: 2 });
    sim.accept = () => 'refuse';
    target.connections[1]?.reset();
    await sim.run(10_000);
    expect(sim.events.filter((event) => event.kind === 'warning').map((event) => event.text)).toEqual([
      'Connection 1 could not be brought back.',
    ]);
    expect(sim.machine.core.state).toBe('full');
    const task = submitRead(sim, 1, 1);
    await sim.run(10, () => task.state === 'done');
    expect(isRight(task, 1)).toBe(true);
  });
});

describe('a session that is away', () => {
  it('keeps what waits for units it knows, and ends the rest', async () => {
    const { sim, target } = await opened(1, {}, { window: 1 });
    target.onRead((connection) => connection.index === 0);
    const first = submitRead(sim, 1, 1);
    const known = submitRead(sim, 2, 1);
    const unknown = sim.submit({ cdb: read10(1, 1), dataIn: new Uint8Array(512), lunHigh: 0x70000 });
    await sim.run(1);
    expect([known.state, unknown.state]).toEqual(['queued', 'queued']);
    target.connections[0]?.reset();
    await sim.run(1);
    expect([known.state, unknown.error?.code]).toEqual(['queued', 'CONNECTION_LOST']);
    await sim.run(2000, () => known.state === 'done');
    expect([isRight(first, 1), isRight(known, 2)]).toEqual([true, true]);
  });

  it('looks at its clock only when something is due', async () => {
    const { sim } = await opened(1);
    const { deadline } = sim.machine;
    sim.machine.timeout();
    expect(sim.machine.deadline).toBe(deadline);
  });

  it('whose host ends it for good does not come back', async () => {
    const { sim, target } = await opened(1);
    const task = submitRead(sim, 1, 1);
    sim.machine.connectionLost(0, new CancelledError('CANCELLED', 'The program ends.'));
    await sim.run(5000);
    expect([task.error?.code, sim.machine.core.state, target.logins]).toEqual(['CANCELLED', 'closed', 1]);
  });

  it('comes back at once when it is told that now is a good time', async () => {
    const { sim, target } = await opened(1, { reconnectBackoffMs: 20_000 });
    sim.machine.connectionLost(0, new TransportError('CONNECTION_LOST', 'Gone.', { retryable: true }));
    await sim.run(100);
    expect(sim.machine.core.state).toBe('recovering');
    sim.machine.hasten();
    await sim.run(100, () => sim.machine.core.state === 'full');
    expect([sim.machine.core.state, target.logins]).toEqual(['full', 2]);
    sim.machine.hasten();
    await sim.run(100);
    expect(target.logins).toBe(2);
  });

  it('sends nothing behind a reader that holds one of them back, however busy the others are', async () => {
    const { sim, target } = await opened(2);
    const hold = holdOn(target, 0);
    const stream = readOn(sim, 0);
    pauseReading(sim.machine.core, sim.machine.core.connections.get(0) as Connection, stream);
    for (let i = 0; i < 3; i += 1) {
      const read = submitRead(sim, 9, 1);
      expect(read.connection).toBe(1);
    }
    hold();
    await sim.run(10, () => stream.state === 'done');
    expect(isRight(stream, 5)).toBe(true);
  });
});
