import { describe, expect, it } from 'vitest';
import type { PduTap } from '../../core/trace/index.ts';
import { SwitchTap } from '../../electron/main/services/switch-tap.ts';

const ENDS = { initiatorHost: '10.0.0.1', initiatorPort: 50_000, targetHost: '10.0.0.2', targetPort: 3260 };

describe('the tap that is switched', () => {
  it('says of a connection whether it ended or goes on in the next recording', () => {
    const lines: string[] = [];
    const recorder = (name: string): PduTap => ({
      openConnection: () => lines.push(`${name} open`),
      recordPdu: () => undefined,
      recordLag: () => undefined,
      closeConnection: (_connection, _timeMs, _reason, end) => void lines.push(`${name} ${String(end)}`),
    });
    let idle = 0;
    const tap = new SwitchTap(
      () => undefined,
      () => void (idle += 1),
    );
    tap.switchTo(recorder('a'));
    const connection = tap.openConnection(1, ENDS);
    tap.switchTo(recorder('b'));
    tap.closeConnection(connection, 2, 'gone', 'target-reset');
    expect(lines).toEqual(['a open', 'a goes-on', 'b open', 'b target-reset']);
    expect(idle).toBe(1);
  });

  it('hands on many PDUs at once by the number the recording knows', () => {
    const told: unknown[] = [];
    const tap = new SwitchTap(
      () => undefined,
      () => undefined,
    );
    const [bytes, places] = [new Uint8Array(96), Int32Array.of(0, 0, 48, 0, 48, 0, 96, 0)];
    const connection = tap.openConnection(1, ENDS);
    tap.recordPdus(connection, true, 2, { bytes, data: bytes, places, first: 0, count: 2 });
    const one: PduTap = {
      openConnection: () => 7,
      recordPdu: (number, fromInitiator, timeMs, from, at) => void told.push([number, fromInitiator, timeMs, from, at]),
      recordLag: () => undefined,
      closeConnection: () => undefined,
    };
    tap.switchTo(one);
    tap.recordPdus(connection, true, 3, { bytes, data: bytes, places, first: 0, count: 2 });
    tap.switchTo({ ...one, recordPdus: (...all) => void told.push(all) });
    tap.recordPdus(connection, false, 4, { bytes, data: bytes, places, first: 1, count: 1 });
    expect(told).toEqual([
      [7, true, 3, bytes, 0],
      [7, true, 3, bytes, 48],
      [7, false, 4, { bytes, data: bytes, places, first: 1, count: 1 }],
    ]);
  });
});
