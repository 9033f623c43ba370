import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentServer, isOwnUrl } from '../../electron/main/shell/content.ts';

describe('serving app://', () => {
  let folder: string;
  let answer: ReturnType<typeof contentServer>;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lunascope-content-'));
    mkdirSync(join(folder, 'site', 'assets'), { recursive: true });
    mkdirSync(join(folder, 'site-other'));
    writeFileSync(join(folder, 'site', 'index.html'), '<p>here</p>');
    writeFileSync(join(folder, 'site', 'assets', 'a b.js'), '1');
    writeFileSync(join(folder, 'site', 'notes.txt'), 'no');
    writeFileSync(join(folder, 'site-other', 'x.js'), 'secret');
    writeFileSync(join(folder, 'main.js'), 'secret');
    answer = contentServer(join(folder, 'site'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the page with its policy', async () => {
    const served = await answer('app://lunascope/', 'GET');
    expect(served.status).toBe(200);
    expect(Buffer.from(served.body).toString()).toBe('<p>here</p>');
    expect(served.headers['content-security-policy']).toContain("default-src 'none'");
    expect(served.headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    ['app://lunascope/assets/a%20b.js', 200],
    ['app://lunascope/notes.txt', 404],
    ['app://lunascope/assets', 404],
    ['app://lunascope/..%2fmain.js', 403],
    ['app://lunascope/%2e%2e%2fmain.js', 403],
    ['app://lunascope/..%2fsite-other%2fx.js', 403],
    ['app://lunascope/..%5cmain.js', 400],
    ['app://lunascope/main%00.js', 400],
    ['app://lunascope/%zz', 400],
    ['app://elsewhere/index.html', 404],
    ['app://lunascope.evil/index.html', 404],
    ['nonsense', 400],
  ])('%s is answered %i', async (url, status) => {
    const served = await answer(url, 'GET');
    expect(served.status).toBe(status);
    expect(Buffer.from(served.body).toString()).not.toContain('secret');
  });

  it('takes GET only', async () => {
    expect((await answer('app://lunascope/', 'POST')).status).toBe(405);
  });
});

describe('the own origin', () => {
  it.each([
    ['app://lunascope/', true],
    ['app://lunascope/assets/x.js', true],
    ['app://lunascope.evil/', false],
    ['app://lunascope@evil/', false],
    ['https://lunascope/', false],
    ['file:///app://lunascope/', false],
    ['about:blank', false],
    ['', false],
  ])('%s', (url, own) => {
    expect(isOwnUrl(url)).toBe(own);
  });
});
