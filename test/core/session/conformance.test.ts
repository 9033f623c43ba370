import { describe, expect, it } from 'vitest';
import { decodeSense, statusError } from '../../../core/scsi/index.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { rawSim, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS } from '../../support/session-sim.ts';

/** Sense data as a response carries it: its length, then fixed format with key, ASC and ASCQ (SPC-4 4.5.3). */
function sense(key: number, asc: number, ascq: number): Buffer {
  const data = Buffer.alloc(20);
  data.writeUInt16BE(18, 0);
  data.set([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq], 2);
  return data;
}

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
      connection.send({ opcode: 0x21, flags: 0x80, byte3: 0x02, itt: request.itt, data: sense(0x0b, 0x0c, ascq) });
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
