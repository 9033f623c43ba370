import { describe, expect, it } from 'vitest';
import { exportPcapng, describeRow, pduTree, rowToJson, viewTask } from '../../../core/trace/index.ts';
import { readPairs, TextGather, TEXT_LIMIT } from '../../../core/trace/text-pairs.ts';
import { readCdbExtent } from '../../../core/trace/cdb-extent.ts';
import { buildCdb, COMMAND_LIST, commandsWithOpcode, decodeCdb } from '../../../core/scsi/index.ts';
import { encodeAhs, splitCdb } from '../../../core/pdu/index.ts';
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
    const check = (cdb: Uint8Array, lba: number, blocks: number, has = 'both'): void => {
      expect(readCdbExtent(cdb, 0, cdb.length, into)).toBe(has);
      expect([into.lbaHigh * 2 ** 32 + into.lbaLow, into.blocks]).toEqual([lba, blocks]);
    };
    check(buildCdb('read10', { lba: 0x12345678, blocks: 9 }), 0x12345678, 9);
    check(buildCdb('write16', { lba: 0x123456789an, blocks: 70_000 }), 0x123456789a, 70_000);
    check(buildCdb('read12', { lba: 7, blocks: 70_000 }), 7, 70_000);
    check(Uint8Array.of(8, 0x1f, 0xff, 0xff, 0, 0), 0x1fffff, 256);
    check(Uint8Array.of(0x0a, 0, 0, 5, 3, 0), 5, 3);
    check(Uint8Array.of(0x89, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0), 2 ** 32 + 2, 4);
    check(buildCdb('writeAtomic16', { lba: 9n, blocks: 8, atomicBoundary: 4 }), 9, 8);
    check(buildCdb('read32', { lba: 0x123456789an, blocks: 5 }), 0x123456789a, 5);
    check(buildCdb('getLbaStatus', { lba: 77n, allocationLength: 24 }), 77, 0, 'lba');
    check(buildCdb('seek10', { lba: 258 }), 258, 0, 'lba');
    check(buildCdb('inquiry', { allocationLength: 36 }), 0, 0, 'none');
    // Only what is there of a long one counts.
    const long = buildCdb('write32', { lba: 3n, blocks: 5 });
    expect(readCdbExtent(long, 0, 16, into)).toBe('none');
    expect(readCdbExtent(long, 0, 20, into)).toBe('lba');
  });

  it('reads the address and the blocks of every command that has them', () => {
    const into = { lbaHigh: 0, lbaLow: 0, blocks: 0 };
    for (const { layout, opcode, serviceAction, family } of COMMAND_LIST) {
      const cdb = new Uint8Array(layout.size).map((_, i) => i + 1);
      cdb[0] = opcode;
      if (opcode === 0x7f) cdb.set([serviceAction! >> 8, serviceAction! & 0xff], 8);
      else if (serviceAction !== undefined) cdb[1] = serviceAction;
      const deviceType = commandsWithOpcode(opcode).every((other) => other.family === 'optical') ? 5 : 0;
      if (family !== 'block' && family !== 'any' && deviceType === 0) continue;
      const { fields } = decodeCdb(cdb, deviceType) as { fields: Record<string, bigint | number> };
      const has = readCdbExtent(cdb, 0, cdb.length, into);
      const { lba, blocks } = fields;
      expect(has, layout.label).toBe(lba === undefined ? 'none' : blocks === undefined ? 'lba' : 'both');
      expect((BigInt(into.lbaHigh) << 32n) + BigInt(into.lbaLow), layout.label).toBe(BigInt(lba ?? 0));
      expect(into.blocks, layout.label).toBe(blocks ?? 0);
    }
  });

  it('knows the blocks of a command whose CDB goes on in an additional header', () => {
    const scene = new Scene().login();
    for (const whole of [
      buildCdb('read32', { lba: 85n, blocks: 3 }),
      buildCdb('getLbaStatus32', { lba: 7n, allocationLength: 24 }),
    ]) {
      const { head, extended } = splitCdb(whole);
      scene.pdu('scsiCommand', { itt: 50, read: true, cdb: head }, undefined, encodeAhs([extended!]));
      scene.respond(50);
    }
    const trace = scene.trace();
    expect(viewTask(trace, 1)).toMatchObject({ lba: 85n, blocks: 3 });
    expect(describeRow(trace, 2)).toContain('READ(32), LBA 85, 3 blocks');
    expect(viewTask(trace, 2)).toMatchObject({ lba: 7n, blocks: undefined });
    expect(describeRow(trace, 4)).toContain('GET LBA STATUS(32), LBA 7, LUN');
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
