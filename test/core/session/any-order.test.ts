import { describe, expect, it } from 'vitest';
import { AskedRanges } from '../../../core/session/asked-ranges.ts';
import type { Task } from '../../../core/session/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { rawSim, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

/** A write of four blocks whose target asks for the blocks listed, one by one, and then says GOOD. */
async function written(
  blocks: readonly number[],
  offers: object = {},
): Promise<{ readonly sim: SessionSim; readonly task: Task; readonly got: Buffer }> {
  const target = new RawTarget({ keys: { DataSequenceInOrder: 'No' } });
  const sim = rawSim(target, { offers: { ...SIM_OPTIONS.offers, dataSequenceInOrder: false, ...offers } });
  expect(await sim.login()).toBeUndefined();
  const got = Buffer.alloc(2048);
  let next = 0;
  const ask = (connection: Parameters<Parameters<RawTarget['on']>[1]>[0], itt: number): true => {
    const block = blocks[next];
    if (block === undefined) connection.send({ opcode: 0x21, itt });
    else connection.send({ opcode: 0x31, itt, ttt: 9 + next, word36: next, word40: block * 512, word44: 512 }, false);
    next += 1;
    return true;
  };
  target.onWrite((connection, request) => ask(connection, request.itt));
  target.on(0x05, (connection, request) => {
    request.data.copy(got, request.bhs.readUInt32BE(40));
    // The unsolicited burst is no answer to anything.
    return request.ttt === 0xffffffff || ask(connection, request.itt);
  });
  const task = submitWrite(sim, 4, pattern(UNIT, 4, 4));
  await sim.run(100, () => task.state === 'done');
  return { sim, task, got };
}

describe('a write whose parts may be asked for in any order', () => {
  it('is good once every byte was asked for', async () => {
    const { task, got } = await written([3, 1, 0, 2]);
    expect([task.error, task.status]).toEqual([undefined, 0]);
    expect(got).toEqual(pattern(UNIT, 4, 4));
  });

  it('is not good where its end was asked for and its middle was not', async () => {
    const { task } = await written([3, 0]);
    expect(task.error).toMatchObject({ code: 'PROTOCOL_DATA', details: { moved: 1024, expected: 2048 } });
  });

  it('counts what went unasked', async () => {
    const offers = { initialR2T: false, firstBurstLength: 1024 };
    expect((await written([3, 2], offers)).task.error).toBeUndefined();
    expect((await written([3], offers)).task.error).toMatchObject({ details: { moved: 1536 } });
  });

  it('may not be asked for the same bytes twice, except to recover', async () => {
    const twice = await written([3, 3]);
    expect(twice.sim.machine.core.closeReason?.message).toMatch(/asks again for data at 1536/u);
    const unasked = await written([1], { initialR2T: false, firstBurstLength: 1024 });
    expect(unasked.sim.machine.core.closeReason?.message).toMatch(/asks again for data at 512/u);
    const recovered = await written([3, 3, 0, 1, 2], { errorRecoveryLevel: 1 });
    expect(recovered.task.error).toBeUndefined();
    const short = await written([3, 3, 0, 1], { errorRecoveryLevel: 1 });
    expect(short.task.error).toMatchObject({ code: 'PROTOCOL_DATA', details: { moved: 1536 } });
  });
});

describe('ranges', () => {
  it('count each byte once, however they meet', () => {
    const ranges = new AskedRanges(10);
    ranges.add(30, 40);
    ranges.add(50, 60);
    expect([ranges.bytes, ranges.meets(10, 30), ranges.meets(39, 50), ranges.meets(9, 10)]).toEqual([
      30,
      false,
      true,
      true,
    ]);
    ranges.add(40, 50);
    expect([ranges.bytes, ranges.meets(10, 30)]).toEqual([40, false]);
    ranges.add(5, 35);
    expect(ranges.bytes).toBe(60);
    ranges.add(20, 25);
    expect(ranges.bytes).toBe(60);
    expect(new AskedRanges(0).bytes).toBe(0);
  });
});
