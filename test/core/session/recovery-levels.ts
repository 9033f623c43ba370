import { expect } from 'vitest';
import { pattern, rangeOf, UNIT } from '../../hostile/peers/raw-unit.ts';
import { RawTarget, type RawConnection } from '../../hostile/peers/raw-target.ts';
import { encode, type Request } from '../../hostile/peers/wire.ts';
import { rawSim, rememberUnit } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

/** Options of a session that asks for an error recovery level. */
export function offers(level: 0 | 1 | 2, more: object = {}): object {
  return { offers: { ...SIM_OPTIONS.offers, errorRecoveryLevel: level, ...more } };
}

/** A session of that level with a scripted target. */
export async function opened(level: 1 | 2, digests = false): Promise<{ sim: SessionSim; target: RawTarget }> {
  const target = new RawTarget({ segment: 512 });
  const data = digests ? { dataDigest: ['CRC32C'] } : {};
  const sim = rawSim(target, {
    maxReconnectAttempts: 5,
    keepaliveIntervalMs: 0,
    snackTimeoutMs: 2000,
    ...offers(level, data),
  });
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  return { sim, target };
}

/** A read's Data-In PDUs as bytes, status with the last. */
export function dataIns(connection: RawConnection, request: Request): Buffer[] {
  const { lba, blocks } = rangeOf(request);
  const data = pattern(UNIT, lba, blocks);
  return Array.from({ length: blocks }, (_, i) => {
    const last = i === blocks - 1;
    return encode(
      {
        opcode: 0x25,
        flags: last ? 0x81 : 0,
        itt: request.itt,
        statSn: last ? connection.statSn : 0,
        expCmdSn: connection.target.expCmdSn,
        maxCmdSn: connection.target.expCmdSn + 31,
        word36: i,
        word40: i * 512,
        data: data.subarray(i * 512, i * 512 + 512),
      },
      connection.digests,
    );
  });
}
