import { describe, expect, it } from 'vitest';
import {
  buildTimeline,
  compileFilter,
  matchRows,
  parseFilter,
  SettlingFilter,
  TASK_FLAGS,
  viewTask,
  type Trace,
} from '../../../core/trace/index.ts';
import { block, findingsOf, login, READ, status } from './finding-scenes.ts';
import { ENDS, Scene } from './scene.ts';

const GOOD_READ = { read: true, expectedDataTransferLength: 512 };
const ABORT_TASK = 1;
const ABORT_TASK_SET = 2;
const LUN_RESET = 5;
const TARGET_RESET = 6;

/** Asks for a function half a second later and has it answered. */
function manage(
  scene: Scene,
  fields: { function: number; referencedTaskTag?: number; lun?: bigint },
  response = 0,
): Scene {
  const itt = scene.itt++;
  return scene
    .wait(500)
    .pdu('taskManagementRequest', { immediate: true, itt, ...fields })
    .pdu('taskManagementResponse', { itt, response });
}

/** Pings that are answered, five seconds apart. */
function idle(scene: Scene): Scene {
  for (let n = 0; n < 3; n += 1)
    scene
      .wait(5000)
      .pdu('nopOut', { immediate: true, itt: 900 + n, ttt: 0xffffffff })
      .pdu('nopIn', { itt: 900 + n });
  return scene;
}

const rules = (scene: Scene): string[] => findingsOf(scene).map(({ rule }) => rule);
const aborted = (trace: Trace): boolean[] =>
  Array.from({ length: trace.tasks.table.length }, (_, task) => viewTask(trace, task))
    .filter(({ opcode }) => opcode === 1)
    .map(({ flags }) => (flags & TASK_FLAGS.aborted) !== 0);

describe('commands that are called off', () => {
  it('are over, so that their tag may be used again and nothing waits for them', () => {
    const scene = login();
    const itt = scene.command(READ, GOOD_READ);
    idle(manage(scene, { function: ABORT_TASK, referencedTaskTag: itt }));
    scene.command(READ, { ...GOOD_READ, itt });
    scene
      .pdu('dataIn', { ...status, itt }, block(512))
      .wait(5000)
      .logout()
      .close();
    expect(rules(scene)).toEqual(['task-aborted']);
    expect(scene.trace().connections[0]!.outstanding).toBe(0);
  });

  it('do not hold filters of a growing trace up, and count as open until then', () => {
    const scene = login();
    const itt = scene.command(READ, GOOD_READ);
    const trace = manage(scene, { function: ABORT_TASK, referencedTaskTag: itt }).wait(500).read().wait(500).trace();
    expect(new SettlingFilter(parseFilter('!ok && opcode == scsiCommand'), trace).take(false)).toContain(2);
    const { outstanding } = buildTimeline(trace, 10);
    expect([outstanding[5], outstanding[8]]).toEqual([1, 0]);
  });

  it('are found by a filter, with all their PDUs and nothing else', () => {
    const scene = login();
    const itt = scene.command(READ, GOOD_READ);
    const trace = manage(scene, { function: ABORT_TASK, referencedTaskTag: itt }).read().trace();
    const rowsOf = (expression: string): number[] => matchRows(compileFilter(parseFilter(expression), trace), trace);
    expect(rowsOf('aborted')).toEqual([2]);
    expect(rowsOf('scsi && !aborted && !ok')).toEqual([]);
  });

  it('stay open where the function failed or was about another', () => {
    const scene = login();
    const itt = scene.command(READ, GOOD_READ);
    manage(scene, { function: ABORT_TASK, referencedTaskTag: itt }, 5);
    manage(scene, { function: ABORT_TASK, referencedTaskTag: itt + 50 });
    manage(scene, { function: 8, referencedTaskTag: itt });
    expect(aborted(scene.trace())).toEqual([false]);
    expect(rules(idle(scene).logout().close())).toEqual(expect.arrayContaining(['unanswered', 'stall']));
  });

  it.each([
    [ABORT_TASK_SET, [true, false, false]],
    [LUN_RESET, [true, false, false]],
    [TARGET_RESET, [true, true, false]],
  ])('are all those of the unit or the target that came before function %i', (tmf, expected) => {
    const scene = login();
    scene.command(READ, GOOD_READ);
    scene.command(READ, { ...GOOD_READ, lun: 1n << 48n });
    const itt = scene.itt++;
    scene.pdu('taskManagementRequest', { immediate: true, itt, function: tmf, lun: 0n });
    scene.command(READ, GOOD_READ);
    scene.pdu('taskManagementResponse', { itt, response: 0 });
    const trace = scene.trace();
    expect(aborted(trace)).toEqual(expected);
    expect(trace.connections[0]!.outstanding).toBe(expected.filter((gone) => !gone).length);
  });

  it('are not those of another session', () => {
    const scene = login();
    scene.command(READ, GOOD_READ);
    const other = new Scene({}, ENDS, scene);
    other.itt = 70;
    other.pdu('textRequest', { itt: 60 });
    other.command(READ, GOOD_READ);
    manage(other, { function: TARGET_RESET });
    expect(aborted(scene.trace())).toEqual([false, true]);
  });

  it('are so over all connections of the session', () => {
    const scene = login();
    scene.command(READ, GOOD_READ);
    const other = new Scene({}, { ...ENDS, initiatorPort: 50_001 }, scene).login();
    other.itt = 70;
    other.command(READ, GOOD_READ);
    manage(other, { function: LUN_RESET });
    expect(aborted(scene.trace())).toEqual([true, true]);
    manage(other, { function: ABORT_TASK, referencedTaskTag: scene.command(READ, GOOD_READ) });
    expect(aborted(scene.trace())).toEqual([true, true, true]);
  });
});

describe('commands that are rejected', () => {
  it('are over, so that nothing waits for them', () => {
    const scene = login();
    const itt = scene.command(READ, GOOD_READ);
    const quoted = new Uint8Array(48);
    quoted.set([1, 0x80]);
    quoted[19] = itt;
    scene.pdu('reject', { itt: 0xffffffff, reason: 9 }, quoted);
    expect(rules(idle(scene).logout().close())).toEqual(['reject']);
  });
});
