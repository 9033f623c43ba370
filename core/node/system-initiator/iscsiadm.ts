import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { AuthError, LoginError, TransportError, UsageError, type LunascopeError } from '../../errors/index.ts';

const TIMEOUT_MS = 120_000;
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Exit codes of iscsiadm that are good news: there is nothing to list, or a session is there already. */
export const EXIT = { sessionExists: 15, nothingFound: 21 } as const;

const REASONS: Readonly<Record<number, string>> = {
  1: 'a general error',
  2: 'the session was not found',
  3: 'it is out of memory',
  4: 'the connection to the portal failed',
  5: 'a login is needed first',
  6: 'its database could not be read or written',
  7: 'the arguments were wrong',
  8: 'the connection timed out',
  9: 'an internal error',
  10: 'the logout failed',
  11: 'the database is locked',
  12: 'the iSCSI driver of the kernel is not loaded',
  13: 'root rights are needed',
  16: 'the session does not answer',
  17: 'this is not supported',
  18: 'iscsid, its daemon, does not answer',
  19: 'the target refused the login and says the fault is ours',
  20: 'iscsid, its daemon, is not running',
  22: 'the authentication failed',
  24: 'the authentication failed',
  25: 'the discovery failed',
};

/** How iscsiadm ended. */
export interface Ran {
  readonly exit: number;
  readonly output: string;
  readonly complaint: string;
}

/** How to run iscsiadm. */
export interface IscsiadmOptions {
  /** Directory to change the root to; none where it is left out. */
  readonly chrootDirectory?: string;
  /** The program; `iscsiadm` from the path where it is left out. */
  readonly program?: string;
  readonly timeoutMs?: number;
}

/** Where programs for administrators are; the path of a desktop user often leaves them out. */
const ADMIN_FOLDERS = ['/usr/sbin', '/sbin'];

function searchPath(): string[] {
  return [...new Set([...(process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute), ...ADMIN_FOLDERS])];
}

/** Whether there is an iscsiadm that this user may run, in the system under `root`. */
export async function hasIscsiadm(root = ''): Promise<boolean> {
  for (const folder of searchPath()) {
    const there = await access(join(root, folder, 'iscsiadm'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}

/** Runs iscsiadm with arguments, never through a shell. */
export function runIscsiadm(args: readonly string[], options: IscsiadmOptions): Promise<Ran> {
  const { chrootDirectory, program = 'iscsiadm', timeoutMs = TIMEOUT_MS } = options;
  const [file, all] = chrootDirectory === undefined ? [program, args] : ['chroot', [chrootDirectory, program, ...args]];
  return new Promise((resolve, reject) => {
    const settings = {
      timeout: timeoutMs,
      maxBuffer: MOST_OUTPUT,
      killSignal: 'SIGKILL',
      env: { ...process.env, LC_ALL: 'C', PATH: searchPath().join(delimiter) },
    } as const;
    execFile(file, [...all], settings, (error, output, complaint) => {
      if (error === null) resolve({ exit: 0, output, complaint });
      else if (typeof error.code === 'number') resolve({ exit: error.code, output, complaint });
      else reject(notRun(error, file, timeoutMs));
    });
  });
}

function notRun(
  error: Error & { code?: unknown; killed?: boolean | undefined },
  file: string,
  timeoutMs: number,
): LunascopeError {
  if (error.code === 'ENOENT')
    return new UsageError('UNSUPPORTED', `This computer has no ${file}.`, {
      hint: 'Its own initiator belongs to Linux: install the package open-iscsi (iscsi-initiator-utils on Red Hat). Lunascope itself needs neither.',
      cause: error,
    });
  if (error.code === 'EACCES')
    return new UsageError('UNSUPPORTED', `${file} may not be run by this user.`, { cause: error });
  if (error.killed === true)
    return new TransportError('IO_FAILED', `${file} was not done after ${String(timeoutMs / 1000)} s and was ended.`, {
      retryable: true,
      cause: error,
    });
  return new TransportError('IO_FAILED', `${file} could not be run: ${error.message}`, { cause: error });
}

/** The error of a run that failed; `what` is what was to be done. */
export function failedRun(what: string, ran: Ran): LunascopeError {
  const said = firstLine(ran.complaint) ?? firstLine(ran.output);
  const why = REASONS[ran.exit] ?? 'it did not say why';
  const sentence = `This computer's initiator could not ${what}: ${why} (iscsiadm exit ${String(ran.exit)}).`;
  const details = { exit: ran.exit, ...(said === undefined ? {} : { said }) };
  switch (ran.exit) {
    case 4:
      return new TransportError('CONNECT_REFUSED', sentence, { details, retryable: true });
    case 8:
      return new TransportError('CONNECT_TIMEOUT', sentence, { details, retryable: true });
    case 12:
      return new UsageError('UNSUPPORTED', sentence, { details, hint: 'Load the kernel module iscsi_tcp, as root.' });
    case 13:
      return new UsageError('UNSUPPORTED', sentence, {
        details,
        hint: 'Run Lunascope as root for this, or use its own sessions, which need no rights.',
      });
    case 18:
    case 20:
      return new UsageError('UNSUPPORTED', sentence, { details, hint: 'Start the service iscsid.' });
    case 22:
    case 24:
      return new AuthError('AUTH_REFUSED', sentence, { details: { ...details, side: 'initiator', step: 'login' } });
    case 19:
      return new LoginError('LOGIN_REFUSED', sentence, { details });
    default:
      return new TransportError('IO_FAILED', sentence, { details });
  }
}

function firstLine(text: string): string | undefined {
  const line = text.split('\n').find((each) => each.trim() !== '');
  return line?.trim().slice(0, 200);
}
