import { afterEach, describe, expect, it } from 'vitest';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { checkCondition } from '../../hostile/peers/raw-unit.ts';
import { connectRaw, sendData } from './raw-peer.ts';
import { Cleanup } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** What is known of the unit at LUN 0 once it has been opened. */
async function factsOf(target: RawTarget): Promise<readonly string[]> {
  const session = await connectRaw(cleanup, target);
  await session.disk(0);
  return session.machine.core.units.get(0, 0)?.identity.probes.map((probe) => probe.fact) ?? [];
}

/** Answers for VPD pages, or for another command where `opcode` is given. */
function peer(answer: (page: number) => Uint8Array | 'refuse' | undefined, opcode = 0x12): RawTarget {
  const target = new RawTarget();
  target.on(
    0x01,
    (connection, request) => {
      if (opcode === 0x12 && (request.cdb[1] ?? 0) !== 1) return false;
      const found = answer(request.cdb[2] ?? 0);
      if (found === undefined) return false;
      if (found === 'refuse') checkCondition(connection, request, 5, 0x24);
      else sendData(connection, request, found);
      return true;
    },
    opcode,
  );
  return target;
}

describe('what tells a unit from others', () => {
  it('is its kind, serial number, identification and size', async () => {
    expect(await factsOf(new RawTarget())).toEqual(['kind', 'serial number', 'identification', 'capacity']);
  });

  it('is its size in the short form where it has no long one', async () => {
    expect(await factsOf(peer(() => 'refuse', 0x9e))).toContain('capacity');
  });

  it('is not asked for where the unit does not say it has it', async () => {
    const asked: number[] = [];
    const target = peer((page) => {
      asked.push(page);
      return page === 0 ? Uint8Array.of(0, 0, 0, 2, 0x00, 0x80) : undefined;
    });
    expect(await factsOf(target)).toEqual(['kind', 'serial number', 'capacity']);
    expect(asked).not.toContain(0x83);
  });

  it.each([
    ['that are refused', 'refuse'],
    ['that hold nothing', new Uint8Array(0)],
    ['that are another page', Uint8Array.of(0, 0x80, 0, 1, 0x41)],
  ] as const)('does without lists of pages %s', async (_name, answer) => {
    expect(await factsOf(peer((page) => (page === 0 ? answer : undefined)))).toEqual(['kind', 'capacity']);
  });

  it('does without a page that is listed and refused, or empty', async () => {
    expect(await factsOf(peer((page) => (page === 0x83 ? 'refuse' : undefined)))).not.toContain('identification');
    expect(await factsOf(peer((page) => (page === 0x80 ? new Uint8Array(0) : undefined)))).not.toContain(
      'serial number',
    );
  });

  it('cannot be found out where the connection ends meanwhile', async () => {
    for (const page of [0x00, 0x83]) {
      const target = new RawTarget();
      target.on(
        0x01,
        (connection, request) => {
          if ((request.cdb[1] ?? 0) !== 1 || request.cdb[2] !== page) return false;
          connection.reset();
          return true;
        },
        0x12,
      );
      const session = await connectRaw(cleanup, target);
      await expect(session.disk(0)).rejects.toMatchObject({ name: 'TransportError' });
    }
  });
});
