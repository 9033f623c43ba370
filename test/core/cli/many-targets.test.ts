import { afterEach, describe, expect, it } from 'vitest';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { listenRaw } from '../initiator/raw-peer.ts';
import { Cleanup } from '../initiator/support.ts';
import { cli } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const TARGETS = 5000;
const SEGMENT = 8000;

/** A SendTargets answer of 5,000 targets with four addresses each, IPv6 and host names among them. */
function answer(): Buffer {
  const pairs: string[] = [];
  for (let i = 0; i < TARGETS; i += 1) {
    pairs.push(`TargetName=iqn.2026-01.test.many:disk_${String(i).padStart(4, '0')}`);
    for (let path = 1; path <= 3; path += 1)
      pairs.push(`TargetAddress=10.0.${String(path)}.${String(i % 250)}:3260,${String(path)}`);
    pairs.push(i % 2 === 0 ? 'TargetAddress=[fd00::1]:3261,-1' : 'TargetAddress=storage.test');
  }
  return Buffer.from(`${pairs.join('\0')}\0`);
}

describe('a portal with 5,000 targets', () => {
  it('is listed whole, in order, each with all its addresses', async () => {
    const bytes = answer();
    const target = new RawTarget();
    let sent = 0;
    target.on(0x04, (connection, request) => {
      const data = bytes.subarray(sent, sent + SEGMENT);
      sent += data.length;
      const last = sent === bytes.length;
      connection.send({ opcode: 0x24, flags: last ? 0x80 : 0x40, itt: request.itt, ttt: last ? 0xffffffff : 7, data });
      return true;
    });
    const at = `127.0.0.1:${String(await listenRaw(cleanup, target))}`;
    const run = await cli(['discover', at, '--json']);
    expect(run).toMatchObject({ code: 0, err: '' });
    const { targets } = run.json() as {
      targets: { name: string; portals: { host: string; groupTag: number | null }[] }[];
    };
    expect(targets).toHaveLength(TARGETS);
    expect(targets.at(-1)?.name).toBe('iqn.2026-01.test.many:disk_4999');
    expect(targets.every((each) => each.portals.length === 4)).toBe(true);
    expect(targets[0]?.portals.at(-1)).toEqual({ host: 'fd00::1', port: 3261, groupTag: -1 });
    expect(targets[1]?.portals.at(-1)).toMatchObject({ host: 'storage.test', port: 3260 });
    sent = 0;
    const lines = (await cli(['discover', at])).out.trimEnd().split('\n');
    expect(lines).toHaveLength(TARGETS * 5);
    expect(lines.slice(0, 2)).toEqual(['iqn.2026-01.test.many:disk_0000', '  10.0.1.0:3260, group 1']);
    sent = 0;
    const limited = await cli(['discover', at, '--text-limit', '8192', '--json']);
    expect(limited.code).toBe(1);
    expect(JSON.parse(limited.err)).toMatchObject({ code: 'PROTOCOL_TOO_LARGE' });
  });
});
