import { describe, expect, it } from 'vitest';
import { LogicalUnit, MemoryStore } from '../../../core/target/index.ts';
import { dataOf, makeServer, RawInitiator, senseOf, settle } from './raw-initiator.ts';

const BLOCKS = 256;

function setUp(keys: Readonly<Record<string, string>> = {}, config: Parameters<typeof makeServer>[1] = {}) {
  const bytes = Uint8Array.from({ length: BLOCKS * 512 }, (_, i) => (i * 7 + (i >> 9)) & 0xff);
  const store = new MemoryStore({ blocks: BLOCKS, bytes });
  const unit = new LogicalUnit({ store, identity: { serial: 'T1' } });
  const server = makeServer([{ luns: [{ lun: 0, unit }] }], config);
  return { bytes, server, unit, initiator: new RawInitiator(server).loggedIn(keys) };
}

describe('reads', () => {
  it('come in segments the initiator can take, status in the last', () => {
    const { initiator, bytes } = setUp({ MaxRecvDataSegmentLength: '1024' });
    const seen = initiator.read(3, 5);
    expect(seen.map(({ opcode }) => opcode)).toEqual([0x25, 0x25, 0x25]);
    expect(seen.map(({ data }) => data.length)).toEqual([1024, 1024, 512]);
    expect(seen.map(({ flags }) => flags)).toEqual([0x00, 0x00, 0x81]);
    expect(seen.map(({ words }) => words[4])).toEqual([0, 1, 2]);
    expect(seen.map(({ words }) => words[5])).toEqual([0, 1024, 2048]);
    expect(dataOf(seen)).toEqual(bytes.slice(3 * 512, 8 * 512));
  });

  it('end a sequence at MaxBurstLength', () => {
    const { initiator } = setUp({ MaxRecvDataSegmentLength: '512', MaxBurstLength: '1024', FirstBurstLength: '512' });
    expect(initiator.read(0, 4).map(({ flags }) => flags)).toEqual([0x00, 0x80, 0x00, 0x81]);
  });

  it('are cut on odd segment sizes without losing a byte', () => {
    const { initiator, bytes } = setUp({ MaxRecvDataSegmentLength: '700' });
    const seen = initiator.read(1, 7);
    expect(dataOf(seen)).toEqual(bytes.slice(512, 8 * 512));
    expect(Math.max(...seen.map(({ data }) => data.length))).toBe(700);
  });

  it('report what the initiator expected too much of', () => {
    const { initiator } = setUp();
    const [pdu] = initiator.read(0, 1, { expected: 1024 });
    expect(pdu?.flags).toBe(0x83);
    expect(pdu?.words[6]).toBe(512);
    expect(pdu?.data.length).toBe(512);
  });

  it('report what the initiator would not take, and send only what it takes', () => {
    const { initiator, bytes } = setUp();
    const [pdu] = initiator.read(0, 2, { expected: 700 });
    expect(pdu?.flags).toBe(0x85);
    expect(pdu?.words[6]).toBe(324);
    expect(pdu?.data).toEqual(bytes.slice(0, 700));
  });

  it('beyond the end are refused with LBA OUT OF RANGE', () => {
    const { initiator } = setUp();
    const [pdu] = initiator.read(BLOCKS - 1, 2);
    expect(pdu).toMatchObject({ opcode: 0x21, status: 0x02 });
    expect(senseOf(pdu)).toEqual([5, 0x21, 0x00]);
  });
});

describe('writes', () => {
  const data = Uint8Array.from({ length: 4096 }, (_, i) => (i ^ (i >> 8)) & 0xff);

  it('take immediate data', () => {
    const { initiator, bytes } = setUp();
    const [pdu] = initiator.write(10, 8, { data });
    expect(pdu).toMatchObject({ opcode: 0x21, status: 0 });
    expect(bytes.slice(10 * 512, 18 * 512)).toEqual(data);
  });

  it('ask for what is missing, burst by burst, as many at once as agreed', () => {
    const { initiator, bytes } = setUp({
      MaxBurstLength: '1024',
      FirstBurstLength: '512',
      MaxOutstandingR2T: '2',
      ImmediateData: 'No',
      InitialR2T: 'Yes',
    });
    const first = initiator.write(0, 8);
    expect(first.map(({ opcode, words }) => [opcode, words[4], words[5], words[6]])).toEqual([
      [0x31, 0, 0, 1024],
      [0x31, 1, 1024, 1024],
    ]);
    const { itt } = initiator;
    const answered: number[] = [];
    const queue = [...first];
    for (let r2t = queue.shift(); r2t !== undefined; r2t = queue.shift()) {
      const at = r2t.words[5] ?? 0;
      answered.push(at);
      const ttt = r2t.words[0] ?? 0;
      queue.push(...initiator.dataOut(itt, ttt, 0, at, data.slice(at, at + 512), false));
      queue.push(
        ...initiator
          .dataOut(itt, ttt, 1, at + 512, data.slice(at + 512, at + 1024), true)
          .filter(({ opcode }) => opcode === 0x31),
      );
    }
    expect(answered).toEqual([0, 1024, 2048, 3072]);
    expect(initiator.seen.at(-1)).toMatchObject({ opcode: 0x21, status: 0, itt });
    expect(bytes.slice(0, 4096)).toEqual(data);
  });

  it('take immediate and unsolicited data up to the first burst, then ask', () => {
    const { initiator, bytes } = setUp({
      FirstBurstLength: '1536',
      MaxBurstLength: '4096',
      InitialR2T: 'No',
      ImmediateData: 'Yes',
    });
    expect(initiator.write(4, 8, { flags: 0x20, data: data.slice(0, 512) })).toEqual([]);
    const { itt } = initiator;
    const [r2t] = initiator.dataOut(itt, 0xffffffff, 0, 512, data.slice(512, 1536), true);
    expect(r2t?.words.slice(5)).toEqual([1536, 2560]);
    initiator.dataOut(itt, r2t?.words[0] ?? 0, 0, 1536, data.slice(1536), true);
    expect(initiator.seen.at(-1)).toMatchObject({ opcode: 0x21, status: 0 });
    expect(bytes.slice(4 * 512, 12 * 512)).toEqual(data);
  });

  it('that fail answer only after the data that was announced has come', () => {
    const { initiator } = setUp({ FirstBurstLength: '1024', InitialR2T: 'No' });
    expect(initiator.write(BLOCKS, 2, { flags: 0x20 })).toEqual([]);
    const [pdu] = initiator.dataOut(initiator.itt, 0xffffffff, 0, 0, data.slice(0, 1024), true);
    expect(senseOf(pdu)).toEqual([5, 0x21, 0]);
  });

  it('with less data than the command wants write what came and say so', () => {
    const { initiator, bytes } = setUp();
    const [pdu] = initiator.write(0, 2, { expected: 512, data: data.slice(0, 512) });
    expect(pdu?.flags).toBe(0x84);
    expect(pdu?.words[6]).toBe(512);
    expect(bytes.slice(0, 512)).toEqual(data.slice(0, 512));
  });

  it('with data at the wrong offset fail, and nothing is written', () => {
    const { initiator, bytes } = setUp({ ImmediateData: 'No', InitialR2T: 'Yes' });
    const before = bytes.slice(0, 1024);
    const [r2t] = initiator.write(0, 2);
    const [pdu] = initiator.dataOut(initiator.itt, r2t?.words[0] ?? 0, 0, 512, data.slice(0, 512), true);
    expect(senseOf(pdu)).toEqual([0x0b, 0x0c, 0x0d]);
    expect(bytes.slice(0, 1024)).toEqual(before);
  });

  it('whose data does not come end in time', () => {
    const { initiator, server } = setUp({ ImmediateData: 'No', InitialR2T: 'Yes' }, { limits: { dataOutMs: 1000 } });
    initiator.write(0, 2);
    server.timeout(999);
    expect(initiator.seen.at(-1)?.opcode).toBe(0x31);
    server.timeout(1000);
    expect(senseOf(initiator.seen.at(-1))).toEqual([0x0b, 0x4b, 0x06]);
  });

  it('wait for memory when it is short', () => {
    const { initiator, server } = setUp(
      { ImmediateData: 'No', InitialR2T: 'Yes' },
      { limits: { writeBytesPerSession: 1024 } },
    );
    const [first] = initiator.write(0, 2);
    const held = initiator.itt;
    expect(initiator.write(2, 2)).toEqual([]);
    expect(server.memory.used).toBe(1024);
    const seen = initiator.dataOut(held, first?.words[0] ?? 0, 0, 0, data.slice(0, 1024), true);
    expect(seen.map(({ opcode, itt }) => [opcode, itt])).toEqual([
      [0x21, held],
      [0x31, held + 1],
    ]);
  });

  it('are refused on a write-protected unit', () => {
    const { initiator, unit } = setUp();
    unit.mode.softwareWriteProtect = true;
    expect(senseOf(initiator.write(0, 1, { data: data.slice(0, 512) })[0])).toEqual([7, 0x27, 0x00]);
  });
});

describe('COMPARE AND WRITE', () => {
  const cdb = (lba: number, blocks: number) => [0x89, 0, 0, 0, 0, 0, 0, 0, 0, lba, 0, 0, 0, blocks, 0, 0];

  it('writes when the blocks are as expected', async () => {
    const { initiator, bytes } = setUp();
    const fresh = new Uint8Array(512).fill(0xee);
    const both = new Uint8Array(1024);
    both.set(bytes.slice(512, 1024));
    both.set(fresh, 512);
    initiator.command(cdb(1, 1), { flags: 0xa0, expected: 1024, data: both });
    await settle();
    expect(initiator.seen.at(-1)).toMatchObject({ opcode: 0x21, status: 0 });
    expect(bytes.slice(512, 1024)).toEqual(fresh);
  });

  it('tells the first byte that differs', async () => {
    const { initiator, bytes } = setUp();
    const both = new Uint8Array(1024);
    both.set(bytes.slice(512, 1024));
    both[300] = (both[300] ?? 0) ^ 1;
    initiator.command(cdb(1, 1), { flags: 0xa0, expected: 1024, data: both });
    await settle();
    const last = initiator.seen.at(-1);
    expect(senseOf(last)).toEqual([0x0e, 0x1d, 0x00]);
    expect(last?.data.slice(5, 9)).toEqual(Uint8Array.of(0, 0, 1, 44));
  });
});
