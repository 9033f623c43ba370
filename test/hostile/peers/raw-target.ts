import { encode, keys, NO_TAG, readKeys, Splitter, type Answer, type Request } from './wire.ts';
import { answerScsi, type Unit, UNIT } from './raw-unit.ts';

/** Where a connection's bytes go. */
export interface Pipe {
  send(bytes: Uint8Array): void;
  /** Orderly end. */
  end(): void;
  /** Reset. */
  destroy(): void;
}

/** Looks at a request first; true where it has dealt with it. */
export type Rule = (connection: RawConnection, request: Request) => boolean;

export interface RawOptions {
  /** Answers to operational keys; what the initiator offered and is not named here is accepted as it is. */
  keys?: Record<string, string>;
  unit?: Unit;
  /** Commands the initiator may have outstanding. */
  window?: number;
  /** Bytes of one Data-In. */
  segment?: number;
  /** Status in a SCSI Response instead of in the last Data-In. */
  separateStatus?: boolean;
  discovery?: Record<string, string>;
}

/** One login or command write that waits for its data. */
export interface PendingWrite {
  readonly request: Request;
  readonly length: number;
  readonly buffer: Buffer;
  received: number;
  r2tSn: number;
}

/** The target's end of one connection. */
export class RawConnection {
  readonly target: RawTarget;
  readonly index: number;
  readonly pipe: Pipe;
  readonly #splitter = new Splitter();
  readonly writes = new Map<number, PendingWrite>();
  statSn = 1;
  loggedIn = false;
  cid = 0;
  closed = false;

  constructor(target: RawTarget, index: number, pipe: Pipe) {
    this.target = target;
    this.index = index;
    this.pipe = pipe;
  }

  get digests(): { header: boolean; data: boolean } {
    return this.#splitter.digests;
  }

  receive(bytes: Uint8Array): void {
    for (const request of this.#splitter.take(bytes)) this.#take(request);
  }

  #take(request: Request): void {
    if (this.closed) return;
    this.target.received.push(request);
    this.#follow(request);
    if (!this.target.rules.some((rule) => rule(this, request))) this.answer(request);
  }

  #follow(request: Request): void {
    const { target } = this;
    const counts = !request.immediate && request.opcode !== 0x05 && request.opcode !== 0x10 && request.opcode !== 0x03;
    if (counts && request.cmdSn === target.expCmdSn) target.expCmdSn = (target.expCmdSn + 1) >>> 0;
    if (counts) target.cmdSns.push(request.cmdSn);
  }

  /** Fills in the numbers every answer carries, and sends it; `statSn` is used up unless it is given. */
  send(answer: Answer, usesStatSn = true): Buffer {
    const { target } = this;
    const bytes = encode(
      {
        statSn: this.statSn,
        expCmdSn: target.expCmdSn,
        maxCmdSn: (target.expCmdSn + (target.options.window ?? 32) - 1) >>> 0,
        ...answer,
      },
      this.digests,
    );
    if (usesStatSn && answer.statSn === undefined) this.statSn = (this.statSn + 1) >>> 0;
    this.pipe.send(bytes);
    return bytes;
  }

  raw(bytes: Uint8Array): void {
    this.pipe.send(bytes);
  }

  end(): void {
    this.closed = true;
    this.pipe.end();
  }

  reset(): void {
    this.closed = true;
    this.pipe.destroy();
  }

  /** Does what a plain target does. */
  answer(request: Request): void {
    switch (request.opcode) {
      case 0x03:
        this.login(request);
        return;
      case 0x00:
        if (request.itt !== NO_TAG) this.send({ opcode: 0x20, itt: request.itt, data: request.data });
        return;
      case 0x01:
        answerScsi(this, request);
        return;
      case 0x02:
        this.send({ opcode: 0x22, itt: request.itt });
        return;
      case 0x04:
        this.send({ opcode: 0x24, itt: request.itt, data: this.#text() });
        return;
      case 0x05:
        this.#dataOut(request);
        return;
      case 0x06:
        this.send({ opcode: 0x26, itt: request.itt });
        return;
    }
  }

  #text(): Buffer {
    const { discovery } = this.target.options;
    return keys(discovery ?? { TargetName: 'iqn.2026-01.test:raw', TargetAddress: '127.0.0.1:3260,1' });
  }

  /** One login response: security goes to operational, operational to full feature phase, with the keys agreed to. */
  login(request: Request, more: Partial<Answer> = {}, extra: Record<string, string> = {}): void {
    const { target } = this;
    const offered = readKeys(request.data);
    const csg = (request.flags >> 2) & 3;
    const answers: Record<string, string> = {};
    if (csg === 0 && offered.has('AuthMethod')) {
      answers['AuthMethod'] = 'None';
      answers['TargetPortalGroupTag'] = '1';
    }
    const skip = [
      'InitiatorName',
      'InitiatorAlias',
      'TargetName',
      'SessionType',
      'AuthMethod',
      'MaxRecvDataSegmentLength',
    ];
    for (const [key, value] of offered)
      if (!skip.includes(key)) answers[key] = target.options.keys?.[key] ?? (value.split(',')[0] as string);
    if (csg === 1) answers['MaxRecvDataSegmentLength'] = target.options.keys?.['MaxRecvDataSegmentLength'] ?? '8192';
    Object.assign(answers, extra);
    this.cid = request.bhs.readUInt16BE(20);
    if (request.bhs.readUInt16BE(14) === 0) target.expCmdSn = request.cmdSn;
    const flags = csg === 0 ? 0x81 : 0x87;
    const lun = Buffer.from(request.bhs.subarray(8, 16));
    lun.writeUInt16BE(csg === 1 ? target.tsih : lun.readUInt16BE(6), 6);
    this.send({ opcode: 0x23, flags, itt: request.itt, ttt: 0, lun, data: keys(answers), ...more });
    if (csg === 1 && more.byte2 === undefined) {
      this.loggedIn = true;
      target.logins += 1;
      this.#splitter.digests = {
        header: answers['HeaderDigest'] === 'CRC32C',
        data: answers['DataDigest'] === 'CRC32C',
      };
    }
  }

  #dataOut(request: Request): void {
    const write = this.writes.get(request.itt);
    if (write === undefined) return;
    const offset = request.bhs.readUInt32BE(40);
    request.data.copy(write.buffer, offset);
    write.received += request.data.length;
    this.target.dataOut.push(request);
    if ((request.flags & 0x80) !== 0) this.continueWrite(write);
  }

  /** Asks for what is missing of a write, or ends it. */
  continueWrite(write: PendingWrite): void {
    const { target } = this;
    if (write.received < write.length) {
      const length = Math.min(target.burst, write.length - write.received);
      this.send(
        {
          opcode: 0x31,
          itt: write.request.itt,
          ttt: (0x100 + write.r2tSn) >>> 0,
          word36: write.r2tSn,
          word40: write.received,
          word44: length,
        },
        false,
      );
      write.r2tSn = (write.r2tSn + 1) >>> 0;
      return;
    }
    this.writes.delete(write.request.itt);
    target.written.push({ lba: write.request.cdb.readUInt32BE(2), data: write.buffer });
    this.send({ opcode: 0x21, itt: write.request.itt });
  }
}

/** A target made of bytes: does its work like a plain one, except where a rule says otherwise. */
export class RawTarget {
  readonly options: RawOptions;
  readonly rules: Rule[] = [];
  readonly connections: RawConnection[] = [];
  readonly received: Request[] = [];
  readonly dataOut: Request[] = [];
  readonly written: { readonly lba: number; readonly data: Buffer }[] = [];
  readonly cmdSns: number[] = [];
  /** Called before anything is received. */
  onAccept: (connection: RawConnection) => void = () => undefined;
  expCmdSn = 1;
  tsih = 7;
  logins = 0;
  burst = 65536;

  constructor(options: RawOptions = {}) {
    this.options = options;
  }

  get unit(): Unit {
    return this.options.unit ?? UNIT;
  }

  accept(pipe: Pipe): RawConnection {
    const connection = new RawConnection(this, this.connections.length, pipe);
    this.connections.push(connection);
    this.onAccept(connection);
    return connection;
  }

  /** Adds a rule for requests of an opcode, and of a SCSI operation code where that is given. */
  on(opcode: number, rule: (connection: RawConnection, request: Request) => boolean | undefined, scsi?: number): this {
    this.rules.push((connection, request) => {
      if (request.opcode !== opcode || (scsi !== undefined && request.cdb[0] !== scsi)) return false;
      return rule(connection, request) !== false;
    });
    return this;
  }

  /** The same, for READ(10), (12) and (16). */
  onRead(rule: (connection: RawConnection, request: Request) => boolean | undefined): this {
    this.rules.push((connection, request) => {
      const reads = request.opcode === 0x01 && [0x28, 0xa8, 0x88].includes(request.cdb[0] ?? 0);
      return reads && rule(connection, request) !== false;
    });
    return this;
  }

  /** The same, for WRITE(10), (12) and (16). */
  onWrite(rule: (connection: RawConnection, request: Request) => boolean | undefined): this {
    this.rules.push((connection, request) => {
      const writes = request.opcode === 0x01 && [0x2a, 0xaa, 0x8a].includes(request.cdb[0] ?? 0);
      return writes && rule(connection, request) !== false;
    });
    return this;
  }
}
