import { describe, expect, it } from 'vitest';
import { findProblems } from '../../../core/trace/index.ts';
import { MARKS } from '../../../core/trace/columns.ts';
import { login } from './finding-scenes.ts';
import { ENDS, Scene } from './scene.ts';

describe('command and status numbers', () => {
  it('does not take numbers that follow a capture gap for faults', () => {
    const scene = login().read();
    scene.cmdSn += 5;
    scene.statSn += 5;
    const trace = scene.read().trace();
    const page = trace.pdus.table.writable(0);
    page.marks[4] = page.marks[4]! | MARKS.gapBefore;
    page.marks[5] = page.marks[5]! | MARKS.gapBefore;
    const rules = findProblems(trace).map((each) => each.rule);
    expect(rules).toContain('trace-gap');
    expect(rules).not.toContain('cmdsn-gap');
    expect(rules).not.toContain('statsn-gap');
  });

  it('lets a new session of the same name and handle begin its own numbers', () => {
    const scene = login().read().read().close();
    const other = new Scene();
    const id = scene.recorder.openConnection(scene.timeMs, ENDS);
    Object.defineProperty(other, 'recorder', { value: scene.recorder });
    Object.defineProperty(other, 'connection', { value: id });
    other.timeMs = scene.timeMs;
    other.login().read().logout().close();
    expect(findProblems(scene.trace()).map((each) => each.rule)).toEqual(['no-logout']);
  });

  it('follows command numbers over the connections of one session', () => {
    const scene = login().read();
    const second = scene.recorder.openConnection(scene.timeMs, {
      initiatorHost: '10.0.0.1',
      initiatorPort: 50_001,
      targetHost: '10.0.0.2',
      targetPort: 3260,
    });
    const other = new Scene();
    Object.defineProperty(other, 'recorder', { value: scene.recorder });
    Object.defineProperty(other, 'connection', { value: second });
    other.timeMs = scene.timeMs;
    other.cmdSn = scene.cmdSn;
    other.itt = 100;
    other.login({}, {}, 7).read();
    scene.cmdSn = other.cmdSn;
    scene.timeMs = other.timeMs;
    scene.read();
    expect(findProblems(scene.trace()).map((each) => each.rule)).not.toContain('cmdsn-gap');
  });

  it('finds a status number that comes a second time, be it not at once', () => {
    const again = (back: number, play: (scene: Scene) => unknown = (scene) => scene.read()): Scene => {
      const scene = login();
      for (let n = 0; n < 70; n += 1) scene.read();
      scene.statSn -= back;
      play(scene);
      return scene;
    };
    expect(findProblems(again(1).trace())).toMatchObject([
      { rule: 'statsn-repeated', text: 'StatSN 71 is that of an earlier status, for another tag.', pdus: [142, 144] },
    ]);
    expect(findProblems(again(5).trace())).toMatchObject([{ rule: 'statsn-repeated', pdus: [134, 144] }]);
    // A ping of the target, and Data-In without a status, take no number.
    const ping = again(0, (scene) => {
      scene.pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff }).pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff });
      const itt = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 1], { read: true, expectedDataTransferLength: 512 });
      scene.pdu('dataIn', { itt, ttt: 0xffffffff, statSn: 71 }, new Uint8Array(512)).respond(itt);
    });
    expect(findProblems(ping.trace())).toEqual([]);
  });
});
