import { describe, expect, it } from 'vitest';
import { MARKS } from '../../../core/trace/columns.ts';
import { block, findingsOf, login, mark, READ, status } from './finding-scenes.ts';
import { Scene } from './scene.ts';

const found = (made: Parameters<typeof findingsOf>[0]): string[] =>
  findingsOf(made)
    .map(({ rule }) => rule)
    .sort();

const STAGE = { itt: 1, immediate: true, transit: true, csg: 1, nsg: 3 } as const;
const ONE_BLOCK = { read: true, expectedDataTransferLength: 512 };

/** What an initiator sends of a session, its tags and status numbers going on as if it were answered. */
function onlyInitiator(scene = new Scene()): Scene {
  scene.pdu('loginRequest', STAGE, scene.text({ InitiatorName: 'iqn.x:a', SessionType: 'Normal' }));
  for (let turn = 0; turn < 6; turn += 1) {
    scene.statSn += 1;
    scene.command(READ, { ...ONE_BLOCK, itt: 5 });
  }
  const itt = scene.command([0x2a], { write: true, expectedDataTransferLength: 512 });
  scene.pdu('dataOut', { itt, ttt: 7, final: true }, block(512));
  scene.pdu('nopOut', { immediate: true, itt: 90, ttt: 0xffffffff }).wait(5000);
  return scene.pdu('logoutRequest', { itt: 91, immediate: true }).close();
}

function onlyTarget(): Scene {
  const scene = new Scene();
  scene.pdu('loginResponse', { itt: 1, transit: true, csg: 1, nsg: 3, tsih: 7 });
  for (let itt = 2; itt < 6; itt += 1) scene.pdu('dataIn', { ...status, itt }, block(512));
  return scene.pdu('nopIn', { itt: 0xffffffff, ttt: 5 }).wait(5000).respond(9).close();
}

describe('captures of one direction', () => {
  it('are named as such once, and no end is blamed', () => {
    expect(findingsOf(onlyInitiator())).toMatchObject([
      {
        rule: 'trace-one-sided',
        connection: 0,
        count: 1,
        text: 'All 11 PDUs are those of the initiator; of the target, which has spoken too, there is none.',
        pdus: [1],
      },
    ]);
    const trace = onlyTarget().trace();
    trace.connections[0]!.fromStart = true;
    expect(findingsOf(trace).map(({ rule, text }) => [rule, text])).toEqual([
      ['trace-one-sided', 'All 7 PDUs are those of the target; of the initiator, which has spoken too, there is none.'],
    ]);
  });

  it('are told by the status numbers where they begin in the middle', () => {
    const scene = new Scene();
    scene.command([0]);
    scene.statSn += 1;
    scene.command([0]);
    expect(found(scene.wait(9000).close())).toEqual(['trace-one-sided']);
  });

  it('are counted together', () => {
    const scene = onlyInitiator();
    for (let port = 50_001; port < 50_004; port += 1) {
      const id = scene.recorder.openConnection(scene.timeMs, {
        initiatorHost: '10.0.0.1',
        initiatorPort: port,
        targetHost: '10.0.0.2',
        targetPort: 3260,
      });
      const other = new Scene();
      Object.defineProperty(other, 'recorder', { value: scene.recorder });
      Object.defineProperty(other, 'connection', { value: id });
      other.timeMs = scene.timeMs;
      if (port === 50_003) other.login().logout().close();
      else onlyInitiator(other);
    }
    expect(findingsOf(scene)).toMatchObject([
      {
        connection: null,
        count: 1,
        text: 'Of 3 of 4 connections one side alone is there: #0 (initiator), #1 (initiator), #2 (initiator).',
      },
    ]);
  });

  it('are not seen in a target that never answers, or pings of its own accord', () => {
    const silent = new Scene();
    for (let turn = 0; turn < 3; turn += 1) silent.pdu('loginRequest', STAGE, silent.text({ SessionType: 'Normal' }));
    expect(found(silent.close())).toEqual(['login-unfinished']);
    const ping = new Scene();
    for (let turn = 0; turn < 3; turn += 1) ping.pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff });
    expect(found(ping.close())).toEqual([]);
  });
});

describe('what a gap of the capture explains', () => {
  /** A command whose answer the capture lost: the initiator acknowledges it, and goes on. */
  const lostAnswer = (): Scene => {
    const scene = login().read();
    scene.command([0]);
    scene.statSn += 1;
    for (let turn = 0; turn < 3; turn += 1) scene.command([0]);
    for (let itt = 4; itt < 7; itt += 1) scene.respond(itt);
    return scene.wait(40_000).logout().close();
  };

  it('is held back, and only that', () => {
    expect(found(lostAnswer())).toEqual(['expstatsn-ahead', 'stall', 'unanswered']);
    // The target's next PDU is the first to tell that something is missing.
    expect(found(mark(lostAnswer(), 8, MARKS.gapBefore))).toEqual(['trace-gap']);
  });

  it('is not what came long before it', () => {
    const scene = login().read();
    scene.command([0]);
    scene.wait(60_000).read().read();
    expect(found(mark(scene, 8, MARKS.gapBefore))).toEqual(['stall', 'trace-gap', 'unanswered']);
  });

  it('may be a lost command whose answer comes later', () => {
    const orphan = (): Scene => login().read().respond(77).read();
    const whole = orphan().trace();
    whole.connections[0]!.fromStart = true;
    expect(found(whole)).toEqual(['answer-without-task']);
    // Bytes of the initiator are missing before its next PDU.
    const lossy = mark(orphan(), 5, MARKS.gapBefore);
    lossy.connections[0]!.fromStart = true;
    expect(found(lossy)).toEqual(['trace-gap']);
    const after = mark(orphan(), 2, MARKS.gapBefore);
    after.connections[0]!.fromStart = true;
    expect(found(after)).toEqual(['trace-gap']);
  });
});
