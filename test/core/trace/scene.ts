import { buildPdu, encodeText, OPCODES, type PduDamage, type PduKind } from '../../../core/pdu/index.ts';
import { Trace, TraceImporter, TraceRecorder, type RecorderOptions, type TapEnd } from '../../../core/trace/index.ts';

type Fields<K extends PduKind> = Parameters<typeof buildPdu<K>>[1];

const TAKES_CMDSN: ReadonlySet<PduKind> = new Set([
  'nopOut',
  'scsiCommand',
  'taskManagementRequest',
  'loginRequest',
  'textRequest',
  'logoutRequest',
]);

/** Bytes of a recording, kept in memory. */
export class MemorySink {
  readonly parts: Uint8Array[] = [];
  full = false;
  segments = 0;

  acquire(length: number): Uint8Array | undefined {
    // A buffer that is used again holds something.
    return this.full ? undefined : new Uint8Array(length).fill(0xee);
  }

  write(chunk: Uint8Array, length: number): void {
    this.parts.push(chunk.slice(0, length));
  }

  startSegment(segment: number): void {
    this.segments = segment + 1;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.parts.flatMap((part) => [...part]));
  }
}

/** Reads bytes of a trace or capture that lie in memory. */
export function readTrace(bytes: Uint8Array, step = bytes.length): { trace: Trace; importer: TraceImporter } {
  const trace = new Trace();
  const importer = new TraceImporter(trace);
  for (let at = 0; at < bytes.length; at += step) importer.push(bytes.slice(at, at + step));
  importer.finish();
  trace.source = sourceOf(bytes);
  return { trace, importer };
}

export function sourceOf(bytes: Uint8Array): { read(offset: number, into: Uint8Array): number } {
  return {
    read: (offset, into) => {
      const piece = bytes.subarray(offset, offset + into.length);
      into.set(piece);
      return piece.length;
    },
  };
}

export const ENDS = { initiatorHost: '10.0.0.1', initiatorPort: 50_000, targetHost: '10.0.0.2', targetPort: 3260 };

/** A script of PDUs between an initiator and a target, with numbers kept right unless a step says otherwise. */
export class Scene {
  readonly sink: MemorySink;
  readonly recorder: TraceRecorder;
  readonly connection: number;
  timeMs = 1000;
  cmdSn = 1;
  statSn = 1;
  itt = 1;

  /** `beside` is another connection of the same recording. */
  constructor(options: Partial<RecorderOptions> = {}, ends = ENDS, beside?: Scene) {
    this.sink = beside?.sink ?? new MemorySink();
    const given = { mode: 'full', baseNs: 1_790_000_000_000_000_000n, ...options } as const;
    this.recorder = beside?.recorder ?? new TraceRecorder(this.sink, given);
    this.timeMs = beside?.timeMs ?? this.timeMs;
    this.connection = this.recorder.openConnection(this.timeMs, ends);
  }

  /** Sends a PDU one step later; numbers not given are what they should be. */
  pdu<K extends PduKind>(
    kind: K,
    fields: Fields<K>,
    data: Uint8Array = new Uint8Array(0),
    ahs: Uint8Array = new Uint8Array(0),
    damage?: PduDamage,
  ): this {
    const given = fields as Record<string, unknown>;
    const fromInitiator = OPCODES[kind] < 0x20;
    const auto: Record<string, unknown> = {};
    if (fromInitiator) {
      if (TAKES_CMDSN.has(kind)) auto['cmdSn'] = this.cmdSn;
      auto['expStatSn'] = this.statSn;
    } else {
      auto['statSn'] = this.statSn;
      auto['expCmdSn'] = this.cmdSn;
      auto['maxCmdSn'] = (this.cmdSn + 31) >>> 0;
    }
    if (kind !== 'dataIn' && kind !== 'dataOut' && kind !== 'loginRequest' && kind !== 'loginResponse')
      auto['final'] = true;
    const pdu = buildPdu(
      kind,
      { ...auto, ...given } as Fields<K>,
      data.length === 0 ? undefined : data,
      ahs.length === 0 ? undefined : ahs,
    );
    this.timeMs += 0.1;
    const bytes = Uint8Array.from([...pdu.bhs, ...ahs]);
    this.recorder.recordPdu(
      this.connection,
      fromInitiator,
      this.timeMs,
      bytes,
      0,
      ahs.length,
      data,
      0,
      data.length,
      damage,
    );
    this.#advance(kind, given, pdu.bhs);
    return this;
  }

  #advance(kind: PduKind, given: Record<string, unknown>, bhs: Uint8Array): void {
    if (TAKES_CMDSN.has(kind) && given['immediate'] !== true && kind !== 'loginRequest')
      this.cmdSn = (this.cmdSn + 1) >>> 0;
    if (OPCODES[kind] < 0x20 || kind === 'readyToTransfer') return;
    if (kind === 'dataIn' && (bhs[1]! & 1) === 0) return;
    if (kind === 'nopIn' && given['itt'] === 0xffffffff) return;
    this.statSn = (this.statSn + 1) >>> 0;
  }

  wait(ms: number): this {
    this.timeMs += ms;
    return this;
  }

  text(pairs: Readonly<Record<string, string>>): Uint8Array {
    return encodeText(Object.entries(pairs).map(([key, value]) => ({ key, value })));
  }

  /** A login in one turn each; with a TSIH it joins a session. */
  login(
    offered: Readonly<Record<string, string>> = {},
    answered: Readonly<Record<string, string>> = {},
    tsih = 0,
  ): this {
    const names = {
      InitiatorName: 'iqn.2026-01.test:host',
      TargetName: 'iqn.2026-01.test:disk',
      SessionType: 'Normal',
    };
    const stage = { transit: true, csg: 1, nsg: 3, isid: Uint8Array.of(0x80, 0, 0, 1, 0, 0), itt: this.itt };
    this.pdu('loginRequest', { ...stage, tsih, immediate: true }, this.text({ ...names, ...offered }));
    this.pdu('loginResponse', { ...stage, tsih: 7 }, this.text({ TargetPortalGroupTag: '1', ...answered }));
    this.itt += 1;
    return this;
  }

  /** Sends a command; answers its tag. */
  command(cdb: readonly number[], fields: Fields<'scsiCommand'> = {}, data?: Uint8Array): number {
    const itt = this.itt++;
    const whole = Uint8Array.from([...cdb, ...new Array<number>(16 - cdb.length).fill(0)]);
    this.pdu('scsiCommand', { attribute: 1, itt, cdb: whole, ...fields }, data);
    return itt;
  }

  /** A whole read of one PDU. */
  read(bytes = 512, lba = 0): this {
    const itt = this.command([0x28, 0, 0, 0, lba >> 8, lba & 255, 0, 0, bytes / 512], {
      read: true,
      expectedDataTransferLength: bytes,
    });
    return this.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, new Uint8Array(bytes).fill(0x5a));
  }

  /** A whole write with one Ready To Transfer. */
  write(bytes = 1024): this {
    const itt = this.command([0x2a, 0, 0, 0, 0, 9, 0, 0, bytes / 512], {
      write: true,
      expectedDataTransferLength: bytes,
    });
    this.pdu('readyToTransfer', { itt, ttt: 5, desiredDataTransferLength: bytes });
    this.pdu('dataOut', { final: true, itt, ttt: 5 }, new Uint8Array(bytes).fill(0x77));
    return this.pdu('scsiResponse', { itt, expDataSn: 1 });
  }

  /** An answer without data. */
  respond(itt: number, status = 0, sense: readonly number[] = [], fields: Fields<'scsiResponse'> = {}): this {
    return this.pdu('scsiResponse', { itt, status, ...fields }, Uint8Array.from(sense));
  }

  logout(): this {
    const itt = this.itt++;
    return this.pdu('logoutRequest', { itt, immediate: true }).pdu('logoutResponse', { itt });
  }

  close(end: TapEnd = 'initiator-closed'): this {
    const [who, how] = end.split('-');
    const reason = `The ${who} ${how} the connection.`;
    this.recorder.closeConnection(this.connection, this.timeMs + 0.1, reason, end);
    return this;
  }

  bytes(): Uint8Array {
    this.recorder.flush();
    return this.sink.bytes();
  }

  trace(): Trace {
    return readTrace(this.bytes()).trace;
  }
}

/** Fixed sense data behind its two length bytes. */
export function senseBytes(key: number, asc: number, ascq: number): number[] {
  return [0, 18, 0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq, 0, 0, 0, 0];
}

/** A session with nothing to find. */
export function cleanScene(end?: TapEnd): Scene {
  return new Scene().login().read().read(4096, 100).write().logout().close(end);
}
