import { describe, expect, it } from 'vitest';
import {
  describeRow,
  describeTask,
  formatNs,
  formatRow,
  rowToJson,
  MARKS,
  type Trace,
} from '../../../core/trace/index.ts';
import { cleanScene, Scene, senseBytes } from './scene.ts';

const lines = (trace: Trace): string[] => Array.from({ length: trace.length }, (_, row) => describeRow(trace, row));

describe('one line a PDU', () => {
  it('says what commands and their answers do', () => {
    const scene = new Scene().login().read().write();
    scene.respond(
      scene.command([0x12, 1, 0x83, 0, 255], { read: true, expectedDataTransferLength: 255 }),
      2,
      senseBytes(5, 0x24, 0),
      { underflow: true, residualCount: 255 },
    );
    scene.respond(scene.command([0]), 0, [], { response: 1 });
    const over = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 1], { read: true, expectedDataTransferLength: 256 });
    scene.pdu('dataIn', { itt: over, ttt: 1 }, new Uint8Array(256));
    scene.respond(over, 0, [], { overflow: true, residualCount: 256 });
    expect(lines(scene.trace()).slice(2)).toEqual([
      'SCSI Command READ(10), LBA 0, 1 block, LUN 0',
      'SCSI Data-In 512 bytes at 0, DataSN 0, last, GOOD',
      'SCSI Command WRITE(10), LBA 9, 2 blocks, LUN 0',
      'Ready To Transfer 1024 bytes at 0 wanted, R2TSN 0',
      'SCSI Data-Out 1024 bytes at 0, DataSN 0, last',
      'SCSI Response GOOD',
      'SCSI Command INQUIRY, page 0x83, LUN 0',
      'SCSI Response CHECK CONDITION: Illegal request, Invalid field in CDB (24/00), underflow of 255',
      'SCSI Command TEST UNIT READY, LUN 0',
      'SCSI Response target failure (response 0x01)',
      'SCSI Command READ(10), LBA 0, 1 block, LUN 0',
      'SCSI Data-In 256 bytes at 0, DataSN 0',
      'SCSI Response GOOD, overflow of 256',
    ]);
  });

  it('says what control PDUs want', () => {
    const scene = new Scene({ keepChapResponses: true });
    const stage = { csg: 0, nsg: 1, itt: 1 } as const;
    scene.pdu(
      'loginRequest',
      { ...stage, immediate: true, continue: true },
      scene.text({ CHAP_R: '0x1234', 'X-long': 'y'.repeat(100) }),
    );
    scene.pdu('loginResponse', { ...stage, statusClass: 2, statusDetail: 1 });
    scene.pdu('textRequest', { itt: 2, ttt: 0xffffffff }, scene.text({ SendTargets: 'All' }));
    scene
      .pdu('taskManagementRequest', { itt: 3, function: 5, immediate: true })
      .pdu('taskManagementResponse', { itt: 3, response: 5 });
    scene.pdu('taskManagementResponse', { itt: 999, response: 99 });
    scene.pdu('logoutRequest', { itt: 4, reason: 1, immediate: true }).pdu('logoutResponse', { itt: 4, response: 1 });
    scene.pdu('snackRequest', { itt: 2, type: 1, begRun: 3, runLength: 4 });
    scene.pdu('asyncMessage', { itt: 0xffffffff, event: 2 });
    scene.pdu(
      'reject',
      { itt: 0xffffffff, reason: 9 },
      Uint8Array.from([4, ...new Array<number>(15).fill(0), 0, 0, 0, 2, ...new Array<number>(28).fill(0)]),
    );
    scene.pdu('reject', { itt: 0xffffffff, reason: 9 });
    scene.pdu('nopOut', { itt: 9, ttt: 0xffffffff }).pdu('nopIn', { itt: 9, ttt: 0xffffffff });
    scene
      .pdu('nopIn', { itt: 0xffffffff, ttt: 8 })
      .pdu('nopOut', { itt: 0xffffffff, ttt: 8 })
      .pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff });
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`X-${i}`, '1']));
    scene.pdu('textResponse', { itt: 2, ttt: 0xffffffff }, scene.text(many));
    expect(lines(scene.trace())).toEqual([
      `Login Request Security negotiation, text goes on CHAP_R=(6 characters, not shown) X-long=${'y'.repeat(80)}…`,
      'Login Response Security negotiation, status 0x0201',
      'Text Request SendTargets=All',
      'Task Management Request LOGICAL UNIT RESET, LUN 0',
      'Task Management Response Function not supported',
      'Task Management Response code 0x63',
      'Logout Request Close the connection',
      'Logout Response Connection ID not found',
      'SNACK Request Status, from 3, 4 missing',
      'Asynchronous Message Target will drop this connection',
      'Reject Invalid PDU field, of Text Request with tag 0x00000002',
      'Reject Invalid PDU field',
      'NOP-Out ping',
      'NOP-In answer to a ping',
      'NOP-In ping',
      'NOP-Out answer to a ping',
      'NOP-In no answer wanted',
      `Text Response ${Object.keys(many)
        .slice(0, 12)
        .map((key) => `${key}=1`)
        .join(' ')} … 8 more`,
    ]);
  });

  it('names tasks by what was asked for', () => {
    const scene = new Scene().login();
    scene.pdu('taskManagementRequest', { immediate: true, function: 5, itt: 71 });
    scene.pdu('snackRequest', { type: 1, begRun: 3, runLength: 4 });
    scene.pdu('logoutRequest', { immediate: true, reason: 1, itt: 72 });
    const trace = scene.trace();
    expect([0, 1, 2, 3].map((task) => describeTask(trace, task))).toEqual([
      'Login Request',
      'Task Management Request LOGICAL UNIT RESET, LUN 0',
      'SNACK Request Status, from 3, 4 missing',
      'Logout Request Close the connection',
    ]);
  });

  it('marks damage, and names tasks without a beginning', () => {
    const scene = new Scene().login();
    scene.pdu('dataIn', { itt: 70, ttt: 1 }, new Uint8Array(8), undefined, 'data');
    const trace = scene.trace();
    const page = trace.pdus.table.writable(0);
    page.marks[2] = page.marks[2]! | MARKS.headerDigestBad | MARKS.gapBefore | MARKS.cut | MARKS.brokenOff;
    expect(describeRow(trace, 2)).toBe(
      'SCSI Data-In 8 of 8 bytes at 0, DataSN 0 [header digest wrong, data digest wrong, bytes missing before, not wholly captured, broken off by the end of its connection]',
    );
    expect(rowToJson(trace, 2).malformed).toBe(
      'header digest wrong; data digest wrong; not wholly captured; bytes are missing before it; broken off by the end of its connection',
    );
    expect(describeTask(trace, 1)).toBe('SCSI Data-In of a task that began before the trace');
    expect(describeTask(trace, 0)).toBe('Login Request');
    page.opcode[2] = 0x3a;
    expect(rowToJson(trace, 2).malformed).toContain('unknown opcode');
    expect(describeRow(trace, 2)).toContain('Opcode 0x3a');
  });

  it('prints a packet list', () => {
    const trace = cleanScene().trace();
    expect(formatRow(trace, 2)).toBe(
      '      3     0.000200 #0 -> 00000002  SCSI Command READ(10), LBA 0, 1 block, LUN 0',
    );
    expect(formatRow(trace, 3)).toBe(
      '      4     0.000300 #0 <- 00000002  SCSI Data-In 512 bytes at 0, DataSN 0, last, GOOD  [100.0 µs]',
    );
    expect([5, 5e3, 5e6, 5e9].map(formatNs)).toEqual(['5 ns', '5.0 µs', '5.00 ms', '5.000 s']);
  });
});
