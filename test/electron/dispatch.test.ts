import { describe, expect, it } from 'vitest';
import { TransportError, UsageError } from '../../core/errors/index.ts';
import { settings as schema } from '../../electron/contract/settings.ts';
import { answerRequest, type Handlers } from '../../electron/main/ipc/dispatch.ts';
import { isSafeExternalUrl } from '../../electron/main/ipc/app.ts';

const settings = schema.parse({ theme: 'dark' });

function handlersWith(own: Partial<Handlers>): Handlers {
  return new Proxy(own as Handlers, {
    get: (target, name: keyof Handlers) =>
      name in target ? target[name] : () => Promise.reject(new Error(`${name} was not expected`)),
  });
}

const silent = (): void => undefined;

describe('answering a request', () => {
  it('gives the value its handler gave', async () => {
    const handlers = handlersWith({ 'settings.read': () => settings });
    expect(await answerRequest(handlers, 'settings.read', undefined, silent)).toEqual({ ok: true, value: settings });
  });

  it('drops what the contract does not name, so that nothing leaks by accident', async () => {
    const handlers = handlersWith({ 'settings.read': () => ({ ...settings, chapSecret: 'hidden' }) });
    const answer = await answerRequest(handlers, 'settings.read', undefined, silent);
    expect(JSON.stringify(answer)).not.toContain('hidden');
  });

  it('names the field that was refused and never calls the handler', async () => {
    let called = false;
    const handlers = handlersWith({
      'settings.write': () => {
        called = true;
        return settings;
      },
    });
    const answer = await answerRequest(handlers, 'settings.write', { theme: 7 }, silent);
    expect(answer).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
    expect(answer).toHaveProperty('error.message', 'The request settings.write was refused: theme is not valid.');
    expect(called).toBe(false);
  });

  it("carries the core's errors whole: code, sentence, hint, facts", async () => {
    const handlers = handlersWith({
      'settings.read': () => {
        throw new TransportError('CONNECT_REFUSED', 'Nothing listens there.', {
          hint: 'Check the port.',
          retryable: true,
          details: { port: 3260 },
        });
      },
    });
    expect(await answerRequest(handlers, 'settings.read', undefined, silent)).toEqual({
      ok: false,
      error: {
        name: 'TransportError',
        code: 'CONNECT_REFUSED',
        message: 'Nothing listens there.',
        hint: 'Check the port.',
        retryable: true,
        details: { port: 3260 },
        raw: null,
      },
    });
  });

  it('hides what an unexpected error says, and logs it', async () => {
    const logged: unknown[] = [];
    const failure = new Error('/home/someone/secret');
    const handlers = handlersWith({ 'settings.read': () => Promise.reject(failure) });
    const answer = await answerRequest(handlers, 'settings.read', undefined, (error) => logged.push(error));
    expect(answer).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(logged).toEqual([failure]);
  });

  it('lets a handler refuse with a usage error', async () => {
    const handlers = handlersWith({
      'app.openExternal': () => Promise.reject(new UsageError('BAD_ARGUMENT', 'Only https links are opened.')),
    });
    const answer = await answerRequest(handlers, 'app.openExternal', { url: 'ftp://x' }, silent);
    expect(answer).toMatchObject({ ok: false, error: { code: 'BAD_ARGUMENT' } });
  });
});

describe('links out', () => {
  it.each([
    ['https://www.rfc-editor.org/rfc/rfc7143', true],
    ['http://www.rfc-editor.org/', false],
    ['https://user@host.invalid/', false],
    ['https://user:pw@host.invalid/', false],
    ['javascript:alert(1)', false],
    ['file:///etc/passwd', false],
    ['', false],
    ['https://', false],
    ['//host/path', false],
  ])('%s', (url, safe) => {
    expect(isSafeExternalUrl(url)).toBe(safe);
  });
});
