import { describe, expect, it } from 'vitest';
import { ScsiError } from '../../../core/errors/index.ts';
import {
  ascName,
  buildCdb,
  checkStatus,
  decodeSense,
  explainSense,
  isGoodStatus,
  SCSI_STATUS,
  senseKeyName,
  statusError,
  statusName,
  type Sense,
} from '../../../core/scsi/index.ts';
import { hex } from './arbitrary.ts';

function sense(text: string): Sense {
  const found = decodeSense(hex(text));
  if (found === undefined) throw new Error('no sense');
  return found;
}

describe('explaining sense data', () => {
  it('names the field of the CDB a pointer shows', () => {
    const cdb = buildCdb('read10', { lba: 0, blocks: 1, rdProtect: 1 });
    const why = explainSense(sense('70 00 05 00000000 0a 00000000 2400 00 cf0001'), cdb);
    expect(why.field).toEqual({ name: 'rdProtect', label: 'RDPROTECT', byte: 1, bit: 7 });
    expect(why.sentence).toBe(
      'Illegal request: Invalid field in CDB (0x05/0x24/0x00). The field at fault is RDPROTECT (byte 1 bit 7 of the CDB).',
    );
    expect(why.retryable).toBe(false);
    expect(why.hint).toContain('a value this unit does not take');
  });

  it('names the opcode of a command nobody knows', () => {
    const why = explainSense(sense('70 00 05 00000000 0a 00000000 2000 00 c00000'), hex('ee 00 00 00 00 00'));
    expect(why.field?.name).toBe('opcode');
    const other = explainSense(sense('70 00 05 00000000 0a 00000000 2400 00 c00004'), hex('ee 00 00 00 00 00'));
    expect(other.field).toBeUndefined();
    expect(other.sentence).toContain('byte 4 of the CDB');
  });

  it('tells the data sent from the CDB', () => {
    const why = explainSense(
      sense('70 00 05 00000000 0a 00000000 2600 00 800010'),
      buildCdb('modeSelect6', { parameterListLength: 24 }),
    );
    expect(why.field).toBeUndefined();
    expect(why.sentence).toContain('byte 16 of the data sent');
  });

  it('gives the LBA in trouble for commands that address blocks', () => {
    const medium = sense('f0 00 03 00001234 0a 00000000 1100 00 800003');
    const why = explainSense(medium, buildCdb('read16', { lba: 0x1200n, blocks: 64 }));
    expect(why.lba).toBe(0x1234n);
    expect(why.sentence).toBe(
      'Medium error: Unrecovered read error (0x03/0x11/0x00) at LBA 4660. The device retried 3 times.',
    );
    expect(explainSense(medium, buildCdb('inquiry', { allocationLength: 5 })).lba).toBeUndefined();
    expect(explainSense(medium).lba).toBeUndefined();
    const ili = sense('f0 00 23 00001234 0a 00000000 1100 00 800000');
    expect(explainSense(ili, buildCdb('read16', { lba: 0, blocks: 1 })).lba).toBeUndefined();
  });

  it('tells the offset of COMPARE AND WRITE from an LBA', () => {
    const miscompare = hex('f0 00 0e 00000011 0a 00000000 1d00 00 000000');
    const caw = buildCdb('compareAndWrite', { lba: 5, blocks: 1 });
    const why = explainSense(sense('f0 00 0e 00000011 0a 00000000 1d00 00 000000'), caw);
    expect(why.differsAt).toBe(17n);
    expect(why.lba).toBeUndefined();
    expect(why.sentence).toContain('at byte 17 of the data sent');
    expect(statusError(SCSI_STATUS.CHECK_CONDITION, miscompare, caw)?.details).toMatchObject({ differsAt: '17' });
    const verify = explainSense(
      sense('f0 00 0e 00000011 0a 00000000 1d00 00 000000'),
      buildCdb('verify10', { lba: 5, blocks: 1 }),
    );
    expect(verify.lba).toBe(17n);
  });

  it('does not look for the fault of an earlier command in this one', () => {
    const why = explainSense(
      sense('71 00 05 00000000 0a 00000000 2400 00 cf0001'),
      buildCdb('read10', { lba: 0, blocks: 1 }),
    );
    expect(why.field).toBeUndefined();
  });

  it('says how far a long operation is, and what a tape met', () => {
    expect(explainSense(sense('70 00 02 00000000 0a 00000000 0404 00 808000')).sentence).toContain('50 % done');
    expect(explainSense(sense('71 00 e0 00000000 0a 00000000 0001 00 000000')).sentence).toBe(
      'An earlier command failed. No sense: Filemark detected (0x00/0x00/0x01); a filemark was met, the end of the medium was met, the block has another length.',
    );
    expect(explainSense(sense('70 00 06 00000000 0a 00000000 2900 00 810000'))).toMatchObject({
      retryable: true,
      sentence: expect.stringContaining('were lost') as string,
    });
    expect(explainSense(sense('70 00 06 00000000 0a 00000000 2900 00 800000')).sentence).not.toContain('lost');
    expect(explainSense(sense('70 00 0a 00000000 0a 00000000 260d 00 a00009')).sentence).toContain(
      'byte 9 of the segment descriptor',
    );
    expect(explainSense(sense('70 00 0a 00000000 0a 00000000 260d 00 800009')).sentence).toContain(
      'byte 9 of the parameter list',
    );
    expect(explainSense(sense('70 00 0b 00000000 0a 00000000 4700 00 80aabb')).retryable).toBe(true);
    expect(explainSense(sense('70 00 09 00000000 0a 00000000 8000 00 000000')).hint).toBeUndefined();
    expect(explainSense(sense('7f')).sentence).toContain('unknown format');
  });
});

describe('names', () => {
  it('follow the T10 list, and describe what it leaves open', () => {
    expect(ascName(0x29, 0x00)).toBe('Power on, reset, or bus device reset occurred');
    expect(ascName(0x04, 0x0a)).toBe('Logical unit not accessible, asymmetric access state transition');
    expect(ascName(0x3f, 0x0e)).toBe('Reported LUNs data has changed');
    expect(ascName(0x40, 0x85)).toBe('Diagnostic failure on component 0x85');
    expect(ascName(0x4d, 0x03)).toBe('Tagged overlapped commands (task tag 0x03)');
    expect(ascName(0x70, 0x05)).toContain('algorithm ID 0x05');
    expect(ascName(0x11, 0x7e)).toBe('Unrecovered read error (unassigned qualifier 0x7e)');
    expect(ascName(0x11, 0x80)).toBe('Unrecovered read error (vendor specific qualifier 0x80)');
    expect(ascName(0x80, 0x01)).toBe('Vendor specific additional sense code 0x80/0x01');
    expect(ascName(0x7e, 0x01)).toBe('Unassigned additional sense code 0x7e/0x01');
    expect(senseKeyName(0xd)).toBe('Volume overflow');
    expect(senseKeyName(99)).toBe('Sense key 0x63');
  });

  it('cover the statuses of SAM', () => {
    expect(statusName(0x28)).toBe('TASK SET FULL');
    expect(statusName(0x99)).toBe('status 0x99');
    expect([0, 4, 2].map(isGoodStatus)).toEqual([true, true, false]);
  });
});

describe('checkStatus', () => {
  it('lets GOOD and CONDITION MET pass', () => {
    expect(() => {
      checkStatus(SCSI_STATUS.GOOD);
      checkStatus(SCSI_STATUS.CONDITION_MET);
    }).not.toThrow();
  });

  it.each([
    [SCSI_STATUS.BUSY, 'SCSI_BUSY', true],
    [SCSI_STATUS.TASK_SET_FULL, 'SCSI_TASK_SET_FULL', true],
    [SCSI_STATUS.RESERVATION_CONFLICT, 'SCSI_RESERVATION_CONFLICT', false],
    [SCSI_STATUS.TASK_ABORTED, 'SCSI_STATUS', true],
    [SCSI_STATUS.ACA_ACTIVE, 'SCSI_STATUS', false],
    [0x77, 'SCSI_STATUS', false],
  ])('turns status %d into %s', (status, code, retryable) => {
    expect(statusError(status)).toMatchObject({ name: 'ScsiError', code, retryable, status });
    expect(() => {
      checkStatus(status);
    }).toThrow(ScsiError);
  });

  it('carries sense, CDB and what they mean', () => {
    const cdb = buildCdb('read10', { lba: 0x1200, blocks: 64 });
    const bytes = hex('f0 00 03 00001234 0a 00000000 1100 00 000000');
    const error = statusError(SCSI_STATUS.CHECK_CONDITION, bytes, cdb);
    expect(error).toMatchObject({
      code: 'SCSI_CHECK_CONDITION',
      sense: bytes,
      cdb,
      details: { senseKey: 3, asc: 0x11, ascq: 0, lba: '4660' },
    });
    const field = statusError(SCSI_STATUS.CHECK_CONDITION, hex('70 00 05 00000000 0a 00000000 2400 00 c00002'), cdb);
    expect(field?.details).toMatchObject({ field: 'lba' });
    const vendor = statusError(SCSI_STATUS.CHECK_CONDITION, hex('70 00 09 00000000 0a 00000000 8000 00 000000'), cdb);
    expect(vendor?.hint).toBeUndefined();
  });

  it('says so where a target gives no sense data', () => {
    expect(statusError(SCSI_STATUS.CHECK_CONDITION)?.message).toContain('gave no sense data');
  });
});
