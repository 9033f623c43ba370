import { readU64 } from '../bytes/index.ts';
import { TaskError } from '../errors/index.ts';
import { TMF_FUNCTION_NAMES, TMF_FUNCTIONS, TMF_RESPONSE_NAMES } from '../pdu/index.ts';
import { lunFromNumber } from '../scsi/index.ts';
import type { SessionMachine, TmfInput } from '../session/index.ts';
import { promised } from './execute.ts';
import { checkDeadline } from './options.ts';
import type { LunAddress } from './raw.ts';

/** What a target said to a task management function. */
export interface TmfResult {
  readonly response: number;
  readonly name: string;
  /** The function was carried out. */
  readonly complete: boolean;
}

/** What goes with a task management function. */
export interface TaskOptions {
  /** Ends the waiting for an answer; what was sent cannot be called back. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Connection to send it on. */
  readonly connection?: number;
}

function lunNumber(lun: LunAddress): bigint {
  return readU64(typeof lun === 'number' ? lunFromNumber(lun) : lun, 0);
}

/** Task management (RFC 7143 11.5). Resets and CLEAR TASK SET end other initiators' commands too. */
export class TaskOps {
  readonly #machine: SessionMachine;

  constructor(machine: SessionMachine) {
    this.#machine = machine;
  }

  /** Sends a function by number and returns the target's answer, whatever it is. */
  async send(input: TmfInput & TaskOptions): Promise<TmfResult> {
    if (input.timeoutMs !== undefined) checkDeadline('timeoutMs', input.timeoutMs);
    const response = await promised<number>((done) => {
      this.#machine.manageTasks(input, done);
    }, input.signal);
    return { response, name: TMF_RESPONSE_NAMES[response] ?? `response ${String(response)}`, complete: response === 0 };
  }

  /** Aborts one task by its initiator task tag. */
  abortTask(lun: LunAddress, taskTag: number, options: TaskOptions = {}): Promise<TmfResult> {
    const task = this.#machine.core.tasks.get(taskTag);
    return this.send({
      function: TMF_FUNCTIONS.abortTask,
      lun: lunNumber(lun),
      referencedTaskTag: taskTag,
      refCmdSn: task?.cmdSn ?? this.#machine.core.window.cmdSn,
      ...(task === undefined ? {} : { connection: task.connection }),
      ...options,
    }).then((result) => {
      if (result.complete && task !== undefined)
        this.#machine.core.finish(
          task,
          new TaskError('TASK_ABORTED', `${TMF_FUNCTION_NAMES[TMF_FUNCTIONS.abortTask] ?? ''} ended the command.`),
        );
      return result;
    });
  }

  /** Aborts this session's tasks on a LUN. */
  abortTaskSet(lun: LunAddress, options?: TaskOptions): Promise<TmfResult> {
    return this.#onLun(TMF_FUNCTIONS.abortTaskSet, lun, options);
  }

  clearAca(lun: LunAddress, options?: TaskOptions): Promise<TmfResult> {
    return this.send({ ...options, function: TMF_FUNCTIONS.clearAca, lun: lunNumber(lun) });
  }

  /** Ends every task on a LUN, other initiators' too. */
  clearTaskSet(lun: LunAddress, options?: TaskOptions): Promise<TmfResult> {
    return this.#onLun(TMF_FUNCTIONS.clearTaskSet, lun, options);
  }

  /** Resets a LUN, for every initiator. */
  lunReset(lun: LunAddress, options?: TaskOptions): Promise<TmfResult> {
    return this.#onLun(TMF_FUNCTIONS.logicalUnitReset, lun, options);
  }

  /** Resets every LUN of the target, for every initiator. */
  targetWarmReset(options?: TaskOptions): Promise<TmfResult> {
    return this.#onAll(TMF_FUNCTIONS.targetWarmReset, options);
  }

  /** Resets the target; it may drop every session. */
  targetColdReset(options?: TaskOptions): Promise<TmfResult> {
    return this.#onAll(TMF_FUNCTIONS.targetColdReset, options);
  }

  /** Binds a task to the connection this is sent on (ERL 2). */
  reassign(
    lun: LunAddress,
    taskTag: number,
    options: TaskOptions & { readonly expDataSn?: number } = {},
  ): Promise<TmfResult> {
    return this.send({
      function: TMF_FUNCTIONS.taskReassign,
      lun: lunNumber(lun),
      referencedTaskTag: taskTag,
      ...options,
    });
  }

  async #onLun(tmf: number, lun: LunAddress, options?: TaskOptions): Promise<TmfResult> {
    const wire = lunNumber(lun);
    const result = await this.send({ ...options, function: tmf, lun: wire });
    if (result.complete) this.#endTasks(tmf, (high, low) => ((BigInt(high) << 32n) | BigInt(low)) === wire);
    return result;
  }

  async #onAll(tmf: number, options?: TaskOptions): Promise<TmfResult> {
    const result = await this.send({ ...options, function: tmf });
    if (result.complete) this.#endTasks(tmf, () => true);
    return result;
  }

  #endTasks(tmf: number, concerns: (lunHigh: number, lunLow: number) => boolean): void {
    const error = new TaskError('TASK_ABORTED', `${TMF_FUNCTION_NAMES[tmf] ?? 'Task management'} ended the command.`, {
      retryable: true,
    });
    for (const task of this.#machine.core.tasks.all())
      if (concerns(task.lunHigh, task.lunLow)) this.#machine.core.finish(task, task.abortReason ?? error);
  }
}
