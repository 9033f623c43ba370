import { describe, expect, it } from 'vitest';
import { howEnded, transportError } from '../../../core/node/socket-errors.ts';

describe('how a connection ended', () => {
  it.each([
    [undefined, 'target-closed'],
    ['ECONNRESET', 'target-reset'],
    ['EPIPE', 'target-reset'],
    ['ETIMEDOUT', 'unknown'],
    ['EHOSTUNREACH', 'unknown'],
  ])('is told by the error %s', (code, end) => {
    const failure =
      code === undefined ? undefined : transportError(Object.assign(new Error(code), { code }), 'disk:3260');
    expect(howEnded(failure)).toBe(end);
  });
});
