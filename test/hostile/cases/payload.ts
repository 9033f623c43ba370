import { readBlocks, withSession, type Env, type HostileCase } from '../case.ts';
import type { RawTarget } from '../peers/raw-target.ts';
import { capacityData, inquiryData, reportLunsData, sendData, UNIT } from '../peers/raw-unit.ts';
import { atEveryStage } from '../stages.ts';

const group = 'payload';
/** A payload may make the disk unreadable or be lived with; it must never be believed past its end. */
const FAIR = [
  'data',
  'SCSI_BAD_PAYLOAD',
  'UNSUPPORTED',
  'SCSI_SHORT_DATA',
  'PROTOCOL_DATA',
  'SCSI_CHECK_CONDITION',
  'OUT_OF_RANGE',
  'LIMIT_REACHED',
];

/** Answers a SCSI operation with these bytes. */
function saying(scsi: number, data: (evpd: boolean, page: number) => Buffer | undefined): (target: RawTarget) => void {
  return (target) => {
    target.on(
      0x01,
      (connection, request) => {
        const bytes = data(((request.cdb[1] ?? 0) & 1) !== 0, request.cdb[2] ?? 0);
        if (bytes === undefined) return false;
        sendData(connection, request, bytes);
        return true;
      },
      scsi,
    );
  };
}

const luns = (env: Env): Promise<string> =>
  withSession(env, async (session) => {
    await session.luns();
    return 'data';
  });

const inquire = (env: Env): Promise<string> =>
  withSession(env, async (session) => {
    const found = await session.scsi.inquiry(0);
    return `${String(found.vendor)}${String(found.product)}`.length < 200 ? 'data' : 'WRONG DATA';
  });

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

function withU32(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt32BE(value, at);
  return bytes;
}

const LENGTHS = [0, 1, 3, 5, 7, 35];
const PAGES: Record<string, number> = {
  'supported pages': 0x00,
  'serial number': 0x80,
  identification: 0x83,
  'block limits': 0xb0,
};

const senses = [
  [0x70, 0xff],
  [0x72, 0xff],
  [0x7f, 0],
  [0x00, 0],
  [0x71, 1],
  [0x73, 2],
].map(([code, length]): HostileCase => ({
  group,
  name: `sense ${(code ?? 0).toString(16)} of ${String(length)} more bytes`,
  peer: (target) => {
    target.onRead((connection, request) => {
      const sense = Buffer.alloc(10);
      sense.set([0, 8, code ?? 0, 0, 0x05, 0, 0, 0, 0, length ?? 0]);
      connection.send({ opcode: 0x21, itt: request.itt, byte3: 2, data: sense });
      return true;
    });
  },
  use: readBlocks,
  expect: ['SCSI_CHECK_CONDITION'],
}));

export const payloadCases: readonly HostileCase[] = [
  ...LENGTHS.map((length): HostileCase => ({
    group,
    name: `INQUIRY of ${String(length)} bytes`,
    peer: saying(0x12, (evpd) => (evpd ? undefined : inquiryData().subarray(0, length))),
    use: inquire,
    expect: FAIR,
  })),
  {
    group,
    name: 'INQUIRY that claims 255 more bytes',
    peer: saying(0x12, (evpd) => (evpd ? undefined : withByte(inquiryData(), 4, 255))),
    expect: FAIR,
  },
  {
    group,
    name: 'INQUIRY of control characters',
    peer: saying(0x12, (evpd) =>
      evpd ? undefined : Buffer.concat([inquiryData().subarray(0, 8), Buffer.alloc(88, 0x07)]),
    ),
    use: inquire,
    expect: FAIR,
  },
  {
    group,
    name: 'INQUIRY of an unknown device',
    peer: saying(0x12, (evpd) => (evpd ? undefined : withByte(inquiryData(), 0, 0x1e))),
    expect: ['UNSUPPORTED'],
  },
  {
    group,
    name: 'INQUIRY of nobody',
    peer: saying(0x12, (evpd) => (evpd ? undefined : withByte(inquiryData(), 0, 0x7f))),
    expect: ['UNSUPPORTED'],
  },
  {
    group,
    name: 'INQUIRY of a tape',
    peer: saying(0x12, (evpd) => (evpd ? undefined : withByte(inquiryData(), 0, 0x01))),
    expect: ['UNSUPPORTED'],
  },
  ...Object.entries(PAGES).flatMap(([name, code]): HostileCase[] => [
    {
      group,
      name: `VPD ${name}: nothing`,
      peer: saying(0x12, (evpd, page) => (evpd && page === code ? Buffer.alloc(0) : undefined)),
      expect: FAIR,
    },
    {
      group,
      name: `VPD ${name}: claims 65,535 bytes`,
      peer: saying(0x12, (evpd, page) =>
        evpd && page === code ? Buffer.from([0, code, 0xff, 0xff, 1, 2, 3]) : undefined,
      ),
      expect: FAIR,
    },
    {
      group,
      name: `VPD ${name}: another page`,
      peer: saying(0x12, (evpd, page) =>
        evpd && page === code ? Buffer.from([0, 0xc7, 0, 4, 1, 2, 3, 4]) : undefined,
      ),
      expect: FAIR,
    },
  ]),
  {
    group,
    name: 'designators whose lengths leave the page',
    peer: saying(0x12, (evpd, page) =>
      evpd && page === 0x83 ? Buffer.from([0, 0x83, 0, 6, 1, 3, 0, 0xff, 1, 2]) : undefined,
    ),
    expect: FAIR,
  },
  {
    group,
    name: 'a transfer limit of one block',
    peer: saying(0x12, (evpd, page) => {
      if (!evpd || page !== 0xb0) return undefined;
      const bytes = Buffer.alloc(64);
      bytes.set([0, 0xb0, 0, 60]);
      bytes.writeUInt32BE(1, 8);
      return bytes;
    }),
    expect: ['data'],
  },
  { group, name: 'a capacity of nothing', peer: saying(0x9e, () => Buffer.alloc(0)), expect: FAIR },
  {
    group,
    name: 'a capacity of 7 bytes',
    peer: saying(0x9e, () => capacityData(UNIT, true).subarray(0, 7)),
    expect: FAIR,
  },
  {
    group,
    name: 'blocks of 0 bytes',
    peer: saying(0x9e, () => withU32(capacityData(UNIT, true), 8, 0)),
    expect: ['SCSI_BAD_PAYLOAD'],
  },
  {
    group,
    name: 'blocks of 4 GiB',
    peer: saying(0x9e, () => withU32(capacityData(UNIT, true), 8, 0xffffffff)),
    expect: [...FAIR, 'OUT_OF_RANGE', 'BAD_ARGUMENT'],
  },
  {
    group,
    name: '2^64 blocks',
    peer: saying(0x9e, () => withU32(withU32(capacityData(UNIT, true), 0, 0xffffffff), 4, 0xffffffff)),
    expect: FAIR,
  },
  {
    group,
    name: 'a unit of one block',
    peer: saying(0x9e, () => withU32(capacityData(UNIT, true), 4, 0)),
    expect: ['OUT_OF_RANGE'],
  },
  ...[0, 1, 4, 8].map((length): HostileCase => ({
    group,
    name: `mode data of ${String(length)} bytes`,
    peer: saying(0x1a, () => Buffer.alloc(length, 0xff)),
    expect: ['data'],
  })),
  { group, name: 'a LUN list of nothing', peer: saying(0xa0, () => Buffer.alloc(0)), use: luns, expect: FAIR },
  {
    group,
    name: 'a LUN list that claims 4 GiB',
    peer: saying(0xa0, () => withU32(reportLunsData(), 0, 0xfffffff8)),
    use: luns,
    expect: FAIR,
  },
  {
    group,
    name: 'a LUN list that claims 16 MiB at each turn',
    peer: saying(0xa0, () => withU32(reportLunsData(), 0, 16 << 20)),
    use: luns,
    expect: FAIR,
  },
  {
    group,
    name: 'a LUN list with half an entry',
    peer: saying(0xa0, () => withU32(reportLunsData([0, 1]), 0, 12).subarray(0, 20)),
    use: luns,
    expect: FAIR,
  },
  {
    group,
    name: 'a LUN list of addressing forms nobody knows',
    peer: saying(0xa0, () =>
      Buffer.concat([Buffer.from([0, 0, 0, 16, 0, 0, 0, 0]), Buffer.alloc(8, 0xff), Buffer.alloc(8, 0xd3)]),
    ),
    use: luns,
    expect: FAIR,
  },
  ...atEveryStage(senses),
];
