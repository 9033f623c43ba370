import { readU32 } from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';
import { lunFromNumber, readBlockAccess } from '../scsi/index.ts';
import type { SessionMachine } from '../session/index.ts';
import { runTask } from './execute.ts';
import { checkDeadline, checkRange } from './options.ts';
import { startStream, type ScsiStream } from './raw-stream.ts';

/** A LUN by its number, or by its eight bytes as REPORT LUNS gave them. */
export type LunAddress = number | Uint8Array;

/** The two halves of a LUN as a header carries them. */
export interface LunWords {
  readonly lunHigh: number;
  readonly lunLow: number;
}

/** Turns a LUN into the form headers carry. */
export function lunWords(lun: LunAddress): LunWords {
  const bytes = typeof lun === 'number' ? lunFromNumber(lun) : lun;
  if (bytes.length !== 8)
    throw new UsageError('BAD_ARGUMENT', `A LUN has 8 bytes; ${String(bytes.length)} were given.`);
  return { lunHigh: readU32(bytes, 0), lunLow: readU32(bytes, 4) };
}

/** What goes with a CDB. */
export interface ExecuteOptions {
  /** A buffer for the answer, or how long it may be. */
  readonly dataIn?: Uint8Array | number;
  readonly dataOut?: Uint8Array;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** For long commands: no deadline as long as something moves. */
  readonly noProgressMs?: number;
  readonly attribute?: 0 | 1 | 2 | 3 | 4;
  /** Connection to send it on; any where it is left out. */
  readonly connection?: number;
  /** The command changes nothing, so that it may be sent again when its outcome was not seen. */
  readonly idempotent?: boolean;
}

/** A command's outcome as it came; the status is not judged. */
export interface RawResult {
  readonly status: number;
  readonly sense: Uint8Array;
  /** The data received, whatever the status; it counts only with GOOD. */
  readonly data: Uint8Array;
  readonly residual: number;
  readonly residualKind: 'none' | 'underflow' | 'overflow';
  readonly latencyMs: number;
  /** What was odd about an answer that is still usable. */
  readonly warning: string | undefined;
}

const LARGEST_BUFFER = 256 * 1024 * 1024;

/** What goes with a CDB whose data streams. */
export interface StreamOptions {
  readonly dataIn?: { readonly length: number };
  readonly dataOut?: { readonly length: number; readonly source: AsyncIterable<Uint8Array> };
  readonly signal?: AbortSignal;
  readonly noProgressMs?: number;
  /** The command changes nothing; true for READ where it is left out. */
  readonly idempotent?: boolean;
}

/** The raw tier: any CDB, status and sense as they come. */
export class RawOps {
  readonly #machine: SessionMachine;
  readonly #depth: number;

  constructor(machine: SessionMachine, streamDepth: number) {
    this.#machine = machine;
    this.#depth = streamDepth;
  }

  /** Runs a CDB with its data in memory. */
  async execute(lun: LunAddress, cdb: Uint8Array, options: ExecuteOptions = {}): Promise<RawResult> {
    const { dataIn, signal, ...rest } = options;
    if (typeof dataIn === 'number' && (!Number.isInteger(dataIn) || dataIn < 0 || dataIn > LARGEST_BUFFER))
      throw new UsageError(
        'OUT_OF_RANGE',
        `An answer in memory has at most ${String(LARGEST_BUFFER)} bytes; use a stream for more.`,
      );
    if (rest.timeoutMs !== undefined) checkDeadline('timeoutMs', rest.timeoutMs);
    if (rest.noProgressMs !== undefined) checkDeadline('noProgressMs', rest.noProgressMs);
    if (rest.attribute !== undefined) checkRange('attribute', rest.attribute, 0, 4);
    const buffer = typeof dataIn === 'number' ? new Uint8Array(dataIn) : dataIn;
    const request = { ...lunWords(lun), ...rest, cdb, ...(buffer === undefined ? {} : { dataIn: buffer }) };
    const task = await runTask(this.#machine, request, signal);
    return {
      status: task.status,
      sense: task.sense ?? new Uint8Array(0),
      data: buffer?.subarray(0, task.received) ?? new Uint8Array(0),
      residual: task.residual,
      residualKind: task.residualKind,
      latencyMs: task.finishedAt - task.submittedAt,
      warning: task.warning,
    };
  }

  /**
   * Runs a CDB whose data is read or written piece by piece, with bounded memory and back-pressure. A reader that pauses holds
   * the whole connection back, other commands and keepalive with it. The target is not blamed for that; a stream that makes
   * another command on its connection miss its deadline is ended with it.
   */
  stream(lun: LunAddress, cdb: Uint8Array, options: StreamOptions): ScsiStream {
    for (const part of [options.dataIn, options.dataOut])
      if (part !== undefined && (!Number.isInteger(part.length) || part.length < 0 || part.length > 0xffffffff))
        throw new UsageError('OUT_OF_RANGE', `A stream moves 0 to 4294967295 bytes, not ${String(part.length)}.`);
    const segmentLength = this.#machine.core.parameters?.peerMaxRecvDataSegmentLength ?? 8192;
    return startStream(this.#machine, {
      ...lunWords(lun),
      cdb,
      ...(options.dataIn === undefined ? {} : { dataIn: options.dataIn }),
      ...(options.dataOut === undefined ? {} : { dataOut: options.dataOut }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      noProgressMs: checkDeadline('noProgressMs', options.noProgressMs ?? this.#machine.core.options.commandTimeoutMs),
      idempotent: options.idempotent ?? readBlockAccess(cdb)?.write === false,
      depth: this.#depth,
      segmentLength,
    });
  }
}
