import { crc32c } from '../../core/bytes/index.ts';
import { buildPdu, encodeText, NO_DIGESTS } from '../../core/pdu/index.ts';
import { ACK, ENVELOPES, FIN, pcapFile, pcapngFile, SYN, TUNNELS } from './packet-builder.ts';
import { Random } from './random.ts';
import { readCommand, writeCommand, small } from './generate-commands.ts';
import { send, sendPdus, type Draft, type Flow, type MeantPdu } from './generate-flow.ts';

/** A random capture and what is in it. */
export interface GeneratedTrace {
  readonly seed: number;
  /** The tunnel or envelope its packets are in; then it is a pcapng, which can be put behind another. */
  readonly around: string | undefined;
  readonly file: Uint8Array;
  readonly pdus: readonly MeantPdu[];
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

/** Makes a random capture from a seed; `portBase` keeps the conversations of several apart. */
export function generateTrace(seed: number, portBase = 40_000): GeneratedTrace {
  const random = new Random(seed);
  // Of its own, so that what is generated stays what it was.
  const around = new Random(seed ^ 0x7a11);
  const wrapped = around.chance(0.35);
  const linkType = random.pick([0, 1, 101, 113]);
  const names = [...Object.keys(TUNNELS), ...(linkType === 1 ? Object.keys(ENVELOPES) : [])];
  const draft: Draft = {
    random,
    frames: [],
    pdus: [],
    linkType,
    around: wrapped ? around.pick(names) : undefined,
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
  const file =
    draft.around === undefined
      ? pcapFile(draft.frames, { linkType, nanoseconds: true })
      : pcapngFile(draft.frames, linkType, 9);
  return { seed, around: draft.around, file, pdus: draft.pdus };
}
