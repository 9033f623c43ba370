import { TaskError, type LunascopeError } from '../errors/index.ts';
import { decodeSense, SENSE_KEY } from '../scsi/index.ts';
import { changedError, type SessionCore } from './core.ts';
import { fingerprint, KnownUnits, type IdentityProbe, type KnownUnit } from './identity.ts';
import { sendQueued } from './send-command.ts';
import { Task } from './task.ts';

const CHECK_CONDITION = 0x02;
const BUSY = 0x08;
const UNIT_ATTENTIONS = 8;

/** What was found of a unit: the same, another (and how it differs), or no answer that tells. */
export type UnitFinding =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly why: string }
  | { readonly kind: 'unclear'; readonly why: string };

type Told = (unit: KnownUnit, finding: UnitFinding) => void;

/** Asks units anew who they are, before anything else is sent to them. */
export class IdentityCheck {
  readonly #core: SessionCore;
  readonly #told: Told;
  #over = false;

  /** `told` is called once for each unit. */
  constructor(core: SessionCore, told: Told) {
    this.#core = core;
    this.#told = told;
  }

  start(units: readonly KnownUnit[]): void {
    for (const unit of units) this.#ask(unit, unit.identity.probes, 0);
    sendQueued(this.#core);
  }

  /** No findings are wanted any more. */
  cancel(): void {
    this.#over = true;
  }

  /** One command after another, so that a unit attention meets the first. */
  #ask(unit: KnownUnit, probes: readonly IdentityProbe[], attempt: number): void {
    const [probe, ...rest] = probes;
    if (probe === undefined) {
      this.#told(unit, { kind: 'same' });
      return;
    }
    const { lunHigh, lunLow } = unit.identity;
    const answer = new Uint8Array(probe.length);
    const { loginTimeoutMs } = this.#core.options;
    const request = { lunHigh, lunLow, cdb: probe.cdb, dataIn: answer, idempotent: true, timeoutMs: loginTimeoutMs };
    const task = new Task(request, (done) => {
      if (this.#over) return;
      const key = done.sense === undefined ? undefined : decodeSense(done.sense)?.key;
      const again = (done.status === CHECK_CONDITION && key === SENSE_KEY.UNIT_ATTENTION) || done.status === BUSY;
      if (done.error === undefined && again && attempt < UNIT_ATTENTIONS) {
        this.#ask(unit, probes, attempt + 1);
        return;
      }
      const finding = compare(probe, done, answer);
      if (finding === undefined) this.#ask(unit, rest, 0);
      else this.#told(unit, finding);
    });
    task.submittedAt = this.#core.host.now();
    task.deadline = task.submittedAt + loginTimeoutMs;
    task.state = 'queued';
    task.retries = 1;
    this.#core.probes.add(task);
    this.#core.watch(task.deadline);
    sendQueued(this.#core);
  }
}

function compare(probe: IdentityProbe, done: Task, answer: Uint8Array): UnitFinding | undefined {
  if (done.error !== undefined) return { kind: 'unclear', why: done.error.message };
  if (done.status !== 0)
    return { kind: 'unclear', why: `it answers the question for its ${probe.fact} with status 0x${hex(done.status)}.` };
  const print = fingerprint(probe.fact, answer.subarray(0, done.received));
  if (print === undefined) return { kind: 'unclear', why: `it no longer tells its ${probe.fact}.` };
  if (print === probe.print) return undefined;
  return { kind: 'changed', why: `its ${probe.fact} is not what it was.` };
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** A unit is not the one it was: what waits to be sent to it ends, but for what `spare` lets go on. */
export function endChanged(
  core: SessionCore,
  unit: KnownUnit,
  why: string,
  spare: (task: Task) => boolean = () => false,
): void {
  core.units.markChanged(unit, why);
  core.emit({ kind: 'warning', text: changedError(why).message });
  const { lunHigh, lunLow } = unit.identity;
  const key = KnownUnits.key(lunHigh, lunLow);
  for (const task of core.queue.all())
    if (KnownUnits.key(task.lunHigh, task.lunLow) === key && !spare(task)) core.finish(task, changedError(why));
}

/** What a login ends with after which units would not say who they are. */
export function unclearError(why: string): LunascopeError {
  return new TaskError('TASK_IDENTITY_CHANGED', `After the login a unit could not be recognised: ${why}`, {
    retryable: true,
  });
}
