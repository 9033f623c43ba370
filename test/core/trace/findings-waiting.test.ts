import { describe, expect, it } from 'vitest';
import { MARKS } from '../../../core/trace/columns.ts';
import type { Trace } from '../../../core/trace/index.ts';
import { block, findingsOf, login, mark } from './finding-scenes.ts';
import { Scene } from './scene.ts';

const LARGE_READ = [0x28, 0, 0, 0, 0, 0, 0, 0, 8];
const LARGE = { read: true, expectedDataTransferLength: 4096 };
const PING = { immediate: true, ttt: 0xffffffff };

const rules = (made: Scene | Trace): string[] => findingsOf(made).map(({ rule }) => rule);

describe('the data of a ping', () => {
  const pinged = (sent: Uint8Array, back: Uint8Array, keys = {}): Scene =>
    login(keys)
      .pdu('nopOut', { ...PING, itt: 77 }, sent)
      .pdu('nopIn', { itt: 77, ttt: 0xffffffff }, back);
  const text = (made: Scene | Trace): string[] => findingsOf(made).map(({ rule, text: said }) => `${rule}: ${said}`);

  it('comes back as it was sent', () => {
    expect(text(pinged(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 3, 4)))).toEqual([]);
    expect(text(pinged(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 9, 4)))).toEqual([
      'ping-changed: Byte 2 of the 4 that came back is not what was sent.',
    ]);
    expect(text(pinged(block(4), block(0)))).toEqual(['ping-changed: 0 bytes came back of a ping of 4.']);
    expect(text(pinged(block(0), block(4)))).toEqual(['ping-changed: 4 bytes came back of a ping of 0.']);
  });

  it('is cut off at what the initiator takes', () => {
    const keys = { MaxRecvDataSegmentLength: '512' };
    expect(text(pinged(block(1024), block(512), keys))).toEqual([]);
    expect(text(pinged(block(1024), block(500), keys))).toEqual([
      'ping-changed: 500 bytes came back of a ping of 1024.',
    ]);
    // What the initiator takes is not known here.
    const late = new Scene().pdu('nopOut', { ...PING, itt: 77 }, block(1024));
    expect(text(late.pdu('nopIn', { itt: 77, ttt: 0xffffffff }, block(500)))).toEqual([]);
  });

  it('is not judged where it was not kept or is damaged', () => {
    const wrong = (): Scene => pinged(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 9, 4));
    const cut = wrong().trace();
    cut.pdus.table.writable(0).stored[3] = 2;
    expect(rules(cut)).toEqual([]);
    expect(rules(mark(wrong(), 3, MARKS.dataDigestBad))).toEqual(['data-digest-error']);
  });
});

describe('large reads that hang', () => {
  /** A small answer has come, and a large read is under way. */
  const hung = (): Scene => {
    const scene = login();
    scene.respond(scene.command([0]));
    scene.command(LARGE_READ, LARGE);
    return scene;
  };

  it('are found once they have waited, whether the connection ended then or is still up', () => {
    expect(rules(hung().wait(6000).close())).toContain('mtu-black-hole');
    expect(
      rules(
        hung()
          .wait(6000)
          .pdu('nopOut', { ...PING, itt: 77 }),
      ),
    ).toContain('mtu-black-hole');
  });

  it('are not what ends a trace or a connection soon', () => {
    expect(rules(hung())).not.toContain('mtu-black-hole');
    expect(rules(hung().wait(4900).close())).not.toContain('mtu-black-hole');
  });

  it('are judged by reads, not by the room others offer', () => {
    const scene = login();
    scene.respond(scene.command([0]));
    scene.command([0x12, 1, 0xb0, 0xff, 0xff], { read: true, expectedDataTransferLength: 65_535 });
    expect(rules(scene.wait(9000).close())).not.toContain('mtu-black-hole');
  });

  it('are not a target that was silent before or goes on answering', () => {
    const silent = login();
    silent.respond(silent.command([0]));
    silent.command([0]);
    silent.wait(2000).command(LARGE_READ, LARGE);
    expect(rules(silent.wait(9000).close())).not.toContain('mtu-black-hole');
    const slow = hung()
      .wait(3000)
      .pdu('nopOut', { ...PING, itt: 77 })
      .pdu('nopIn', { itt: 77 })
      .wait(6000);
    expect(rules(slow.close())).not.toContain('mtu-black-hole');
  });
});

describe('connections that end with a reset', () => {
  it('are no error once the target has answered a logout', () => {
    for (const end of ['initiator-reset', 'target-reset'] as const) {
      expect(rules(login().read().logout().close(end))).toEqual([]);
      const unanswered = login().read().pdu('logoutRequest', { itt: 90, immediate: true }).close(end);
      expect(rules(unanswered)).toContain('connection-reset');
    }
  });
});

describe('windows that stay closed', () => {
  /** The window closes with the answer to the only command, and pings go on for a while. */
  const closed = (pings: number, waitMs: number): Scene => {
    const scene = login();
    scene.respond(scene.command([0]), 0, [], { expCmdSn: 2, maxCmdSn: 1 });
    for (let n = 0; n < pings; n += 1)
      scene
        .wait(waitMs)
        .pdu('nopOut', { ...PING, itt: 100 + n })
        .pdu('nopIn', { itt: 100 + n, expCmdSn: 2, maxCmdSn: 1 });
    return scene;
  };

  it('are found once, without a command being open', () => {
    const [finding, ...others] = findingsOf(closed(6, 5000));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'window-closed', count: 1, pdus: [4, 5] });
    expect(finding!.text).toContain('MaxCmdSN stayed at 1, below ExpCmdSN, for 5.0 s or more');
  });

  it('are not found where they open soon', () => {
    const scene = closed(1, 100).wait(800).pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff }).wait(5000);
    expect(rules(scene.read())).toEqual([]);
  });
});

describe('pings that stay open', () => {
  const pinged = (waitMs: number): Scene =>
    login()
      .pdu('nopOut', { ...PING, itt: 77 })
      .pdu('nopIn', { itt: 0xffffffff, ttt: 5 })
      .wait(waitMs)
      .close('target-closed');

  it('are unanswered once they have waited', () => {
    expect(rules(pinged(3000))).toEqual(expect.arrayContaining(['ping-unanswered', 'target-ping-unanswered']));
  });

  it('are not where the connection ended soon, or had ended before', () => {
    expect(rules(pinged(1500))).toEqual(['no-logout']);
    const trace = pinged(100).trace();
    trace.connections[0]!.closedNs = 0;
    expect(rules(trace)).toEqual(['no-logout']);
  });

  it('names a command as sent too late where the connection had ended', () => {
    const scene = login();
    scene.command([0]);
    const trace = scene.close('target-closed').trace();
    trace.connections[0]!.closedNs = 0;
    expect(findingsOf(trace).find(({ rule }) => rule === 'unanswered')!.text).toBe(
      'TEST UNIT READY, LUN 0 was sent when the connection had ended.',
    );
  });
});
