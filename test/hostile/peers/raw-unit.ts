import type { RawConnection } from './raw-target.ts';
import type { Request } from './wire.ts';

/** A disk as it answers questions. */
export interface Unit {
  readonly serial: string;
  /** NAA identifier, 16 hex digits. */
  readonly naa: string;
  readonly blocks: number;
  readonly blockSize: number;
  /** Shifts the pattern, so that another disk has other bytes. */
  readonly seed: number;
}

export const UNIT: Unit = { serial: 'RAW-0001', naa: '5000c50012345678', blocks: 65536, blockSize: 512, seed: 0 };

/** Another unit as large, under another name, with other bytes. */
export function twinOf(unit: Unit): Unit {
  return { ...unit, serial: 'RAW-0002', naa: '5000c50012345679', seed: 3 };
}

/** The bytes of blocks, which can be told from all others. */
export function pattern(unit: Unit, lba: number, blocks: number): Buffer {
  const out = Buffer.alloc(blocks * unit.blockSize);
  for (let i = 0; i < out.length; i += 1) {
    const block = lba + Math.floor(i / unit.blockSize);
    out[i] = (block * 31 + (block >> 8) * 7 + (i % unit.blockSize) * 13 + unit.seed * 101) & 0xff;
  }
  return out;
}

export function inquiryData(): Buffer {
  const out = Buffer.alloc(96);
  out[2] = 6;
  out[3] = 2;
  out[4] = 91;
  out[7] = 2;
  out.write('RAW     SCRIPTED DISK   0001', 8, 'latin1');
  return out;
}

export function vpdData(unit: Unit, page: number): Buffer | undefined {
  const head = (code: number, body: Buffer): Buffer => {
    const out = Buffer.alloc(4);
    out[1] = code;
    out.writeUInt16BE(body.length, 2);
    return Buffer.concat([out, body]);
  };
  switch (page) {
    case 0x00:
      return head(0, Buffer.from([0x00, 0x80, 0x83, 0xb0]));
    case 0x80:
      return head(0x80, Buffer.from(unit.serial));
    case 0x83:
      return head(0x83, Buffer.concat([Buffer.from([1, 3, 0, 8]), Buffer.from(unit.naa, 'hex')]));
    case 0xb0:
      return head(0xb0, Buffer.alloc(60));
    default:
      return undefined;
  }
}

export function capacityData(unit: Unit, long: boolean): Buffer {
  const out = Buffer.alloc(long ? 32 : 8);
  if (long) out.writeBigUInt64BE(BigInt(unit.blocks - 1));
  else out.writeUInt32BE(unit.blocks - 1);
  out.writeUInt32BE(unit.blockSize, long ? 8 : 4);
  return out;
}

export function reportLunsData(luns: readonly number[] = [0]): Buffer {
  const out = Buffer.alloc(8 + luns.length * 8);
  out.writeUInt32BE(luns.length * 8);
  luns.forEach((lun, i) => out.writeUInt16BE(lun, 8 + i * 8));
  return out;
}

/** Sense data, fixed format. */
export function sense(key: number, asc: number, ascq: number): Buffer {
  const out = Buffer.alloc(18);
  out[0] = 0x70;
  out[2] = key;
  out[7] = 10;
  out[12] = asc;
  out[13] = ascq;
  return out;
}

/** CHECK CONDITION with its sense, in fixed format (SPC-4 4.5.3), in a SCSI Response. */
export function checkCondition(connection: RawConnection, request: Request, key: number, asc: number, ascq = 0): void {
  const bytes = sense(key, asc, ascq);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  connection.send({ opcode: 0x21, itt: request.itt, byte3: 0x02, data: Buffer.concat([length, bytes]) });
}

/** Data-In in segments, status with the last one; what the initiator wanted more of is a residual. */
export function sendData(connection: RawConnection, request: Request, all: Buffer): void {
  const expected = request.bhs.readUInt32BE(20);
  const data = all.subarray(0, expected);
  const segment = connection.target.options.segment ?? 8192;
  const separate = connection.target.options.separateStatus === true || data.length === 0;
  let dataSn = 0;
  for (let at = 0; at < data.length; at += segment) {
    const part = data.subarray(at, at + segment);
    const last = at + part.length === data.length;
    const residual = last && !separate ? residualOf(expected, all.length) : { flags: 0, count: 0 };
    connection.send(
      {
        opcode: 0x25,
        flags: (last ? 0x80 : 0) | (last && !separate ? 0x01 : 0) | residual.flags,
        itt: request.itt,
        word36: dataSn,
        word40: at,
        word44: residual.count,
        data: part,
        ...(last && !separate ? {} : { statSn: 0 }),
      },
      last && !separate,
    );
    dataSn += 1;
  }
  if (!separate) return;
  const residual = residualOf(expected, all.length);
  connection.send({
    opcode: 0x21,
    flags: 0x80 | residual.flags,
    itt: request.itt,
    word36: dataSn,
    word44: residual.count,
  });
}

function residualOf(expected: number, actual: number): { flags: number; count: number } {
  if (actual < expected) return { flags: 0x02, count: expected - actual };
  return actual > expected ? { flags: 0x04, count: actual - expected } : { flags: 0, count: 0 };
}

/** The range a read or write names. */
export function rangeOf(request: Request): { lba: number; blocks: number } {
  const { cdb } = request;
  return (cdb[0] ?? 0) >= 0x80
    ? { lba: Number(cdb.readBigUInt64BE(2)), blocks: cdb.readUInt32BE(10) }
    : { lba: cdb.readUInt32BE(2), blocks: cdb.readUInt16BE(7) };
}

/** What a plain disk does with a command. */
export function answerScsi(connection: RawConnection, request: Request): void {
  const { unit } = connection.target;
  const { cdb } = request;
  switch (cdb[0]) {
    case 0x00:
    case 0x35:
      connection.send({ opcode: 0x21, itt: request.itt });
      return;
    case 0x12: {
      const data = ((cdb[1] ?? 0) & 1) === 0 ? inquiryData() : vpdData(unit, cdb[2] ?? 0);
      if (data === undefined) checkCondition(connection, request, 5, 0x24);
      else sendData(connection, request, data.subarray(0, cdb.readUInt16BE(3)));
      return;
    }
    case 0x1a:
      sendData(connection, request, Buffer.from([3, 0, 0, 0]));
      return;
    case 0x25:
      sendData(connection, request, capacityData(unit, false));
      return;
    case 0x9e:
      sendData(connection, request, capacityData(unit, true));
      return;
    case 0xa0:
      sendData(connection, request, reportLunsData());
      return;
    case 0x28:
    case 0x88: {
      const { lba, blocks } = rangeOf(request);
      sendData(connection, request, pattern(unit, lba, blocks));
      return;
    }
    case 0x2a:
    case 0x8a: {
      const length = request.bhs.readUInt32BE(20);
      const write = { request, length, buffer: Buffer.alloc(length), received: request.data.length, r2tSn: 0 };
      request.data.copy(write.buffer);
      connection.writes.set(request.itt, write);
      if ((request.flags & 0x80) !== 0) connection.continueWrite(write);
      return;
    }
    default:
      checkCondition(connection, request, 5, 0x20);
  }
}
