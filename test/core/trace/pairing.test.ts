import { describe, expect, it } from 'vitest';
import { exportPcapng, describeRow, pduTree, rowToJson, viewTask } from '../../../core/trace/index.ts';
import { readPairs, TextGather, TEXT_LIMIT } from '../../../core/trace/text-pairs.ts';
import { readCdbExtent } from '../../../core/trace/cdb-extent.ts';
import { buildCdb } from '../../../core/scsi/index.ts';
import { readTrace, Scene } from './scene.ts';
import { findNode } from './field-nodes.ts';

describe('pairing', () => {
  it('pairs pings of both sides, text over several PDUs, and what is rejected', () => {
    const scene = new Scene().login();
    scene.pdu('nopIn', { itt: 0xffffffff, ttt: 4 }).pdu('nopOut', { immediate: true, itt: 0xffffffff, ttt: 4 });
    scene.pdu('nopOut', { immediate: true, itt: 0xffffffff, ttt: 99 });
    scene
      .pdu('textRequest', { itt: 30, ttt: 0xffffffff, final: false })
      .pdu('textResponse', { itt: 30, ttt: 1, final: false });
    scene.pdu('textRequest', { itt: 30, ttt: 1 }).pdu('textResponse', { itt: 30, ttt: 0xffffffff });
    const refused = scene.command([0]);
    const quoted = new Uint8Array(48);
    quoted.set([1, 0x80]);
    quoted[19] = refused;
    scene.pdu('reject', { itt: 0xffffffff, reason: 5 }, quoted);
    quoted[19] = 200;
    scene.pdu('reject', { itt: 0xffffffff, reason: 5 }, quoted);
    const trace = scene.trace();
    const tasks = Array.from({ length: trace.tasks.table.length }, (_, task) => viewTask(trace, task));
    expect(tasks.map(({ opcode, pdus, endNs }) => [opcode, pdus, endNs !== undefined])).toEqual([
      [3, 2, true],
      [0x20, 2, true],
      [4, 4, true],
      [1, 2, true],
    ]);
    expect(rowToJson(trace, 4).task).toBeNull();
    expect(trace.connections[0]!.outstanding).toBe(0);
  });

  it('reads descriptor sense, and leaves unknown sense alone', () => {
    const scene = new Scene().login();
    scene.respond(scene.command([0]), 2, [0, 8, 0x72, 3, 0x11, 4, 0, 0, 0, 0]);
    scene.respond(scene.command([0]), 2, [0, 8, 0x11, 3, 0x11, 4, 0, 0, 0, 0]);
    scene.respond(scene.command([0]), 2, [0, 4, 0x70, 0, 2, 0]);
    scene.respond(scene.command([0]), 2, [0, 1]);
    const trace = scene.trace();
    expect([1, 2, 3, 4].map((task) => viewTask(trace, task).sense)).toEqual([
      { key: 3, asc: 0x11, ascq: 4 },
      undefined,
      { key: 2, asc: 0, ascq: 0 },
      undefined,
    ]);
  });

  it('reads addresses as the SCSI tables do', () => {
    const into = { lbaHigh: 0, lbaLow: 0, blocks: 0 };
    const check = (cdb: Uint8Array, lba: number, blocks: number): void => {
      expect(readCdbExtent(cdb, 0, into)).toBe(true);
      expect([into.lbaHigh * 2 ** 32 + into.lbaLow, into.blocks]).toEqual([lba, blocks]);
    };
    check(buildCdb('read10', { lba: 0x12345678, blocks: 9 }), 0x12345678, 9);
    check(buildCdb('write16', { lba: 0x123456789an, blocks: 70_000 }), 0x123456789a, 70_000);
    check(buildCdb('read12', { lba: 7, blocks: 70_000 }), 7, 70_000);
    check(Uint8Array.of(8, 0x1f, 0xff, 0xff, 0, 0), 0x1fffff, 256);
    check(Uint8Array.of(0x0a, 0, 0, 5, 3, 0), 5, 3);
    check(Uint8Array.of(0x89, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0), 2 ** 32 + 2, 4);
    expect(readCdbExtent(Uint8Array.of(0x12), 0, into)).toBe(false);
  });

  it('reads text whatever is wrong with it, up to a limit', () => {
    expect(readPairs(new TextEncoder().encode('a=1\0\0b\0c=d=e\0'))).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
      { key: 'c', value: 'd=e' },
    ]);
    const gather = new TextGather();
    for (let n = 0; n < 40; n += 1) gather.add(new Uint8Array(1 << 16).fill(0x41), false);
    expect(gather.add(new Uint8Array(0), true)[0]!.key.length).toBe(TEXT_LIMIT);
  });

  it('learns from INQUIRY what a unit is, and reads its commands accordingly', () => {
    const scene = new Scene().login();
    const ask = (evpd: number, lun: bigint, ...answer: number[]): void => {
      const fields = { read: true, expectedDataTransferLength: answer.length, lun };
      const itt = scene.command([0x12, evpd, 0, 0, 36], fields);
      scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, Uint8Array.from(answer));
    };
    const read = (lun: bigint): void => {
      scene.respond(scene.command([0x08, 1, 0, 0, 4], { read: true, expectedDataTransferLength: 2048, lun }));
    };
    const tape = 1n << 48n;
    read(tape);
    ask(0, tape, 0x01, 0x80, 6, 2, 31);
    ask(1, tape, 0x00, 0x80, 0, 0);
    read(tape);
    read(0n);
    ask(0, tape, 0x7f);
    read(tape);
    ask(0, tape, 0x00, 0, 6, 2, 31);
    read(tape);
    const exported = Buffer.concat([...exportPcapng(scene.trace())]);
    for (const trace of [scene.trace(), readTrace(exported).trace]) {
      const reads = Array.from({ length: trace.tasks.table.length }, (_, task) => viewTask(trace, task)).filter(
        ({ cdb }) => cdb[0] === 0x08,
      );
      expect(reads.map(({ lba }) => lba)).toEqual([65536n, undefined, 65536n, undefined, 65536n]);
    }
    const before = new Scene().login();
    const itt = before.command([0x12, 0, 0, 0, 36], { read: true, expectedDataTransferLength: 5, lun: tape });
    before.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, Uint8Array.of(1, 0x80, 6, 2, 31));
    before.command([0x08, 1, 0, 0, 4], { read: true, expectedDataTransferLength: 2048, lun: tape });
    const trace = before.trace();
    const row = trace.length - 1;
    expect(describeRow(trace, row)).toContain('READ(6) (tape)');
    expect(findNode(pduTree(trace, row), 'fixed')).toBeDefined();
  });
});
