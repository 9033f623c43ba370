import { describe, expect, it } from 'vitest';
import { MARKS } from '../../../core/trace/columns.ts';
import { block, findingsOf, login, mark, status } from './finding-scenes.ts';
import { ENDS, Scene } from './scene.ts';

const found = (made: Parameters<typeof findingsOf>[0]): string[] =>
  findingsOf(made)
    .map(({ rule }) => rule)
    .sort();

const OTHER = { ...ENDS, initiatorPort: 50_001 };

/** A command with a number of its own, of a session whose target has had all up to there. */
function numbered(scene: Scene, cmdSn: number): Scene {
  scene.cmdSn = cmdSn;
  const itt = scene.command([0]);
  return scene.respond(itt);
}

/** Two connections of a session, whose commands come in pairs: the later number first. */
function skewed(scene: Scene, other: Scene): void {
  for (let cmdSn = 1; cmdSn < 12; cmdSn += 2) {
    [other.timeMs, other.cmdSn, scene.cmdSn] = [scene.timeMs, cmdSn + 1, cmdSn];
    const second = other.command([0]);
    scene.timeMs = other.timeMs;
    const first = scene.command([0]);
    [scene.cmdSn, other.cmdSn] = [cmdSn + 2, cmdSn + 2];
    scene.respond(first);
    other.timeMs = scene.timeMs;
    other.respond(second);
    scene.timeMs = other.timeMs;
  }
}

describe('command numbers of a session with several connections', () => {
  it('may come in any order between these, seen from the login on or not', () => {
    const scene = login();
    const other = new Scene({}, OTHER, scene).login({}, {}, 7);
    skewed(scene, other);
    expect(found(scene)).toEqual([]);
    const late = new Scene();
    skewed(late, new Scene({}, OTHER, late));
    expect(found(late)).toEqual([]);
  });

  it('may be on connections that were not captured', () => {
    const joined = new Scene().login({}, {}, 7);
    for (let cmdSn = 40; cmdSn < 120; cmdSn += 8) numbered(joined, cmdSn);
    expect(found(joined)).toEqual([]);
    const leading = login({ MaxConnections: '2' }, { MaxConnections: '2' });
    for (let cmdSn = 1; cmdSn < 80; cmdSn += 8) numbered(leading, cmdSn);
    expect(found(leading)).toEqual([]);
    // A session of one connection has no other place for them.
    const only = login({ MaxConnections: '2' }, { MaxConnections: '1' });
    expect(found(numbered(numbered(only, 1), 4))).toEqual(['cmdsn-gap']);
  });

  it('are missing where the target goes on waiting for one', () => {
    const waiting = (ms: number): string[] => {
      const scene = new Scene().login({}, {}, 7);
      numbered(scene, 5);
      const itt = scene.command([0], { cmdSn: 8 });
      scene.wait(ms).pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff, expCmdSn: 6, maxCmdSn: 37 });
      return found(scene.respond(itt));
    };
    expect(waiting(900)).toEqual([]);
    expect(waiting(1100)).toEqual(['cmdsn-gap', 'stall']);
  });

  it('are missing where every connection there may be was captured, and none had one', () => {
    const skipping = (max: string, play?: (second: Scene) => unknown): Scene => {
      const first = login({ MaxConnections: max }, { MaxConnections: max });
      const second = new Scene({}, OTHER, first).login({}, {}, 7);
      first.timeMs = second.timeMs;
      numbered(numbered(first, 1), 3);
      second.timeMs = first.timeMs;
      play?.(second);
      return first;
    };
    const [gap] = findingsOf(skipping('2'));
    expect(gap).toMatchObject({ rule: 'cmdsn-gap', pdus: [7], text: 'CmdSN 3 follows where 2 was due: 1 missing.' });
    const later = (second: Scene): unknown => numbered(second.wait(1100), 4);
    expect(found(skipping('2', later))).toEqual(['cmdsn-gap']);
    // A third connection may have had it, or the second one later or before it ended, or in what the capture lacks.
    expect(found(skipping('3'))).toEqual([]);
    expect(found(skipping('2', (second) => numbered(second, 2)))).toEqual([]);
    expect(found(mark(skipping('2', later), 8, MARKS.gapBefore))).toEqual(['trace-gap']);
    const lost = skipping('2').trace();
    lost.connections[1]!.lostAtEnd.initiator = true;
    expect(found(lost)).toEqual(['trace-gap']);
    const ended = login({ MaxConnections: '2' }, { MaxConnections: '2' });
    const other = new Scene({}, OTHER, ended).login({}, {}, 7).logout().close();
    ended.timeMs = other.timeMs + 1;
    expect(found(numbered(numbered(ended, 1), 3))).toEqual([]);
  });

  it('keep to the highest window that any connection has told of', () => {
    const TWO = { MaxConnections: '2' };
    const beyond = (opened: number, cmdSn: number, play?: (second: Scene) => unknown): Scene => {
      const first = login(TWO, TWO);
      const second = new Scene({}, OTHER, first).login({}, {}, 7);
      first.timeMs = second.timeMs;
      second.pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff, expCmdSn: 1, maxCmdSn: opened });
      play?.(second);
      first.timeMs = second.timeMs;
      for (let number = 1; number <= cmdSn; number += 1) first.command([0], { cmdSn: number });
      return first;
    };
    expect(findingsOf(beyond(33, 34))).toMatchObject([
      { rule: 'cmdsn-outside-window', text: 'CmdSN 34 was sent while the target took up to 33.', count: 1, pdus: [39] },
    ]);
    expect(found(beyond(34, 34))).toEqual([]);
    // Numbers that are not there went over a connection that is not either, and may have heard of more.
    const unseen = login(TWO, TWO);
    for (const cmdSn of [1, 3, 34]) unseen.command([0], { cmdSn });
    expect(found(unseen)).toEqual([]);
    const alone = login(TWO, TWO);
    for (let cmdSn = 1; cmdSn <= 33; cmdSn += 1) alone.command([0], { cmdSn });
    expect(found(alone)).toEqual(['cmdsn-outside-window']);
    // What the other connection said may be missing.
    const [gap, partial] = [beyond(33, 34, (second) => second.read()).trace(), beyond(33, 34).trace()];
    gap.connections[1]!.lostAtEnd.target = true;
    expect(found(gap)).toEqual(['trace-gap']);
    partial.connections[1]!.isPartial = true;
    expect(found(partial)).toEqual([]);
  });

  it('rise on each of them', () => {
    const scene = new Scene().login({}, {}, 7);
    expect(found(numbered(numbered(numbered(scene, 5), 9), 6))).toEqual(['cmdsn-repeated']);
  });
});

describe('a length of segments that is said after the login', () => {
  const raised = (length: string, split: boolean): Scene => {
    const scene = login({ MaxRecvDataSegmentLength: '8192' });
    const text = scene.text({ MaxRecvDataSegmentLength: length });
    const itt = scene.itt++;
    if (split) {
      scene.pdu('textRequest', { itt, ttt: 0xffffffff, final: false, continue: true }, text.subarray(0, 20));
      scene.pdu('textResponse', { itt, ttt: 3, final: false });
    }
    scene.pdu('textRequest', { itt, ttt: split ? 3 : 0xffffffff }, split ? text.subarray(20) : text);
    scene.pdu('textResponse', { itt, ttt: 0xffffffff });
    const read = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 32], { read: true, expectedDataTransferLength: 16_384 });
    return scene.pdu('dataIn', { ...status, itt: read }, block(16_384));
  };

  it('holds from there on', () => {
    expect(found(raised('16384', false))).toEqual([]);
    expect(found(raised('16384', true))).toEqual([]);
    expect(found(raised('16383', false))).toEqual(['segment-too-long']);
    expect(found(raised('512', false))).toEqual(['segment-too-long']);
  });

  it('is that of the side that says it', () => {
    const scene = login();
    const itt = scene.itt++;
    scene.pdu('textRequest', { itt, ttt: 0xffffffff });
    scene.pdu('textResponse', { itt, ttt: 0xffffffff }, scene.text({ MaxRecvDataSegmentLength: '16384' }));
    const write = scene.command([0x2a, 0, 0, 0, 0, 0, 0, 0, 32], { write: true, expectedDataTransferLength: 16_384 });
    scene.pdu('readyToTransfer', { itt: write, ttt: 1, desiredDataTransferLength: 16_384 });
    scene.pdu('dataOut', { final: true, itt: write, ttt: 1 }, block(16_384)).respond(write);
    expect(found(scene)).toEqual([]);
    const read = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 32], { read: true, expectedDataTransferLength: 16_384 });
    expect(found(scene.pdu('dataIn', { ...status, itt: read }, block(16_384)))).toEqual(['segment-too-long']);
  });
});
