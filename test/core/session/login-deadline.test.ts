import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../core/initiator/index.ts';

const mute = createServer((socket) => socket.resume());
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  port = (mute.address() as AddressInfo).port;
});

afterAll(() => {
  mute.close();
});

describe('the deadline of a login', () => {
  it('counts from the moment the connection is up, whatever connecting was allowed to take', async () => {
    const started = performance.now();
    const options = { target: 'iqn.2026-01.test:mute', connectTimeoutMs: 60_000, loginTimeoutMs: 150 };
    const error: unknown = await connect({ host: '127.0.0.1', port }, options).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'LOGIN_TIMEOUT', retryable: true });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
