import { buildPdu, type OutgoingPdu } from '../../core/pdu/index.ts';
import { sendPdus, type Draft, type Flow } from './generate-flow.ts';

const pad10 = (bytes: readonly number[]): Uint8Array =>
  Uint8Array.from([...bytes, ...new Array<number>(16 - bytes.length).fill(0)]);

const lunOf = (number: number): bigint => BigInt(number < 256 ? number : 0x4000 | number) << 48n;

export function readCommand(draft: Draft, connection: number, flow: Flow): void {
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

export function writeCommand(draft: Draft, connection: number, flow: Flow): void {
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

export function small(draft: Draft, connection: number, flow: Flow): void {
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
