import { describe, expect, it } from 'vitest';
import { dataLimits } from '../../../core/trace/analysis/negotiation.ts';
import { MARKS, TASK_FLAGS } from '../../../core/trace/columns.ts';
import { exportPcapng, type TapEnd, type Trace } from '../../../core/trace/index.ts';
import { block, findingsOf, login, mark, status } from './finding-scenes.ts';
import { readTrace, Scene, senseBytes } from './scene.ts';

const found = (made: Parameters<typeof findingsOf>[0]): string[] =>
  findingsOf(made)
    .map(({ rule }) => rule)
    .sort();

const FIRST = { itt: 1, immediate: true, csg: 0, nsg: 1 } as const;
const LAST = { itt: 1, transit: true, csg: 1, nsg: 3 } as const;

/** A read of more than the default length of a segment. */
function largeRead(scene: Scene): Scene {
  const itt = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 32], { read: true, expectedDataTransferLength: 16_384 });
  return scene.pdu('dataIn', { ...status, itt }, block(16_384));
}

describe('captures that start during a login', () => {
  it('take the rest of it for one task, not for its tag used twice', () => {
    const scene = new Scene();
    scene.pdu('loginResponse', { ...FIRST, transit: true }, scene.text({ AuthMethod: 'None' }));
    scene.pdu('loginRequest', { ...LAST, immediate: true }).pdu('loginResponse', { ...LAST, tsih: 7 });
    const trace = scene.trace();
    expect(found(trace)).toEqual([]);
    const [page] = trace.at(0);
    expect([0, 1, 2].map((row) => page.task[row])).toEqual([0, 0, 0]);
    const text = new Scene();
    text.pdu('textResponse', { itt: 9, ttt: 5, final: false }).pdu('textRequest', { itt: 9, ttt: 5 });
    expect(found(text.pdu('textResponse', { itt: 9, ttt: 0xffffffff }))).toEqual([]);
  });

  it('do not take what was said unseen for a default', () => {
    const late = new Scene();
    late.pdu('loginResponse', { ...LAST, tsih: 7 }, late.text({ InitialR2T: 'Yes', MaxBurstLength: '8192' }));
    expect(found(largeRead(late))).toEqual([]);
    expect(dataLimits(late.trace(), 0)).toBeUndefined();
    expect(found(largeRead(login()))).toEqual(['segment-too-long']);
    expect(found(mark(largeRead(login()), 1, MARKS.gapBefore))).toEqual(['trace-gap']);
    const cut = largeRead(login()).trace();
    const [page] = cut.at(0);
    page.stored[0] = page.stored[0]! - 1;
    expect(found(cut)).toEqual([]);
  });
});

describe('captures that end during a login', () => {
  const proven = (): Scene => {
    const scene = new Scene();
    scene.pdu('loginRequest', FIRST, scene.text({ CHAP_N: 'a', CHAP_R: '0x00', CHAP_I: '1', CHAP_C: '0x01' }));
    return scene.pdu('loginResponse', { ...FIRST, transit: true }, scene.text({ CHAP_N: 'b', CHAP_R: '0x02' }));
  };
  const other = (beside: Scene): Scene =>
    new Scene({}, { initiatorHost: '10.0.0.3', initiatorPort: 1, targetHost: '10.0.0.2', targetPort: 3260 }, beside);

  it('accuse nobody, unless it stood still', () => {
    expect(found(proven())).toEqual([]);
    const soon = proven().wait(4900);
    other(soon).login();
    expect(found(soon)).toEqual([]);
    const late = proven().wait(5100);
    other(late).login();
    expect(found(late)).toEqual(['login-unfinished']);
    expect(found(proven().close())).toEqual(['chap-target-unproven', 'login-unfinished']);
  });
});

describe('connections that end in the middle of a PDU', () => {
  /** A trace whose last PDU stops after ten of its data bytes, written and read again. */
  const stopped = (end: TapEnd, make: (scene: Scene) => Scene): Trace => {
    const trace = make(new Scene()).close(end).trace();
    const last = trace.length - 1;
    const [page] = trace.at(last);
    page.marks[last] = page.marks[last]! | MARKS.brokenOff;
    page.stored[last] = 10;
    return readTrace(Uint8Array.from([...exportPcapng(trace)].flatMap((block) => [...block]))).trace;
  };

  it('are errors, and what the PDU says does not count', () => {
    const read = stopped('target-closed', (scene) => scene.login().read(4096));
    expect(found(read)).toEqual(['broken-off', 'no-logout', 'unanswered']);
    const broken = findingsOf(read).find(({ rule }) => rule === 'broken-off')!;
    expect(broken).toMatchObject({ severity: 'error', pdus: [4] });
    expect(broken.text).toBe('SCSI Data-In: 10 of its 4096 data bytes came. The target closed the connection.');
    expect(found(stopped('target-reset', (scene) => scene.login().read(4096)))).toEqual([
      'broken-off',
      'connection-reset',
      'unanswered',
    ]);
  });

  it('have not logged in with a response that is not whole', () => {
    const read = stopped('target-closed', (scene) => scene.login());
    expect(read.connections[0]!.loggedIn).toBe(false);
    expect(found(read)).toEqual(['broken-off', 'login-unfinished']);
  });
});

describe('captures of the beginning of packets', () => {
  it('do not blame the target for sense they cut off', () => {
    const failed = (): Scene => {
      const scene = login();
      return scene.respond(scene.command([0]), 2, senseBytes(6, 0x29, 0));
    };
    expect(found(failed())).toEqual(['unit-attention']);
    const trace = failed().trace();
    const [page] = trace.at(0);
    page.stored[3] = 0;
    const [tasks, k] = trace.taskAt(1);
    tasks.flags[k] = tasks.flags[k]! & ~TASK_FLAGS.hasSense;
    expect(found(trace)).toEqual([]);
  });
});
