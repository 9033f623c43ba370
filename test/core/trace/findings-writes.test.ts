import { describe, expect, it } from 'vitest';
import { MARKS } from '../../../core/trace/columns.ts';
import { encodeAhs } from '../../../core/pdu/index.ts';
import { block, findingsOf, login, mark, READ, status, withRead, withWrite, WRITE } from './finding-scenes.ts';
import { Scene } from './scene.ts';
import type { Finding } from '../../../core/trace/index.ts';

const found = (made: Parameters<typeof findingsOf>[0]): string[] =>
  findingsOf(made)
    .map(({ rule }) => rule)
    .sort();

/** A write of 2048 bytes of which the last 1024 were never asked for. */
const half = (): Scene =>
  withWrite((scene, itt) =>
    scene
      .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
      .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
      .respond(itt),
  );

describe('writes that lost data', () => {
  it('says how much went out, and whether the target asked for more', () => {
    expect(findingsOf(half())[0]).toMatchObject({
      rule: 'short-write-good',
      severity: 'error',
      text: '1024 of 2048 bytes were sent; the target asked for no more.',
      pdus: [3, 6],
    });
    const cut = withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
        .pdu('dataOut', { itt, ttt: 1 }, block(512))
        .pdu('dataOut', { final: true, itt, ttt: 1, dataSn: 1, bufferOffset: 1536 }, block(512))
        .respond(itt),
    );
    expect(found(cut)).toEqual(['data-out-hole', 'data-out-short', 'short-write-good']);
    expect(findingsOf(cut).find(({ rule }) => rule === 'short-write-good')!.text).toContain('had asked for all');
  });

  it('holds what was asked for against all of the write, holes and all', () => {
    const why = (...asked: readonly (readonly [number, number])[]): string => {
      const scene = withWrite(
        (begun, itt) => {
          for (const [k, [bufferOffset, desiredDataTransferLength]] of asked.entries())
            begun.pdu('readyToTransfer', { itt, ttt: k, r2tSn: k, bufferOffset, desiredDataTransferLength });
          begun.respond(itt);
        },
        undefined,
        [{ MaxOutstandingR2T: '8' }, { MaxOutstandingR2T: '8' }],
      );
      return findingsOf(scene).find(({ rule }) => rule === 'short-write-good')!.text;
    };
    expect(why([1024, 1024])).toBe('0 of 2048 bytes were sent; the target had asked for 1024 of them.');
    expect(why([0, 512], [1536, 512], [256, 512])).toContain('had asked for 1280 of them');
    expect(why([0, 512], [1536, 4096], [256, 1280])).toContain('had asked for all');
    const second = withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 1, bufferOffset: 1024 }, block(1024))
        .respond(itt),
    );
    expect(findingsOf(second)[0]!.text).toBe('1024 of 2048 bytes were sent; the target asked for no more.');
  });

  it('are found where the status comes with data that nobody reads', () => {
    const play = (sent: number): Scene =>
      withWrite((scene, itt) => scene.pdu('dataIn', { ...status, itt }, block(512)), block(sent));
    expect(found(play(0))).toEqual(['data-wrong-way', 'short-write-good']);
    expect(found(play(2048))).toEqual(['data-wrong-way']);
    expect(found(mark(play(0), 3, MARKS.gapBefore))).toEqual(['trace-gap']);
  });

  it('counts immediate and unsolicited data, and finds them out of place', () => {
    const keys = { InitialR2T: 'No' };
    const play = (offset: number): Scene =>
      withWrite(
        (scene, itt) =>
          scene
            .pdu('dataOut', { final: true, itt, ttt: 0xffffffff, bufferOffset: offset }, block(512))
            .pdu('readyToTransfer', { itt, ttt: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
            .pdu('dataOut', { final: true, itt, ttt: 1, bufferOffset: 1024 }, block(1024))
            .respond(itt),
        block(512),
        [keys, keys],
      );
    expect(found(play(512))).toEqual([]);
    expect(found(play(0))).toEqual(['data-out-hole']);
  });

  it('takes data that was asked for again for no fault where recovery was agreed', () => {
    const recovery = { ErrorRecoveryLevel: '1' };
    const again = (keys: object): Scene =>
      withWrite(
        (scene, itt) =>
          scene
            .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
            .pdu('dataOut', { final: true, itt, ttt: 1 }, block(2048))
            // The same range under its old number, as after a lost R2T, and a part of it under a new one.
            .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
            .pdu('dataOut', { final: true, itt, ttt: 1 }, block(2048))
            .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: 1, bufferOffset: 512, desiredDataTransferLength: 512 })
            .pdu('dataOut', { final: true, itt, ttt: 2, bufferOffset: 512 }, block(512))
            .respond(itt),
        undefined,
        [keys, keys],
      );
    expect(found(again(recovery))).toEqual([]);
    expect(found(again({}))).toEqual(['r2t-number', 'residual-mismatch']);
  });

  it('lets sequences come in any order where that was agreed', () => {
    const keys = { DataSequenceInOrder: 'No' };
    const swapped = withWrite(
      (scene, itt) =>
        scene
          .pdu('readyToTransfer', { itt, ttt: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
          .pdu('dataOut', { final: true, itt, ttt: 1, bufferOffset: 1024 }, block(1024))
          .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: 1, desiredDataTransferLength: 1024 })
          .pdu('dataOut', { final: true, itt, ttt: 2 }, block(1024))
          .respond(itt),
      undefined,
      [keys, keys],
    );
    expect(found(swapped)).toEqual([]);
  });

  it('does not accuse where the capture may lack the data', () => {
    // Bytes are missing within the write, or one of the initiator before the next PDU of its side.
    expect(found(mark(half(), 4, MARKS.gapBefore))).toEqual(['trace-gap']);
    const later = half();
    later.read();
    expect(found(mark(later, 6, MARKS.gapBefore))).toEqual(['trace-gap']);
    const lost = half().trace();
    lost.lostPdus = 1;
    expect(found(lost)).toEqual(['trace-incomplete']);
    const long = half();
    long.read().read();
    expect(found(mark(long, 8, MARKS.gapBefore))).toEqual(['short-write-good', 'trace-gap']);
    const begun = new Scene();
    begun.pdu('dataOut', { itt: 3, ttt: 1, bufferOffset: 4096, final: true }, block(512)).respond(3);
    expect(found(begun)).toEqual([]);
  });

  it('does not accuse a write that failed, and holds a residual against what went out', () => {
    const play = (fields: object, status = 0): Scene =>
      withWrite((scene, itt) =>
        scene
          .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
          .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
          .respond(itt, status, [], fields),
      );
    expect(found(play({}, 0x28))).toEqual(['busy']);
    expect(found(play({ response: 1 }))).toEqual(['target-failure']);
    expect(found(play({ underflow: true, residualCount: 1536 }))).toEqual([]);
    expect(found(play({ underflow: true, residualCount: 512 }))).toEqual(['residual-mismatch']);
  });
});

describe('data for commands that write nothing', () => {
  it('is found when it is asked for and when it goes out unasked', () => {
    const asked = withRead((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 512 })
        .pdu('dataOut', { final: true, itt, ttt: 1 }, block(512))
        .pdu('dataIn', { ...status, itt, dataSn: 0 }, block(1024)),
    );
    expect(findingsOf(asked)).toMatchObject([
      { rule: 'data-wrong-way', text: '512 bytes are asked for of a command that writes nothing.', pdus: [4] },
    ]);
    const keys = { InitialR2T: 'No' };
    const unasked = login(keys, keys);
    const itt = unasked.command(READ, { read: true, expectedDataTransferLength: 512 }, block(512));
    unasked.pdu('dataOut', { final: true, itt, ttt: 0xffffffff, bufferOffset: 512 }, block(512));
    unasked.pdu('dataIn', { ...status, itt }, block(512));
    expect(findingsOf(unasked)).toMatchObject([{ rule: 'data-wrong-way', count: 2, pdus: [3, 4] }]);
  });
});

describe('commands that read and write', () => {
  const both = (ahs: Uint8Array, readSn: number, bytes: number, response = {}): Scene => {
    const scene = new Scene().login();
    const itt = scene.itt++;
    const cdb = Uint8Array.of(0x53, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0);
    const fields = { attribute: 1, itt, cdb, read: true, write: true, expectedDataTransferLength: 2048 };
    scene
      .pdu('scsiCommand', fields, undefined, ahs)
      .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
      .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
      .pdu('dataIn', { itt, ttt: 0xffffffff, dataSn: readSn, final: true }, block(bytes))
      .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: readSn + 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
      .pdu('dataOut', { final: true, itt, ttt: 2, bufferOffset: 1024 }, block(1024));
    return scene.respond(itt, 0, [], response);
  };
  const readLength = encodeAhs([{ type: 'bidirectionalReadLength', length: 4096 }]);

  it('number what is read and what is asked for in one sequence, and have a length for each', () => {
    expect(found(both(readLength, 1, 4096))).toEqual([]);
    expect(found(both(readLength, 0, 4096))).toEqual(['data-in-number']);
    expect(found(both(readLength, 1, 4608))).toEqual(['data-in-too-long', 'residual-mismatch']);
    // Without a length nothing is too long.
    expect(found(both(new Uint8Array(0), 1, 4608))).toEqual([]);
  });

  it('have a residual for what is read beside that for what is written', () => {
    const under = (bytes: number, bidiResidualCount: number): Finding[] =>
      findingsOf(both(readLength, 1, bytes, { bidiUnderflow: true, bidiResidualCount }));
    expect(findingsOf(both(readLength, 1, 2048))).toMatchObject([
      { rule: 'short-data-good', text: '2048 of 4096 bytes came.', pdus: [3, 9] },
    ]);
    expect(under(2048, 2048)).toEqual([]);
    expect(under(4096, 2048)).toMatchObject([
      {
        rule: 'residual-mismatch',
        text: '4096 bytes came; 4096 expected less a residual of 2048 make 2048.',
      },
    ]);
    const over = { bidiOverflow: true, bidiResidualCount: 512 };
    expect(findingsOf(both(readLength, 1, 4096, over))).toEqual([]);
    // The residual of the write half says nothing of the read half.
    expect(found(both(readLength, 1, 2048, { underflow: true, residualCount: 2048 }))).toEqual(['short-data-good']);
    // Without a length nothing is too short, and a status that is lost tells nothing.
    expect(found(both(new Uint8Array(0), 1, 512))).toEqual([]);
    expect(found(mark(both(readLength, 1, 2048), 6, MARKS.gapBefore))).toEqual(['trace-gap']);
  });

  it('may lose data like any write', () => {
    const scene = new Scene().login();
    const itt = scene.command(WRITE, { read: true, write: true, expectedDataTransferLength: 2048 });
    expect(found(scene.respond(itt))).toEqual(['short-write-good']);
  });
});
