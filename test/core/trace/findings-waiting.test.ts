import { describe, expect, it } from 'vitest';
import type { Trace } from '../../../core/trace/index.ts';
import { findingsOf, login } from './finding-scenes.ts';
import type { Scene } from './scene.ts';

const LARGE_READ = [0x28, 0, 0, 0, 0, 0, 0, 0, 8];
const LARGE = { read: true, expectedDataTransferLength: 4096 };
const PING = { immediate: true, ttt: 0xffffffff };

const rules = (made: Scene | Trace): string[] => findingsOf(made).map(({ rule }) => rule);

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
