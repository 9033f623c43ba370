import { describe, expect, it } from 'vitest';
import { decodeSense, statusError } from '../../../core/scsi/index.ts';
import { checkCondition, pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { keys } from '../../hostile/peers/wire.ts';
import { rawSim, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS } from '../../support/session-sim.ts';

async function opened() {
  const target = new RawTarget({ keys: { InitialR2T: 'No', ImmediateData: 'Yes' } });
  const sim = rawSim(target, {
    keepaliveIntervalMs: 0,
    offers: { ...SIM_OPTIONS.offers, initialR2T: false, immediateData: true },
  });
  expect(await sim.login()).toBeUndefined();
  return { target, sim };
}

describe('unsolicited data the target did not want, or missed (RFC 7143 11.4.7.2)', () => {
  it.each([
    ['unexpected', 0x0c, /unexpected unsolicited data/iu],
    ['not enough', 0x0d, /not enough unsolicited data/iu],
  ])('is told as what it is: %s', async (_name, ascq, words) => {
    const { target, sim } = await opened();
    target.rules.push((connection, request) => {
      if (request.opcode === 0x05) return true;
      if (request.opcode !== 0x01) return false;
      checkCondition(connection, request, 0x0b, 0x0c, ascq);
      return true;
    });
    const task = submitWrite(sim, 3, pattern(UNIT, 3, 40));
    await sim.run(1000, () => task.state === 'done');
    expect(task).toMatchObject({ error: undefined, status: 2 });
    expect(decodeSense(task.sense ?? new Uint8Array(0))).toMatchObject({ key: 0x0b, asc: 0x0c, ascq });
    expect(statusError(task.status, task.sense, task.cdb)?.message).toMatch(words);
    expect(sim.machine.core.state).toBe('full');
  });
});

describe('Data-In', () => {
  it('may carry a status and not one byte, which is an answer and no block read', async () => {
    const { target, sim } = await opened();
    target.rules.push((connection, request) => {
      if (request.opcode !== 0x01) return false;
      connection.send({ opcode: 0x25, flags: 0x83, itt: request.itt, word44: 512 });
      return true;
    });
    const query = sim.submit({ cdb: Uint8Array.of(0x12, 0, 0, 2, 0, 0), dataIn: new Uint8Array(512) });
    await sim.run(1000, () => query.state === 'done');
    expect(query).toMatchObject({ error: undefined, status: 0, received: 0, residual: 512 });
    const read = submitRead(sim, 0, 1);
    await sim.run(1000, () => read.state === 'done');
    expect(read.error?.code).toBe('SCSI_SHORT_DATA');
  });
});

describe('a text negotiation', () => {
  it('that the target resets ends there, and the next begins anew, with nothing left of it', async () => {
    const { target, sim } = await opened();
    target.on(0x04, (connection, request) => {
      const first = target.received.filter(({ opcode }) => opcode === 0x04).length;
      if (first === 1)
        connection.send({ opcode: 0x24, flags: 0x40, itt: request.itt, ttt: 0x11, data: keys({ 'X-half': 'o' }) });
      // Negotiation Reset (RFC 7143 11.17.1).
      else if (first === 2) connection.send({ opcode: 0x3f, byte2: 0x0b, data: request.bhs });
      else connection.send({ opcode: 0x24, itt: request.itt, data: keys({ 'X-whole': 'yes' }) });
      return true;
    });
    const ends: unknown[] = [];
    const ask = async (): Promise<void> => {
      const before = ends.length;
      sim.machine.text([{ key: 'SendTargets', value: '' }], 1000, (pairs, error) => ends.push(error?.code ?? pairs));
      await sim.run(1000, () => ends.length > before);
    };
    await ask();
    await ask();
    expect(ends).toEqual(['TASK_REJECTED', [{ key: 'X-whole', value: 'yes' }]]);
    const requests = target.received.filter(({ opcode }) => opcode === 0x04);
    expect(requests.map(({ ttt }) => ttt)).toEqual([0xffffffff, 0x11, 0xffffffff]);
    expect(new Set(requests.map(({ itt }) => itt)).size).toBe(2);
    expect(sim.machine.core.state).toBe('full');
  });
});
