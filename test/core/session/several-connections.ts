import { expect } from 'vitest';
import type { Task } from '../../../core/session/index.ts';
import { RawTarget, type RawConnection, type RawOptions } from '../../hostile/peers/raw-target.ts';
import type { Request } from '../../hostile/peers/wire.ts';
import { rawSim, read10, rememberUnit } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

/** The opcode of a Logout Request. */
export const LOGOUT = 0x06;

/** A session and the scripted target it speaks to. */
export interface Opened {
  readonly sim: SessionSim;
  readonly target: RawTarget;
}

/** A session of that many connections. */
export async function opened(connections: number, session: object = {}, options: RawOptions = {}): Promise<Opened> {
  const target = new RawTarget(options);
  const sim = rawSim(target, {
    offers: { ...SIM_OPTIONS.offers, maxConnections: 4 },
    maxReconnectAttempts: 3,
    reconnectBackoffMs: 100,
    keepaliveIntervalMs: 0,
    ...session,
  });
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  for (let id = 1; id < connections; id += 1) {
    let joined = false;
    sim.machine.addConnection(undefined, () => {
      joined = true;
    });
    await sim.run(100, () => joined);
  }
  target.received.length = 0;
  return { sim, target };
}

/** A read of one block on a connection of the caller's choice. */
export function readOn(sim: SessionSim, connection: number, lba = 5): Task {
  return sim.submit({
    cdb: read10(lba, 1),
    dataIn: new Uint8Array(512),
    whole: true,
    idempotent: true,
    connection,
  });
}

/** Holds the commands of one connection back until they are let go. */
export function holdOn(target: RawTarget, index: number): () => void {
  const held: [RawConnection, Request][] = [];
  let holding = true;
  target.on(0x01, (connection, request) => {
    if (!holding || connection.index !== index) return false;
    held.push([connection, request]);
    return true;
  });
  return () => {
    holding = false;
    for (const [connection, request] of held.splice(0)) connection.answer(request);
  };
}

/** The Logout Requests the target was sent. */
export function logouts(target: RawTarget): Request[] {
  return target.received.filter((each) => each.opcode === LOGOUT);
}
