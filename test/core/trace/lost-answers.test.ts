import { describe, expect, it } from 'vitest';
import { MARKS, TASK_FLAGS } from '../../../core/trace/columns.ts';
import { compileFilter, exportPcapng, matchRows, parseFilter, type Trace } from '../../../core/trace/index.ts';
import { findingsOf, READ } from './finding-scenes.ts';
import { readTrace, Scene } from './scene.ts';

const ONE_BLOCK = { read: true, expectedDataTransferLength: 512 };
const rules = (trace: Trace): string[] => findingsOf(trace).map(({ rule }) => rule);
const write = (trace: Trace): Uint8Array => Uint8Array.from([...exportPcapng(trace)].flatMap((block) => [...block]));

/** Numbers of the rows that a filter lets through. */
function passed(trace: Trace, text: string): number[] {
  return [...matchRows(compileFilter(parseFilter(text), trace), trace)].map((row) => row + 1);
}

/** Tasks whose answers are not in the trace since something is missing there. */
function unrecorded(trace: Trace): number[] {
  return Array.from({ length: trace.tasks.table.length }, (_, task) => task).filter((task) => {
    const [page, i] = trace.taskAt(task);
    return (page.flags[i]! & (TASK_FLAGS.ended | TASK_FLAGS.unrecorded)) === TASK_FLAGS.unrecorded;
  });
}

/** A session whose recorder had no room for a while, with two commands open then. */
function lossy(after: (scene: Scene) => void): Trace {
  const scene = new Scene({ chunkBytes: 256 }).login();
  scene.read();
  const itt = scene.command(READ, ONE_BLOCK);
  scene.command(READ, ONE_BLOCK);
  scene.recorder.flush();
  scene.sink.full = true;
  scene.respond(itt).read(4096);
  scene.sink.full = false;
  after(scene);
  return scene.trace();
}

describe('answers that the recorder lost', () => {
  it('are not taken for answers that never came', () => {
    const trace = lossy((scene) => scene.wait(6000).read().logout().close());
    expect(trace.lostPdus).toBe(3);
    expect(unrecorded(trace)).toEqual([2, 3]);
    expect(passed(trace, 'unrecorded')).toEqual([5, 6]);
    expect(passed(trace, '!ok')).toEqual([]);
    expect(passed(trace, '!failed')).toEqual([1, 2, 3, 4, 7, 8, 9, 10]);
    expect(passed(trace, 'answered')).toEqual([1, 2, 3, 4, 7, 8, 9, 10]);
    const [page] = trace.at(0);
    expect([6, 7, 8, 9].map((row) => (page.marks[row]! & MARKS.gapBefore) !== 0)).toEqual([true, true, false, false]);
    expect(trace.connections[0]!.lostAtEnd).toEqual({ initiator: false, target: false });
    const [finding] = findingsOf(trace);
    expect(findingsOf(trace).map(({ rule }) => rule)).toEqual(['trace-incomplete']);
    expect(finding!.pdus).toEqual([7, 8]);
    expect(finding!.text).toContain('3 PDUs were not recorded: the writer could not keep up.');
  });

  it('may be the last of their connections', () => {
    const scene: { over?: Scene } = {};
    const trace = lossy((recorded) => {
      scene.over = new Scene(
        {},
        { initiatorHost: '10.0.0.3', initiatorPort: 1, targetHost: '10.0.0.2', targetPort: 3260 },
        recorded,
      );
      scene.over.login();
    });
    expect(unrecorded(trace)).toEqual([2, 3]);
    expect(trace.connections.map(({ lostAtEnd }) => lostAtEnd.target)).toEqual([true, false]);
    const again = readTrace(write(trace)).trace;
    expect(unrecorded(again)).toEqual([2, 3]);
    expect(rules(again)).toEqual(['trace-gap']);
  });

  it('accuse nobody in a capture written from the recording either', () => {
    const trace = lossy((scene) => scene.wait(6000).read().logout().close());
    const again = readTrace(write(trace)).trace;
    expect(unrecorded(again)).toEqual([2, 3]);
    expect(rules(again)).toEqual(['trace-gap']);
  });

  it('leave what began later, or long before, as it is', () => {
    const trace = lossy((scene) => {
      scene.read().command(READ, ONE_BLOCK);
      scene.wait(6000).read();
    });
    expect(unrecorded(trace)).toEqual([2, 3]);
    expect(passed(trace, '!ok')).toEqual([9]);
    const hung = new Scene({ chunkBytes: 256 }).login();
    hung.command(READ, ONE_BLOCK);
    hung.wait(31_000).read();
    hung.recorder.flush();
    hung.sink.full = true;
    hung.read();
    hung.sink.full = false;
    expect(unrecorded(hung.read().trace())).toEqual([]);
  });
});

describe('answers that a filter left out of an export', () => {
  it('are not taken for answers that never came', () => {
    const trace = new Scene().login().read().read().logout().close().trace();
    const rows = [0, 1, 2, 4, 5, 6, 7];
    const again = readTrace(Uint8Array.from([...exportPcapng(trace, { rows })].flatMap((each) => [...each]))).trace;
    expect(unrecorded(again)).toEqual([1]);
    expect(passed(again, '!ok')).toEqual([]);
  });
});

describe('older PDUs that are gone', () => {
  it('are told by themselves', () => {
    const trace = new Scene().login().trace();
    trace.droppedPdus = 4;
    const [finding] = findingsOf(trace);
    expect(finding).toMatchObject({ rule: 'trace-capped', severity: 'note' });
    expect(finding!.text).toContain('4 older PDUs were deleted');
  });
});
