import { describe, expect, it } from 'vitest';
import type { Trace } from '../../../core/trace/index.ts';
import {
  compileFilter,
  describeRow,
  findProblems,
  matchRows,
  parseFilter,
  pduTree,
  rowToJson,
  type Finding,
} from '../../../core/trace/index.ts';
import { cleanScene, readTrace, Scene, senseBytes } from './scene.ts';

const block = (length: number): Uint8Array => new Uint8Array(length).fill(1);
const status = { final: true, hasStatus: true, ttt: 0xffffffff };

describe('filters at their edges', () => {
  const scene = new Scene().login().read();
  const well = scene.command([0x12], { lun: 0xc101000000000000n });
  scene.respond(well);
  scene
    .pdu('taskManagementRequest', { immediate: true, itt: 70, function: 1 })
    .pdu('taskManagementResponse', { itt: 70, response: 1 });
  const refused = scene.command([0x7f, 0, 0, 0, 0, 0, 0, 24, 0, 9]);
  const quoted = new Uint8Array(48);
  quoted.set([1, 0x80]);
  quoted[19] = refused;
  scene.pdu('reject', { itt: 0xffffffff, reason: 5 }, quoted);
  const trace = scene.trace();
  const rows = (text: string): number[] =>
    matchRows(compileFilter(parseFilter(text), trace), trace).map((row) => row + 1);

  it.each<[string, number[]]>([
    ['lun == 0', [3, 4, 7, 8, 9, 10]],
    ['tmf.response == 1', [7, 8]],
    ['reject == 5', [9, 10]],
    ['rejected && !ok', [9, 10]],
    ['failed', [7, 8, 9, 10]],
    ['serviceAction == 9', [9, 10]],
    ['scsi.opcode > readCapacity16', []],
    ['(n == 1 || data contains "TargetPortal") && !(n == 1 && data contains "zzz")', [1, 2]],
    ['!(n > 1) && (data contains "nothing" || n < 2)', [1]],
    ['!(ok && failed) && (ok || failed) && n < 4', [1, 2, 3]],
    ['port != 3260', []],
    ['port != 3261', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['tcp.srcport != 3260', [1, 3, 5, 7, 9]],
    ['port > 40000 && port < 3300', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['data contains ""', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['data contains ff:ff:ff:01', []],
    ['digestError', []],
    ['header matches "zzz"', []],
    ['immediate == true && tmf == abortTask', [7]],
  ])('%s', (text, expected) => {
    expect(rows(text)).toEqual(expected);
  });
});

describe('findings at their edges', () => {
  const rules = (scene: Scene | Trace): Finding[] => findProblems(scene instanceof Scene ? scene.trace() : scene);

  it('names what the tables do not', () => {
    const scene = new Scene().login();
    scene.pdu('reject', { itt: 0xffffffff, reason: 0x77 }).pdu('asyncMessage', { itt: 0xffffffff, event: 99 });
    scene
      .pdu('taskManagementRequest', { immediate: true, itt: 50, function: 99 })
      .pdu('taskManagementResponse', { itt: 50, response: 98 });
    scene
      .pdu('taskManagementRequest', { immediate: true, itt: 51, function: 8 })
      .pdu('taskManagementResponse', { itt: 51 });
    scene.pdu('snackRequest', { itt: 5, type: 9 }).pdu('snackRequest', { itt: 5, type: 2 });
    expect(rules(scene).map(({ rule, text }) => `${rule}: ${text}`)).toEqual(
      expect.arrayContaining([
        'reject: reason 0x77.',
        'async-event: Event 99.',
        'tmf-failed: response 98.',
        'retransmission: Kind 9 was asked for again.',
      ]),
    );
  });

  it('counts an open command only once the trace has gone on, and a TASK ABORTED as an abort', () => {
    const fresh = new Scene().login();
    fresh.command([0]);
    expect(rules(fresh).map(({ rule }) => rule)).not.toContain('unanswered');
    fresh.wait(9000).pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff });
    expect(rules(fresh).find(({ rule }) => rule === 'unanswered')!.text).toContain('at the end of the trace');
    const aborted = new Scene().login();
    aborted.respond(aborted.command([0]), 0x40);
    expect(rules(aborted).map(({ rule }) => rule)).toContain('task-aborted');
    const mapped = new Scene().login();
    mapped.respond(mapped.command([0x28], { read: true }), 2, senseBytes(5, 0x25, 0));
    expect(rules(mapped).map(({ rule }) => rule)).toContain('lun-not-mapped');
    const quiet = new Scene().login();
    quiet.respond(quiet.command([0]), 2, senseBytes(1, 0x17, 0));
    expect(rules(quiet)).toEqual([]);
  });

  it('follows unsolicited data, and finds what is out of its order', () => {
    const keys = { InitialR2T: 'No' };
    const scene = new Scene().login(keys, keys);
    const itt = scene.command(
      [0x2a, 0, 0, 0, 0, 0, 0, 0, 4],
      { write: true, expectedDataTransferLength: 2048 },
      block(512),
    );
    scene
      .pdu('dataOut', { itt, ttt: 0xffffffff, bufferOffset: 512 }, block(512))
      .pdu('dataOut', { itt, ttt: 0xffffffff, dataSn: 5, final: true, bufferOffset: 1024 }, block(1024));
    scene.respond(itt);
    expect(rules(scene).map(({ rule }) => rule)).toEqual(['data-out-number']);
    const unknown = new Scene();
    const other = unknown.command([0x2a, 0, 0, 0, 0, 0, 0, 0, 1], { write: true, expectedDataTransferLength: 512 });
    unknown.pdu('dataOut', { itt: other, ttt: 0xffffffff, final: true }, block(512)).respond(other);
    expect(rules(unknown)).toEqual([]);
    const orphan = new Scene().login();
    orphan
      .pdu('dataOut', { itt: 900, ttt: 1 }, block(8))
      .pdu('readyToTransfer', { itt: 901, ttt: 1, desiredDataTransferLength: 8 });
    expect(rules(orphan).map(({ rule }) => rule)).toEqual(['answer-without-task']);
  });

  it('takes status without data for what it is', () => {
    const scene = new Scene().login();
    const itt = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 1], { read: true, expectedDataTransferLength: 512 });
    scene
      .pdu('dataIn', { itt, ttt: 1, final: true }, block(512))
      .pdu('dataIn', { ...status, itt, dataSn: 9, bufferOffset: 512 });
    expect(rules(scene)).toEqual([]);
  });

  it('reports the same rule once for each connection, errors first', () => {
    const trace = new Scene().login().trace();
    trace.lags.push({ timeNs: 1, lagUs: 60_000 });
    trace.droppedPdus = 4;
    expect(rules(trace).map(({ rule, connection }) => [rule, connection])).toEqual([
      ['trace-capped', null],
      ['recorder-late', null],
    ]);
  });

  it('knows a redirect without an address and a refusal without a name', () => {
    const scene = new Scene();
    scene.pdu('loginRequest', { itt: 1, immediate: true }, scene.text({ CHAP_R: '0x01' }));
    scene.pdu('loginResponse', { itt: 1, statusClass: 2, statusDetail: 0 }).close();
    expect(rules(scene).find(({ rule }) => rule === 'chap-initiator-refused')!.text).toContain('as ""');
    const moved = new Scene();
    moved
      .pdu('loginRequest', { itt: 1, immediate: true })
      .pdu('loginResponse', { itt: 1, statusClass: 1, statusDetail: 2 })
      .close();
    expect(rules(moved)[0]!.text).toContain('an address that is missing');
  });
});

describe('rows at their edges', () => {
  it('shows immediate data, functions without a task, and text without an end', () => {
    const scene = new Scene().login();
    scene.command(
      [0x2a, 0, 0, 0, 0, 0, 0, 0, 1],
      { write: true, expectedDataTransferLength: 512, lun: 0xc101000000000000n },
      block(512),
    );
    scene.pdu('nopIn', { itt: 0xffffffff, ttt: 3, lun: 5n << 48n });
    scene.pdu('textRequest', { itt: 60, ttt: 1 }, new TextEncoder().encode('SendTargets=All'));
    scene.pdu('scsiResponse', { itt: 61 }, Uint8Array.of(0, 0));
    scene.pdu('scsiResponse', { itt: 62, status: 2 }, Uint8Array.from([...senseBytes(6, 0x29, 0)]));
    const trace = scene.trace();
    expect(describeRow(trace, 2)).toContain('LUN well-known REPORT LUNS (0xc101000000000000), 512 bytes immediate');
    expect(rowToJson(trace, 2).lun).toBe('c101000000000000');
    expect(rowToJson(trace, 3).lun).toBe(5);
    expect(JSON.stringify(pduTree(trace, 4), (_k, v: unknown) => (typeof v === 'bigint' ? '' : v))).toContain('"All"');
    expect(pduTree(trace, 5).children!.at(-1)!.children).toBeUndefined();
    const page = trace.pdus.table.writable(0);
    page.task[5] = 0xffffffff;
    page.task[2] = 0xffffffff;
    expect(describeRow(trace, 5)).toBe('SCSI Response GOOD');
    expect(describeRow(trace, 2)).toBe('SCSI Command');
    expect(rowToJson(trace, 2).cdb).toBe('2a000000000000000100000000000000');
    expect(pduTree(trace, 2).children!.at(-1)!.children).toBeUndefined();
    trace.source = undefined;
    expect(trace.readPdu(2).data.length).toBe(0);
  });

  it('reads a trace from a time before 1970 and one without PDUs', () => {
    const trace = cleanScene().trace();
    trace.baseNs = -5_000_000_000n;
    expect(rowToJson(trace, 0).time).toBe('-3.999900000');
    expect(findProblems(readTrace(new Uint8Array(0)).trace)).toEqual([]);
  });
});
