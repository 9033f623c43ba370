import { ScsiError } from '../errors/index.ts';
import { decodeSense, SENSE_KEY } from '../scsi/index.ts';
import { cancelled } from './execute.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
const UNIT_ATTENTIONS = 8;

/** What is told while a command is tried again. */
export type RetryNotice = (text: string, error: ScsiError | undefined) => void;

function isUnitAttention(error: ScsiError): boolean {
  return (
    error.code === 'SCSI_CHECK_CONDITION' &&
    error.sense.length > 0 &&
    decodeSense(error.sense)?.key === SENSE_KEY.UNIT_ATTENTION
  );
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      if (signal !== undefined) reject(cancelled(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Runs a command as SAM-5 5.3 means it: a unit attention is noted and the command sent again, BUSY and TASK SET FULL are
 * waited out until `deadlineMs` from now; each of these was not carried out. Everything else ends it.
 */
export async function withScsiRetries<T>(
  run: (remainingMs: number) => Promise<T>,
  deadlineMs: number,
  notice: RetryNotice,
  signal?: AbortSignal,
): Promise<T> {
  const started = performance.now();
  let attentions = 0;
  let wait = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await run(Math.max(1, deadlineMs - (performance.now() - started)));
    } catch (error) {
      if (!(error instanceof ScsiError)) throw error;
      if (isUnitAttention(error) && attentions < UNIT_ATTENTIONS && performance.now() - started < deadlineMs) {
        attentions += 1;
        notice('Unit attention; the command is sent again.', error);
        continue;
      }
      const busy = error.code === 'SCSI_BUSY' || error.code === 'SCSI_TASK_SET_FULL';
      if (!busy || performance.now() - started + wait > deadlineMs) throw error;
      notice(
        `${error.code === 'SCSI_BUSY' ? 'The unit is busy' : "The unit's queue is full"}; trying again in ${String(wait)} ms.`,
        error,
      );
      await pause(wait, signal);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
    }
  }
}
