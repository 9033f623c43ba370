import { describe, expect, it } from 'vitest';
import {
  AuthError,
  CancelledError,
  ERROR_CODES,
  LoginError,
  LunascopeError,
  ProtocolError,
  ScsiError,
  TaskError,
  TimeoutError,
  TransportError,
  UsageError,
} from '../../../core/errors/index.ts';

describe('errors', () => {
  it('carry what a person is told and what a program asks for', () => {
    const cause = new Error('below');
    const error = new TransportError('CONNECTION_LOST', 'Gone.', {
      hint: 'Look at the cable.',
      retryable: true,
      details: { port: 3260 },
      cause,
    });
    expect(error).toBeInstanceOf(LunascopeError);
    expect([error.name, error.code, error.message, error.hint, error.retryable, error.details, error.cause]).toEqual([
      'TransportError',
      'CONNECTION_LOST',
      'Gone.',
      'Look at the cable.',
      true,
      { port: 3260 },
      cause,
    ]);
  });

  it('are not to be tried again, and say no more than their sentence, where nothing else is said', () => {
    for (const error of [
      new TransportError('IO_FAILED', 'x'),
      new ProtocolError('PROTOCOL_DATA', 'x'),
      new LoginError('LOGIN_REFUSED', 'x'),
      new AuthError('AUTH_REFUSED', 'x'),
      new TaskError('TASK_ABORTED', 'x'),
      new TimeoutError('TIMEOUT_COMMAND', 'x'),
      new CancelledError('CANCELLED', 'x'),
      new UsageError('BAD_ARGUMENT', 'x'),
      new ScsiError('SCSI_BUSY', 'x'),
    ]) {
      expect([error.retryable, error.hint, error.details, error.cause]).toEqual([false, undefined, {}, undefined]);
      expect(error.name).toBe(error.constructor.name);
      expect(ERROR_CODES).toContain(error.code);
    }
  });

  it('of SCSI keep status, sense and command as they were', () => {
    const plain = new ScsiError('SCSI_STATUS', 'x');
    expect([plain.status, plain.sense.length, plain.cdb.length]).toEqual([0, 0, 0]);
    const full = new ScsiError('SCSI_CHECK_CONDITION', 'x', {
      status: 2,
      sense: Uint8Array.of(0x70),
      cdb: Uint8Array.of(0x28),
    });
    expect([full.status, [...full.sense], [...full.cdb]]).toEqual([2, [0x70], [0x28]]);
  });

  it('are written as JSON whole, with null where there is no hint', () => {
    const options = { hint: 'Wait.', retryable: true, details: { waitedMs: 5 } };
    expect(JSON.parse(JSON.stringify(new TimeoutError('TIMEOUT_COMMAND', 'Late.', options)))).toEqual({
      name: 'TimeoutError',
      code: 'TIMEOUT_COMMAND',
      message: 'Late.',
      hint: 'Wait.',
      retryable: true,
      details: { waitedMs: 5 },
    });
    expect(new UsageError('BAD_ARGUMENT', 'No.').toJSON()).toMatchObject({ hint: null, retryable: false, details: {} });
  });

  it('have each code once', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  });
});
