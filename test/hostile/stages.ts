import { readBlocks, withSession, writeBlocks, type Env, type HostileCase } from './case.ts';
import type { RawTarget } from './peers/raw-target.ts';
import { pattern } from './peers/raw-unit.ts';

type Stage = 'in the middle' | 'after a reconnect';

/** Commands that go well before one in the middle does not. */
const GO_WELL = 2;

/** Lets the rules of a fault rest until its time has come. */
function rested(stage: Stage, fault: (target: RawTarget) => void): (target: RawTarget) => void {
  return (target) => {
    let commands = 0;
    const count = (): false => {
      commands += 1;
      return false;
    };
    target.onWrite(count);
    target.onRead((connection) => {
      count();
      if (stage === 'in the middle' || target.logins > 1) return false;
      connection.reset();
      return true;
    });
    const own = target.rules.length;
    fault(target);
    const isTime = (): boolean => (stage === 'in the middle' ? commands > GO_WELL : target.logins > 1);
    for (const rule of target.rules.splice(own))
      target.rules.push((connection, request) => isTime() && rule(connection, request));
  };
}

/** Three writes, one after another; all that is said to be written must be. */
function writeSeveral(env: Env): Promise<string> {
  return withSession(env, async (session) => {
    const disk = await session.disk(0);
    for (let turn = 0; turn <= GO_WELL; turn += 1) {
      const lba = 40 + 8 * turn;
      const data = pattern({ ...env.target.unit, seed: 9 }, lba, 8);
      await disk.write(BigInt(lba), data);
      const written = env.target.written[turn];
      if (written?.lba !== lba || Buffer.compare(written.data, data) !== 0) return 'WRONG DATA';
    }
    return 'data';
  });
}

/** A read that meets the reconnect, then a write. */
function readThenWrite(env: Env): Promise<string> {
  return withSession(env, async (session) => {
    const disk = await session.disk(0);
    const read = await disk.read(100n, 8);
    if (Buffer.compare(read, pattern(env.target.unit, 100, 8)) !== 0) return 'WRONG DATA';
    const data = pattern({ ...env.target.unit, seed: 9 }, 40, 8);
    await disk.write(40n, data);
    const [written] = env.target.written;
    return written !== undefined && Buffer.compare(written.data, data) === 0 ? 'data' : 'WRONG DATA';
  });
}

const WORK: Readonly<Record<Stage, { readonly reads: HostileCase['use']; readonly writes: HostileCase['use'] }>> = {
  'in the middle': { reads: readBlocks, writes: writeSeveral },
  'after a reconnect': { reads: readBlocks, writes: readThenWrite },
};

/** A fault of full feature phase at the first command, in the middle of several, and once the session came back. */
export function atEveryStage(cases: readonly HostileCase[]): HostileCase[] {
  const later = (each: HostileCase, stage: Stage): HostileCase[] => {
    const { peer, use = readBlocks, name, options = {} } = each;
    const isWrite = use === writeBlocks;
    if (peer === undefined || (use !== readBlocks && !isWrite)) return [];
    // A read is sent again once: one that met a reconnect before does not survive the next.
    if (stage === 'after a reconnect' && options.maxReconnectAttempts !== undefined) return [];
    return [
      {
        ...each,
        name: `${name}, ${stage}`,
        peer: rested(stage, peer),
        use: WORK[stage][isWrite ? 'writes' : 'reads'] ?? use,
        options: stage === 'after a reconnect' ? { ...options, maxReconnectAttempts: 3 } : options,
      },
    ];
  };
  return cases.flatMap((each) => [each, ...later(each, 'in the middle'), ...later(each, 'after a reconnect')]);
}
