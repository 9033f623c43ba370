import { decodeSense, SENSE_KEY, statusError } from '../scsi/index.ts';
import type { SessionMachine, Task } from '../session/index.ts';
import { runTask } from './execute.ts';
import { checkDeadline } from './options.ts';
import { lunWords, type LunAddress } from './raw.ts';
import { withScsiRetries, type RetryNotice } from './retry.ts';

/** What goes with a typed command. */
export interface CommandOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Connection to send it over; the least busy where it is left out. */
  readonly connection?: number;
}

/** A typed command: its CDB, its data, and what it may do. */
export interface CommandRequest {
  readonly lun: LunAddress;
  readonly cdb: Uint8Array;
  readonly dataIn?: Uint8Array;
  /** In place of `dataIn`: gives memory for `expectedIn` bytes once the first of them come. */
  readonly takeDataIn?: () => Uint8Array;
  readonly expectedIn?: number;
  readonly dataOut?: Uint8Array;
  /** The data must come whole (block reads). */
  readonly whole?: boolean;
  readonly idempotent?: boolean;
  readonly noProgressMs?: number;
  readonly deviceType?: number;
}

/** Whether the unit says that it had to correct something but has done what was asked, with every byte moved (SPC-5 4.5.6). */
function isRecovered(task: Task): boolean {
  const sense = task.sense === undefined ? undefined : decodeSense(task.sense);
  if (sense === undefined || sense.deferred || sense.key !== SENSE_KEY.RECOVERED_ERROR) return false;
  return task.residual === 0 && task.received === task.expectedIn && task.movedOut === task.expectedOut;
}

/** Runs typed commands: any status but GOOD is a ScsiError, and what SAM says to wait out is waited out. */
export class Commander {
  readonly machine: SessionMachine;
  readonly #notice: RetryNotice;
  readonly #guard: () => void;

  /** `guard` is asked before each attempt, and ends the command by throwing. */
  constructor(machine: SessionMachine, notice: RetryNotice, guard: () => void = () => undefined) {
    this.machine = machine;
    this.#notice = notice;
    this.#guard = guard;
  }

  /** The same, with a guard of its own. */
  guarded(guard: () => void): Commander {
    return new Commander(this.machine, this.#notice, guard);
  }

  /** Runs a command and returns the data it read, as much as came. */
  async run(request: CommandRequest, options: CommandOptions = {}): Promise<Uint8Array> {
    const { lun, deviceType, ...rest } = request;
    const { signal, timeoutMs, connection } = options;
    if (timeoutMs !== undefined) checkDeadline('timeoutMs', timeoutMs);
    const taskRequest = { ...lunWords(lun), ...rest, ...(connection === undefined ? {} : { connection }) };
    const once = async (remainingMs: number): Promise<Task> => {
      this.#guard();
      const task = await runTask(this.machine, { ...taskRequest, timeoutMs: remainingMs }, signal);
      const error = statusError(task.status, task.sense, task.cdb, deviceType);
      if (error === undefined) {
        if (task.warning !== undefined) this.#notice(task.warning, undefined);
        return task;
      }
      if (!isRecovered(task)) throw error;
      this.#notice('The unit recovered from an error by itself; the data is good.', error);
      return task;
    };
    const task = await withScsiRetries(
      once,
      timeoutMs ?? this.machine.core.options.commandTimeoutMs,
      this.#notice,
      signal,
    );
    return task.dataIn?.subarray(0, task.received) ?? new Uint8Array(0);
  }

  /** Runs a command that reads up to `length` bytes and changes nothing. */
  query(lun: LunAddress, cdb: Uint8Array, length: number, options?: CommandOptions): Promise<Uint8Array> {
    return this.run({ lun, cdb, dataIn: new Uint8Array(length), idempotent: true }, options);
  }
}
