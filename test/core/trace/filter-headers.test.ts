import { describe, expect, it } from 'vitest';
import type { Trace } from '../../../core/trace/index.ts';
import { rowsOf } from './filter-scenes.ts';
import { Scene } from './scene.ts';

/** Rows: 1 a command with three additional headers and 2 its sense data, 3-4 a reservation, 5 a command without. */
function extras(): Trace {
  const scene = new Scene();
  const ahs = [
    ...[0, 5, 1, 0, 0x11, 0x12, 0x13, 0x14],
    ...[0, 5, 2, 0, 0, 0, 0x10, 0],
    ...[0, 3, 9, 0xaa, 0xbb, 0xcc, 0, 0],
  ];
  const cdb = Uint8Array.of(0x7f, 0, 0, 0, 0, 0, 0, 4, 0, 9, 0, 0, 0, 0, 0, 0);
  scene.pdu('scsiCommand', { itt: 50, read: true, write: true, cdb }, undefined, Uint8Array.from(ahs));
  const sense = [0, 18, 0xf0, 0, 3, 0, 0, 0x12, 0x34, 10, 0, 0, 0, 0, 0x11, 0, 7, 0, 0, 0];
  scene.respond(50, 2, sense);
  scene.respond(scene.command([0x5f, 1, 5, 0, 0, 0, 0, 1, 0x18], { write: true }), 0);
  scene.command([0x5e, 1, 0, 0, 0, 0, 0, 0, 8], { read: true });
  return scene.trace();
}

describe('additional headers, sense data, and fields of CDBs told apart by service action', () => {
  const own = extras();

  it.each<[string, number[]]>([
    ['iscsi.ahs.type', [1]],
    ['iscsi.ahs.type == 9', [1]],
    ['iscsi.ahs.type != 9', []],
    ['iscsi.ahs.type != 8', [1]],
    ['iscsi.ahs.length in {3}', [1]],
    ['iscsi.ahs.bidir.length == 4k', [1]],
    ['iscsi.ahs.extended_cdb == 11:12:13:14', [1]],
    ['iscsi.ahs.extended_cdb contains 12:13', [1]],
    ['iscsi.ahs.unknown_blob == aabbcc', [1]],
    ['iscsi.ahs.unknown_blob != aa:bb:cc', []],
    ['scsi.sns.errtype == 0x70', [2]],
    ['scsi.sns.info == 0x1234', [2]],
    ['scsi.sns.fru == 7', [2]],
    ['iscsi.scsiresponse.senselength == 18', [2]],
    ['scsi.persresvout.svcaction == 1 && scsi.persresv.type == 5', [3, 4]],
    ['scsi.persresv.type', [3, 4]],
    ['scsi.cdb.paramlen16 == 0x118', [3, 4]],
    ['scsi.cdb.alloclen16 == 8', [5]],
  ])('%s', (expression, expected) => {
    expect(rowsOf(expression, own)).toEqual(expected);
  });

  it('reads no PDU that has none', () => {
    const { source } = own;
    let reads = 0;
    own.source = {
      read: (offset, into) => {
        reads += 1;
        return source?.read(offset, into) ?? 0;
      },
    };
    expect(rowsOf('iscsi.ahs.type == 2 || scsi.sns.fru == 1', own)).toEqual([1]);
    expect(reads).toBe(2);
    own.source = source;
  });

  it('stops at an additional header that does not fit', () => {
    const scene = new Scene();
    scene.pdu(
      'scsiCommand',
      { itt: 1, cdb: new Uint8Array(16) },
      undefined,
      Uint8Array.of(0, 5, 2, 0, 0, 0, 0, 1, 0, 9, 1, 0),
    );
    const broken = scene.trace();
    expect(rowsOf('iscsi.ahs.type == 2', broken)).toEqual([1]);
    expect(rowsOf('iscsi.ahs.type == 1 || iscsi.ahs.extended_cdb', broken)).toEqual([]);
  });
});
