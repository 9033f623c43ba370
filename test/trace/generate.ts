import { crc32c } from '../../core/bytes/index.ts';
import { buildPdu, encodeText, framePdu, NO_DIGESTS, type Digests, type OutgoingPdu } from '../../core/pdu/index.ts';
import { ACK, FIN, frame, ipPacket, pcapFile, PSH, SYN, type Endpoint, type TimedFrame } from './packet-builder.ts';
import { Random } from './random.ts';

/** A PDU of a generated trace as it was meant, header byte for byte. */
export interface MeantPdu {
  readonly connection: number;
  readonly fromInitiator: boolean;
  readonly bhs: Uint8Array;
  readonly dataLength: number;
}

/** A random capture and what is in it. */
export interface GeneratedTrace {
  readonly seed: number;
  readonly file: Uint8Array;
  readonly pdus: readonly MeantPdu[];
}

interface Flow {
  readonly ends: readonly [Endpoint, Endpoint];
  readonly seq: [number, number];
  digests: Digests;
  cmdSn: number;
  statSn: number;
  itt: number;
}

interface Draft {
  readonly random: Random;
  readonly frames: TimedFrame[];
  readonly pdus: MeantPdu[];
  readonly linkType: number;
  timeNs: bigint;
}

const pad10 = (bytes: readonly number[]): Uint8Array =>
  Uint8Array.from([...bytes, ...new Array<number>(16 - bytes.length).fill(0)]);

function send(draft: Draft, flow: Flow, side: 0 | 1, flags: number, payload: Uint8Array): void {
  const other = side === 0 ? 1 : 0;
  const piece = {
    from: flow.ends[side],
    to: flow.ends[other],
    seq: flow.seq[side],
    ack: flow.seq[other],
    flags,
    payload,
  };
  draft.timeNs += BigInt(draft.random.int(800, 90_000));
  const vlans = draft.linkType === 1 && draft.random.chance(0.3) ? [100] : [];
  draft.frames.push({ timeNs: draft.timeNs, bytes: frame(draft.linkType, ipPacket(piece), vlans) });
  flow.seq[side] = (flow.seq[side] + payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
}

/** Sends PDUs of one side as a byte stream cut at random places, so that they share and span segments. */
function sendPdus(draft: Draft, connection: number, flow: Flow, side: 0 | 1, pdus: readonly OutgoingPdu[]): void {
  for (const pdu of pdus)
    draft.pdus.push({ connection, fromInitiator: side === 0, bhs: pdu.bhs, dataLength: pdu.data?.length ?? 0 });
  const stream = pdus
    .map((pdu) => framePdu(pdu, flow.digests))
    .reduce((all, one) => Uint8Array.from([...all, ...one]), new Uint8Array(0));
  for (let at = 0; at < stream.length;) {
    const size = draft.random.chance(0.3) ? draft.random.int(1, 120) : draft.random.int(500, 9000);
    const piece = stream.subarray(at, at + size);
    send(draft, flow, side, PSH | ACK, piece);
    at += piece.length;
  }
}

function login(draft: Draft, connection: number, flow: Flow, target: string): void {
  const { random } = draft;
  const header = random.chance(0.4);
  const data = random.chance(0.3);
  const keys = [
    { key: 'InitiatorName', value: `iqn.2026-01.test.generated:host-${random.int(1, 999)}` },
    { key: 'TargetName', value: target },
    { key: 'SessionType', value: 'Normal' },
    { key: 'HeaderDigest', value: header ? 'CRC32C,None' : 'None' },
    { key: 'DataDigest', value: data ? 'CRC32C' : 'None' },
    { key: 'InitialR2T', value: 'No' },
    { key: 'MaxRecvDataSegmentLength', value: '262144' },
  ];
  const isid = Uint8Array.from([0x80, ...random.bytes(3), 0, connection]);
  const common = { transit: true, csg: 1, nsg: 3, isid } as const;
  const request = buildPdu(
    'loginRequest',
    { immediate: true, ...common, itt: flow.itt, cid: connection, cmdSn: flow.cmdSn, expStatSn: 0 },
    encodeText(keys),
  );
  const answer = [
    { key: 'TargetPortalGroupTag', value: '1' },
    { key: 'HeaderDigest', value: header ? 'CRC32C' : 'None' },
    { key: 'DataDigest', value: data ? 'CRC32C' : 'None' },
    { key: 'MaxRecvDataSegmentLength', value: '262144' },
  ];
  sendPdus(draft, connection, flow, 0, [request]);
  const response = buildPdu(
    'loginResponse',
    {
      ...common,
      tsih: random.int(1, 65_535),
      itt: flow.itt,
      statSn: flow.statSn,
      expCmdSn: flow.cmdSn,
      maxCmdSn: (flow.cmdSn + 31) >>> 0,
    },
    encodeText(answer),
  );
  sendPdus(draft, connection, flow, 1, [response]);
  flow.statSn = (flow.statSn + 1) >>> 0;
  flow.itt += 1;
  flow.digests = { ...(header ? { header: crc32c } : {}), ...(data ? { data: crc32c } : {}), order: 'little' };
}

const lunOf = (number: number): bigint => BigInt(number < 256 ? number : 0x4000 | number) << 48n;

function readCommand(draft: Draft, connection: number, flow: Flow): void {
  const { random } = draft;
  const blocks = random.int(1, 64);
  const lba = random.int(0, 0x7fffffff);
  const bytes = blocks * 512;
  const wide = random.chance(0.4);
  const number32 = [lba >>> 24, (lba >>> 16) & 255, (lba >>> 8) & 255, lba & 255];
  const cdb = wide
    ? pad10([0x88, 0, 0, 0, 0, 0, ...number32, 0, 0, 0, blocks])
    : pad10([0x28, 0, ...number32, 0, 0, blocks]);
  const lun = lunOf(random.pick([0, 1, 7, 300]));
  const itt = flow.itt++;
  const command = buildPdu('scsiCommand', {
    final: true,
    read: true,
    attribute: 1,
    lun,
    itt,
    expectedDataTransferLength: bytes,
    cmdSn: flow.cmdSn,
    expStatSn: flow.statSn,
    cdb,
  });
  flow.cmdSn = (flow.cmdSn + 1) >>> 0;
  sendPdus(draft, connection, flow, 0, [command]);
  const window = { expCmdSn: flow.cmdSn, maxCmdSn: (flow.cmdSn + 31) >>> 0 };
  const answer: OutgoingPdu[] = [];
  const collapse = random.chance(0.5);
  const short = random.chance(0.2) ? 512 : 0;
  let dataSn = 0;
  for (let at = 0; at < bytes - short;) {
    const size = Math.min(bytes - short - at, random.pick([512, 4096, 8192]));
    const last = at + size === bytes - short;
    const status =
      last && collapse
        ? { hasStatus: true, status: 0, statSn: flow.statSn, underflow: short > 0, residualCount: short }
        : {};
    answer.push(
      buildPdu(
        'dataIn',
        { final: last, itt, ttt: 0xffffffff, ...window, dataSn, bufferOffset: at, ...status },
        random.bytes(size),
      ),
    );
    dataSn += 1;
    at += size;
  }
  if (!collapse || bytes === short)
    answer.push(
      buildPdu('scsiResponse', {
        final: true,
        itt,
        statSn: flow.statSn,
        ...window,
        underflow: short > 0,
        residualCount: short,
        expDataSn: dataSn,
      }),
    );
  flow.statSn = (flow.statSn + 1) >>> 0;
  sendPdus(draft, connection, flow, 1, answer);
}

function writeCommand(draft: Draft, connection: number, flow: Flow): void {
  const { random } = draft;
  const blocks = random.int(2, 40);
  const bytes = blocks * 512;
  const lba = random.int(0, 0xffffff);
  const cdb = pad10([0x2a, 0, 0, lba >>> 16, (lba >>> 8) & 255, lba & 255, 0, 0, blocks]);
  const itt = flow.itt++;
  const immediate = random.pick([0, 512, bytes]);
  const lun = lunOf(random.pick([0, 3]));
  const data = random.bytes(bytes);
  const command = buildPdu(
    'scsiCommand',
    {
      final: true,
      write: true,
      attribute: 1,
      lun,
      itt,
      expectedDataTransferLength: bytes,
      cmdSn: flow.cmdSn,
      expStatSn: flow.statSn,
      cdb,
    },
    immediate === 0 ? undefined : data.subarray(0, immediate),
  );
  flow.cmdSn = (flow.cmdSn + 1) >>> 0;
  sendPdus(draft, connection, flow, 0, [command]);
  const window = { expCmdSn: flow.cmdSn, maxCmdSn: (flow.cmdSn + 31) >>> 0 };
  let r2tSn = 0;
  for (let at = immediate; at < bytes;) {
    const size = Math.min(bytes - at, random.pick([4096, 16_384]));
    const ttt = random.int(1, 0xfffffff0);
    sendPdus(draft, connection, flow, 1, [
      buildPdu('readyToTransfer', {
        final: true,
        lun,
        itt,
        ttt,
        statSn: flow.statSn,
        ...window,
        r2tSn,
        bufferOffset: at,
        desiredDataTransferLength: size,
      }),
    ]);
    const outs: OutgoingPdu[] = [];
    for (let done = 0, dataSn = 0; done < size; dataSn += 1) {
      const piece = Math.min(size - done, 8192);
      outs.push(
        buildPdu(
          'dataOut',
          { final: done + piece === size, lun, itt, ttt, expStatSn: flow.statSn, dataSn, bufferOffset: at + done },
          data.subarray(at + done, at + done + piece),
        ),
      );
      done += piece;
    }
    sendPdus(draft, connection, flow, 0, outs);
    r2tSn += 1;
    at += size;
  }
  const failed = random.chance(0.2);
  const sense = Uint8Array.from([
    0,
    18,
    0x70,
    0,
    random.pick([2, 3, 5, 6]),
    0,
    0,
    0,
    0,
    10,
    0,
    0,
    0,
    0,
    random.pick([0x20, 0x24, 0x29]),
    0,
    0,
    0,
    0,
    0,
  ]);
  sendPdus(draft, connection, flow, 1, [
    buildPdu(
      'scsiResponse',
      { final: true, itt, status: failed ? 2 : 0, statSn: flow.statSn, ...window, expDataSn: r2tSn },
      failed ? sense : undefined,
    ),
  ]);
  flow.statSn = (flow.statSn + 1) >>> 0;
}

function small(draft: Draft, connection: number, flow: Flow): void {
  const { random } = draft;
  const itt = flow.itt++;
  const window = (): { expCmdSn: number; maxCmdSn: number } => ({
    expCmdSn: flow.cmdSn,
    maxCmdSn: (flow.cmdSn + 31) >>> 0,
  });
  const step = (): number => {
    const now = flow.statSn;
    flow.statSn = (flow.statSn + 1) >>> 0;
    return now;
  };
  switch (random.int(0, 4)) {
    case 0: {
      const ping = random.bytes(random.int(0, 100));
      sendPdus(draft, connection, flow, 0, [
        buildPdu(
          'nopOut',
          { final: true, immediate: true, itt, ttt: 0xffffffff, cmdSn: flow.cmdSn, expStatSn: flow.statSn },
          ping,
        ),
      ]);
      sendPdus(draft, connection, flow, 1, [
        buildPdu('nopIn', { final: true, itt, ttt: 0xffffffff, statSn: step(), ...window() }, ping),
      ]);
      return;
    }
    case 1: {
      const ttt = random.int(1, 1000);
      sendPdus(draft, connection, flow, 1, [
        buildPdu('nopIn', { final: true, itt: 0xffffffff, ttt, statSn: flow.statSn, ...window() }),
      ]);
      sendPdus(draft, connection, flow, 0, [
        buildPdu('nopOut', {
          final: true,
          immediate: true,
          itt: 0xffffffff,
          ttt,
          cmdSn: flow.cmdSn,
          expStatSn: flow.statSn,
        }),
      ]);
      return;
    }
    case 2:
      sendPdus(draft, connection, flow, 0, [
        buildPdu('taskManagementRequest', {
          final: true,
          immediate: true,
          function: random.pick([1, 2, 5]),
          lun: lunOf(1),
          itt,
          referencedTaskTag: random.int(1, 99),
          cmdSn: flow.cmdSn,
          expStatSn: flow.statSn,
        }),
      ]);
      sendPdus(draft, connection, flow, 1, [
        buildPdu('taskManagementResponse', {
          final: true,
          response: random.pick([0, 1]),
          itt,
          statSn: step(),
          ...window(),
        }),
      ]);
      return;
    case 3:
      sendPdus(draft, connection, flow, 1, [
        buildPdu('asyncMessage', {
          final: true,
          itt: 0xffffffff,
          statSn: step(),
          ...window(),
          event: random.pick([1, 3]),
          parameter3: 5,
        }),
      ]);
      return;
    default: {
      const command = buildPdu('scsiCommand', {
        final: true,
        attribute: 1,
        lun: lunOf(0),
        itt,
        cmdSn: flow.cmdSn,
        expStatSn: flow.statSn,
        cdb: pad10([0]),
      });
      flow.cmdSn = (flow.cmdSn + 1) >>> 0;
      sendPdus(draft, connection, flow, 0, [command]);
      sendPdus(draft, connection, flow, 1, [
        buildPdu('scsiResponse', {
          final: true,
          itt,
          status: random.pick([0, 0, 8, 0x18]),
          statSn: step(),
          ...window(),
        }),
      ]);
    }
  }
}

/** Makes a random capture from a seed; `portBase` keeps the conversations of several apart. */
export function generateTrace(seed: number, portBase = 40_000): GeneratedTrace {
  const random = new Random(seed);
  const draft: Draft = {
    random,
    frames: [],
    pdus: [],
    linkType: random.pick([0, 1, 101, 113]),
    timeNs: 1_790_000_000_000_000_000n + BigInt(seed) * 1_000_000_000n,
  };
  const six = random.chance(0.3);
  const flows = Array.from({ length: random.int(1, 3) }, (_, i): Flow => {
    const ends = [
      { ip: six ? 'fd00::1' : '10.1.0.1', port: portBase + i },
      { ip: six ? 'fd00::2' : '10.1.0.2', port: 3260 },
    ] as const;
    return {
      ends,
      seq: [random.int(0, 0xffffffff), random.int(0, 0xffffffff)],
      digests: NO_DIGESTS,
      cmdSn: random.pick([1, 0xfffffffe, random.int(0, 0xffffffff)]),
      statSn: random.pick([1, 0xffffffff, random.int(0, 0xffffffff)]),
      itt: random.int(1, 1_000_000),
    };
  });
  flows.forEach((flow, i) => {
    send(draft, flow, 0, SYN, new Uint8Array(0));
    send(draft, flow, 1, SYN | ACK, new Uint8Array(0));
    send(draft, flow, 0, ACK, new Uint8Array(0));
    login(draft, i, flow, `iqn.2026-01.test.generated:disk-${i}`);
  });
  for (let step = random.int(3, 14); step > 0; step -= 1) {
    const i = random.int(0, flows.length - 1);
    random.pick([readCommand, writeCommand, small])(draft, i, flows[i] as Flow);
  }
  flows.forEach((flow, i) => {
    sendPdus(draft, i, flow, 0, [
      buildPdu('logoutRequest', {
        final: true,
        immediate: true,
        itt: flow.itt,
        cmdSn: flow.cmdSn,
        expStatSn: flow.statSn,
      }),
    ]);
    sendPdus(draft, i, flow, 1, [
      buildPdu('logoutResponse', {
        final: true,
        itt: flow.itt,
        statSn: flow.statSn,
        expCmdSn: flow.cmdSn,
        maxCmdSn: (flow.cmdSn + 31) >>> 0,
      }),
    ]);
    send(draft, flow, 0, FIN | ACK, new Uint8Array(0));
    send(draft, flow, 1, FIN | ACK, new Uint8Array(0));
    send(draft, flow, 0, ACK, new Uint8Array(0));
  });
  return { seed, file: pcapFile(draft.frames, { linkType: draft.linkType, nanoseconds: true }), pdus: draft.pdus };
}
