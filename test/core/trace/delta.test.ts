import { expect, it } from 'vitest';
import { completeFilter } from '../../../core/browser.ts';
import { compileFilter, matchRows, parseFilter, type Trace } from '../../../core/trace/index.ts';
import { Scene } from './scene.ts';

const rowsOf = (trace: Trace, expression: string): number[] =>
  matchRows(compileFilter(parseFilter(expression), trace), trace);

/** Four reads: each PDU 0.1 ms after the one before, but for what is waited. */
function waitingTrace(): Trace {
  const scene = new Scene();
  const begin = (): number =>
    scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 1], { read: true, expectedDataTransferLength: 512 });
  const end = (itt: number): void => {
    scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 1 }, new Uint8Array(512));
  };
  end(begin());
  scene.wait(4.9);
  const [first, second] = [begin(), begin()];
  scene.wait(1.9);
  end(first);
  end(second);
  end(begin());
  return scene.trace();
}

it('lets through PDUs by the time since the PDU before', () => {
  const trace = waitingTrace();
  expect(rowsOf(trace, 'delta >= 1ms')).toEqual([2, 4]);
  expect(rowsOf(trace, 'delta >= 2ms && delta <= 2ms')).toEqual([4]);
  expect(rowsOf(trace, 'delta > 2ms')).toEqual([2]);
  expect(rowsOf(trace, 'delta in {0ms..1ms}')).toEqual([1, 3, 5, 6, 7]);
  expect(rowsOf(trace, '!delta')).toEqual([0]);
});

it('lets through tasks by the time since the task before began', () => {
  const trace = waitingTrace();
  expect(rowsOf(trace, 'task.delta > 5ms')).toEqual([2, 4]);
  expect(rowsOf(trace, 'task.delta > 1ms')).toEqual([2, 4, 6, 7]);
  expect(rowsOf(trace, 'task.delta < 1ms')).toEqual([3, 5]);
  expect(rowsOf(trace, '!task.delta')).toEqual([0, 1]);
});

it('knows the one before across pages and runs', () => {
  const scene = new Scene();
  for (let turn = 0; turn < 9000; turn += 1) {
    if (turn % 1000 === 0) scene.wait(2);
    scene.read();
  }
  const trace = scene.trace();
  expect(trace.pdus.table.pageCount).toBeGreaterThan(1);
  expect(trace.tasks.table.pageCount).toBeGreaterThan(1);
  const slow = [1, 2, 3, 4, 5, 6, 7, 8].map((turn) => turn * 2000);
  expect(rowsOf(trace, 'delta > 1ms')).toEqual(slow);
  expect(rowsOf(trace, 'task.delta > 1ms && opcode == scsiCommand')).toEqual(slow);
  for (const from of [2000, 2001, 12_345]) {
    const later = compileFilter(parseFilter('delta > 1ms || task.delta > 1ms'), trace, from);
    expect(matchRows(later, trace, from).filter((row) => row % 2 === 0)).toEqual(slow.filter((row) => row >= from));
  }
});

it('is proposed like every field', () => {
  const texts = (text: string): string[] => completeFilter(text, text.length).proposals.map((one) => one.text);
  expect(texts('del')).toEqual(['delta']);
  expect(texts('task.')).toEqual(['task.delta']);
});
