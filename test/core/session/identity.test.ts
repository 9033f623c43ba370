import { describe, expect, it } from 'vitest';
import { fingerprint, type IdentityProbe } from '../../../core/session/index.ts';
import { KnownUnits } from '../../../core/session/identity.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { fromHex } from '../../support/bytes.ts';
import { isRight, rawSim, rememberUnit, submitRead } from '../../support/raw-sim.ts';
import type { SessionSim } from '../../support/session-sim.ts';

const NAA = '0103 0008 6001405000000001';
const PORT_NAME = '0193 0008 6001405000000009';

describe('what an answer says of who a unit is', () => {
  it('is kind, vendor, product of INQUIRY data, without the revision', () => {
    const inquiry = fromHex(`0000 0602 1f000000 ${'41'.repeat(8)} ${'42'.repeat(16)} 30303031`);
    expect(fingerprint('kind', inquiry)).toBe(`0 ${'41'.repeat(8)}${'42'.repeat(16)}`);
    inquiry[0] = 0x85;
    expect(fingerprint('kind', inquiry)).toBe(`5 ${'41'.repeat(8)}${'42'.repeat(16)}`);
    expect(fingerprint('kind', inquiry.subarray(0, 35))).toBeUndefined();
  });

  it('is the serial number as far as its page says it goes', () => {
    expect(fingerprint('serial number', fromHex('00800002 4131 4232'))).toBe('4131');
    expect(fingerprint('serial number', fromHex('00800000'))).toBeUndefined();
    expect(fingerprint('serial number', fromHex('00830002 4131'))).toBeUndefined();
  });

  it('is what names the unit itself, in any order, and nothing that names its ports', () => {
    const page = (...designators: string[]): Uint8Array => {
      const body = fromHex(designators.join(' '));
      return Uint8Array.from([0, 0x83, body.length >> 8, body.length & 255, ...body]);
    };
    const other = '0201 0004 41424344';
    expect(fingerprint('identification', page(NAA, PORT_NAME, other))).toBe(
      '010300086001405000000001 0201000441424344',
    );
    expect(fingerprint('identification', page(other, NAA))).toBe(fingerprint('identification', page(NAA, other)));
    // A designator that claims more than there is ends the page.
    expect(fingerprint('identification', page(NAA, '010300ff 6001'))).toBe(fingerprint('identification', page(NAA)));
    expect(fingerprint('identification', fromHex('00830000'))).toBeUndefined();
    expect(fingerprint('identification', fromHex('00800004 01020304'))).toBeUndefined();
  });

  it('is last block and block length of either READ CAPACITY', () => {
    expect(fingerprint('capacity', fromHex('00000fff 00000200'))).toBe('4095 512');
    expect(fingerprint('capacity', fromHex('0000000100000fff 00001000 00000000'))).toBe('4294971391 4096');
    expect(fingerprint('capacity', fromHex('00000fff 0000'))).toBeUndefined();
  });
});

describe('the units a session knows', () => {
  const probe = (print: string): IdentityProbe => ({ fact: 'capacity', cdb: new Uint8Array(10), length: 8, print });

  it('keep their token while they are the same, and get another with anything else', () => {
    const units = new KnownUnits();
    const identity = (...prints: string[]) => ({ lunHigh: 0x10000, lunLow: 0, probes: prints.map(probe) });
    const first = units.remember(identity('a', 'b'));
    expect(units.remember(identity('a', 'b'))).toBe(first);
    expect(units.remember(identity('a', 'c'))).toBe(first + 1);
    expect(units.remember(identity('a'))).toBe(first + 2);
    const known = units.get(0x10000, 0);
    if (known === undefined) throw new Error('The unit is not known.');
    units.markChanged(known, 'it is smaller.');
    expect(units.get(0x10000, 0)?.changed).toBe('it is smaller.');
    expect(units.remember(identity('a'))).toBe(first + 3);
    expect(units.get(0, 1)).toBeUndefined();
  });
});

describe('asking who the units are after a login', () => {
  async function lost(prepare: (target: RawTarget) => void): Promise<{ sim: SessionSim; target: RawTarget }> {
    const target = new RawTarget();
    const sim = rawSim(target, { maxReconnectAttempts: 6, reconnectBackoffMs: 20, loginTimeoutMs: 500 });
    expect(await sim.login()).toBeUndefined();
    rememberUnit(sim);
    prepare(target);
    target.connections[0]?.reset();
    await sim.run(1);
    return { sim, target };
  }

  /** Answers an INQUIRY of the unit in another way, as often as `times` says. */
  function inquiry(
    target: RawTarget,
    times: number,
    answer: { readonly status: number; readonly sense?: string; readonly data?: Uint8Array },
  ): { asked: number } {
    const count = { asked: 0 };
    target.on(
      0x01,
      (connection, request) => {
        count.asked += 1;
        if (count.asked > times) return false;
        if (answer.data !== undefined)
          connection.send({
            opcode: 0x25,
            flags: 0x83,
            itt: request.itt,
            word44: 96 - answer.data.length,
            data: answer.data,
          });
        else {
          const sense = answer.sense === undefined ? new Uint8Array(0) : fromHex(answer.sense);
          connection.send({ opcode: 0x21, itt: request.itt, byte3: answer.status, data: sense });
        }
        return true;
      },
      0x12,
    );
    return count;
  }

  it('asks again after unit attentions and while the unit is busy', async () => {
    let asked = { asked: 0 };
    const { sim } = await lost((target) => {
      asked = inquiry(target, 2, { status: 0x02, sense: '0012 70000600 0000000a 00000000 29000000 0000' });
    });
    const task = submitRead(sim, 4, 2);
    await sim.run(5000, () => task.state === 'done');
    expect(isRight(task, 4)).toBe(true);
    // Three INQUIRYs were due, and two of them had to be asked again.
    expect(asked.asked).toBe(5);
    const busy = await lost((target) => {
      asked = inquiry(target, 3, { status: 0x08 });
    });
    const second = submitRead(busy.sim, 4, 2);
    await busy.sim.run(5000, () => second.state === 'done');
    expect(isRight(second, 4)).toBe(true);
    expect(asked.asked).toBe(6);
  });

  it.each([
    ['is busy for good', { status: 0x08 }, /status 0x08/u],
    ['answers with an error', { status: 0x02, sense: '0012 70000200 0000000a 00000000 04000000 0000' }, /status 0x02/u],
    ['answers without sense data', { status: 0x02 }, /status 0x02/u],
    ['no longer says what it is', { status: 0, data: new Uint8Array(8) }, /no longer tells its kind/u],
  ] as const)('takes a unit that %s for another after three logins', async (_what, answer, why) => {
    const { sim, target } = await lost((each) => {
      inquiry(each, Infinity, answer);
    });
    const task = submitRead(sim, 4, 2);
    await sim.run(20_000, () => task.state === 'done');
    expect(task.error?.code).toBe('TASK_IDENTITY_CHANGED');
    expect(task.error?.message).toMatch(why);
    expect(target.logins).toBe(4);
    expect(sim.machine.core.state).toBe('full');
    // Nothing more is sent to it, be it while the session is there or away.
    const more = submitRead(sim, 4, 2);
    await sim.run(100, () => more.state === 'done');
    target.connections.at(-1)?.reset();
    await sim.run(1);
    const away = submitRead(sim, 4, 2);
    expect(away.error?.code).toBe('TASK_IDENTITY_CHANGED');
  });

  it('gives up on a question that is not answered, and asks again after the next login', async () => {
    let silent = true;
    const { sim, target } = await lost((each) => {
      each.on(0x01, () => silent, 0x12);
      each.on(0x02, () => silent);
    });
    const task = submitRead(sim, 4, 2);
    await sim.run(1500);
    expect(target.logins).toBeGreaterThan(1);
    silent = false;
    await sim.run(10_000, () => task.state === 'done');
    expect(isRight(task, 4)).toBe(true);
  });

  it('knows a unit by its token while it is the same', async () => {
    const target = new RawTarget();
    const sim = rawSim(target);
    await sim.login();
    const identity = { lunHigh: 0, lunLow: 0, probes: [] };
    const token = sim.machine.rememberUnit(identity);
    expect([sim.machine.isSameUnit(0, 0, token), sim.machine.isSameUnit(0, 0, token + 1)]).toEqual([true, false]);
    expect(sim.machine.isSameUnit(0, 1, token)).toBe(false);
    const known = sim.machine.core.units.get(0, 0);
    if (known !== undefined) sim.machine.core.units.markChanged(known, 'it is another.');
    expect(sim.machine.isSameUnit(0, 0, token)).toBe(false);
  });
});
