import { describe, expect, it } from 'vitest';
import { needsFile, parseFilter } from '../../../core/trace/index.ts';
import { overFour, rowsOf } from './filter-scenes.ts';

describe('what reads the file', () => {
  it.each<[string, boolean]>([
    ['iscsi.isid', true],
    ['iscsi.isid.t == 2', true],
    ['iscsi.tsih == 1', true],
    ['iscsi.reject.reason == 1', true],
    ['iscsi.cid == 1', false],
    ['iscsi.versionmin == 0', false],
    ['iscsi.parameter3 == 0', false],
    ['ip.addr == 10.0.0.0/8 && tcp.srcport == 3260', false],
    ['scsi_sbc.fua && pduLength > 100', false],
  ])('%s: %s', (expression, expected) => {
    expect(needsFile(parseFilter(expression))).toBe(expected);
  });

  it('reads only PDUs that can have what is asked for', () => {
    const own = overFour().trace();
    const { source } = own;
    let reads = 0;
    own.source = {
      read: (offset, into) => {
        reads += 1;
        return source?.read(offset, into) ?? 0;
      },
    };
    expect(rowsOf('iscsi.tsih != 0 || iscsi.reject.reason == 1', own)).toEqual([2]);
    expect(reads).toBe(2);
  });
});
