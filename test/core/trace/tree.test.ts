import { describe, expect, it } from 'vitest';
import { encodeAhs } from '../../../core/pdu/index.ts';
import type { FieldNode } from '../../../core/bytes/index.ts';
import { pduTree, rowToJson, taskPayload } from '../../../core/trace/index.ts';
import { Scene, senseBytes } from './scene.ts';
import { findNode } from './field-nodes.ts';

/** Every node lies within its PDU, and within the data that is there. */
function checkRanges(node: FieldNode, end: number): void {
  expect(node.offset).toBeGreaterThanOrEqual(0);
  if (node.malformed === undefined) expect(node.offset + node.length).toBeLessThanOrEqual(end);
  for (const child of node.children ?? []) checkRanges(child, end);
}

describe('field trees', () => {
  it('goes down into CDBs, text keys, sense and payloads, with byte ranges', () => {
    const scene = new Scene().login();
    const luns = Uint8Array.of(0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0x2c, 0, 0, 0, 0, 0, 0);
    const itt = scene.command([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 24], { read: true, expectedDataTransferLength: 24 });
    scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 1 }, luns);
    scene.respond(scene.command([0]), 2, senseBytes(6, 0x29, 0));
    scene.pdu('reject', { itt: 0xffffffff, reason: 4 }, new Uint8Array(48).fill(0));
    const trace = scene.trace();
    for (let row = 0; row < trace.length; row += 1) {
      const tree = pduTree(trace, row);
      checkRanges(tree, tree.length);
    }
    expect(findNode(pduTree(trace, 0), 'TargetName')).toMatchObject({
      text: 'iqn.2026-01.test:disk',
      clause: 'RFC 7143 13.4',
    });
    expect(findNode(pduTree(trace, 2), 'cdb')).toMatchObject({ offset: 32, label: 'REPORT LUNS' });
    expect(findNode(pduTree(trace, 2), 'lun')).toMatchObject({ text: 'LUN 0' });
    const payload = findNode(pduTree(trace, 3), 'data')!;
    expect(payload).toMatchObject({ offset: 48, length: 24 });
    expect(
      JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
    ).toContain('300');
    expect(
      JSON.stringify(pduTree(trace, 5), (_key, value: unknown) => (typeof value === 'bigint' ? '' : value)),
    ).toContain('Power on');
    expect(findNode(pduTree(trace, 6), 'nopOut')).toMatchObject({ label: 'The PDU refused', offset: 48 });
    expect(findNode(pduTree(trace, 3), 'dataSn')!.clause).toBe('RFC 7143 11.7.5');
  });

  it('reads a payload over the PDUs it comes in', () => {
    const scene = new Scene().login();
    const luns = Uint8Array.from({ length: 40 }, (_, i) =>
      i === 3 ? 32 : i === 17 ? 1 : i === 25 ? 2 : i === 33 ? 3 : 0,
    );
    const itt = scene.command([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 40], { read: true, expectedDataTransferLength: 40 });
    scene.pdu('dataIn', { itt, ttt: 1 }, luns.slice(0, 20));
    scene.pdu('dataIn', { itt, ttt: 1, final: true, hasStatus: true, bufferOffset: 20, dataSn: 1 }, luns.slice(20));
    const trace = scene.trace();
    const tree = pduTree(trace, 3);
    checkRanges(tree, tree.length);
    const text = JSON.stringify(tree, (_key, value: unknown) => (typeof value === 'bigint' ? '' : value));
    expect(text).toContain('goes on in a later PDU');
    expect(text).not.toContain('malformed');
    expect(findNode(pduTree(trace, 4), 'data')!.children).toBeUndefined();
  });

  it('does not blame a PDU for what was not recorded of it', () => {
    const scene = new Scene({ mode: 'headers' }).login();
    const itt = scene.command([0x12, 0, 0, 0, 96], { read: true, expectedDataTransferLength: 96 });
    scene.pdu('dataIn', { ...{ final: true, hasStatus: true, ttt: 1 }, itt }, new Uint8Array(96).fill(0x20));
    const text = JSON.stringify(pduTree(scene.trace(), 3), (_key, value: unknown) =>
      typeof value === 'bigint' ? '' : value,
    );
    expect(text).toContain('INQUIRY');
    expect(text).not.toContain('malformed');
  });

  it('shows the whole of a CDB that goes on in an additional header', () => {
    const scene = new Scene().login();
    const tail = new Uint8Array(16).fill(0xaa);
    const cdb = Uint8Array.of(0x7f, 0, 0, 0, 0, 0, 0, 24, 0, 9, 0, 0, 0, 0, 0, 0);
    scene.pdu(
      'scsiCommand',
      { itt: 9, attribute: 1, cdb },
      undefined,
      encodeAhs([{ type: 'extendedCdb', cdbTail: tail }]),
    );
    scene.pdu(
      'scsiCommand',
      { itt: 10, attribute: 1, cdb },
      undefined,
      encodeAhs([{ type: 'bidirectionalReadLength', length: 7 }]),
    );
    scene.pdu('scsiCommand', { itt: 11, attribute: 1, cdb }, undefined, Uint8Array.of(0xff, 0xff, 1, 0));
    const trace = scene.trace();
    const ahs = findNode(pduTree(trace, 2), 'ahs')!;
    expect(ahs).toMatchObject({ offset: 48, text: 'extendedCdb' });
    expect(ahs.children![0]).toMatchObject({ label: 'Whole CDB' });
    expect(rowToJson(trace, 2).cdb).toBe(`7f000000000000180009000000000000${'aa'.repeat(16)}`);
    expect(findNode(pduTree(trace, 3), 'ahs')).toMatchObject({ text: 'bidirectionalReadLength' });
    expect(findNode(pduTree(trace, 4), 'ahs')!.malformed).toContain('does not fit');
    expect(rowToJson(trace, 4).cdb).toBe('7f000000000000180009000000000000');
  });

  it('hides secrets, names what is not a PDU, and shows data that was not kept', () => {
    const scene = new Scene({ mode: 'headers', keepChapResponses: true });
    scene.pdu(
      'loginRequest',
      { itt: 1, immediate: true },
      Uint8Array.from([...scene.text({ CHAP_R: '0x99' }), ...new TextEncoder().encode('broken\0')]),
    );
    scene.login().read(4096);
    const trace = scene.trace();
    expect(findNode(pduTree(trace, 0), 'CHAP_R')).toMatchObject({ text: '(4 characters, not shown)' });
    expect(findNode(pduTree(trace, 0), 'CHAP_R')!.value).toBeUndefined();
    expect(findNode(pduTree(trace, 0), 'broken')!.malformed).toBe('A key without "=".');
    expect(findNode(pduTree(trace, 4), 'data')!.text).toBe('4096 bytes, 64 of them here');
  });

  it('puts the data of a task together', () => {
    const scene = new Scene().login();
    const itt = scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 2], { read: true, expectedDataTransferLength: 1024 });
    scene
      .pdu('dataIn', { itt, ttt: 1 }, new Uint8Array(512).fill(1))
      .pdu(
        'dataIn',
        { itt, ttt: 1, final: true, hasStatus: true, bufferOffset: 512, dataSn: 1 },
        new Uint8Array(512).fill(2),
      );
    const out = scene.command(
      [0x2a, 0, 0, 0, 0, 0, 0, 0, 2],
      { write: true, expectedDataTransferLength: 1024 },
      new Uint8Array(512).fill(3),
    );
    scene.pdu('dataOut', { itt: out, ttt: 1, bufferOffset: 512 }, new Uint8Array(512).fill(4)).respond(out);
    const trace = scene.trace();
    expect(taskPayload(trace, 1, 'in')).toEqual(Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 1 : 2)));
    expect(taskPayload(trace, 2, 'out')).toEqual(Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 3 : 4)));
    expect(taskPayload(trace, 1, 'in', 600).length).toBe(600);
    expect(taskPayload(trace, 1, 'in', 100).length).toBe(100);
  });
});
