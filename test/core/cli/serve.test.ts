import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../core/cli/main.ts';
import { connect } from '../../../core/initiator/index.ts';

/** A command line that runs until it is stopped. */
class Running {
  readonly #abort = new AbortController();
  readonly #out = new PassThrough();
  readonly code: Promise<number>;
  text = '';
  log = '';

  constructor(args: readonly string[]) {
    const err = new PassThrough();
    this.#out.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    err.setEncoding('utf8').on('data', (chunk: string) => (this.log += chunk));
    this.code = runCli(args, {
      stdin: new PassThrough(),
      stdout: this.#out,
      stderr: err,
      env: {},
      signal: this.#abort.signal,
    });
  }

  /** The first URL it prints. */
  async url(): Promise<URL> {
    while (!this.text.includes('\n')) await new Promise((resolve) => this.#out.once('data', resolve));
    return new URL(this.text.split('\n')[0] ?? '');
  }

  async stop(): Promise<number> {
    this.#abort.abort();
    return this.code;
  }
}

describe('serve', () => {
  const folders: string[] = [];
  const running: Running[] = [];
  const serve = (...args: string[]): Running => {
    const one = new Running(['serve', '--port', '0', ...args]);
    running.push(one);
    return one;
  };
  const image = async (bytes: Uint8Array): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'serve-'));
    folders.push(folder);
    const path = join(folder, 'My Disk.img');
    await writeFile(path, bytes);
    return path;
  };
  const portalOf = (url: URL) => ({ host: url.hostname, port: Number(url.port) });
  const targetOf = (url: URL): string => url.pathname.split('/')[1] ?? '';

  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it('shares an image, read-only, under a name made of its own, and stops when told to', async () => {
    const path = await image(new Uint8Array(4096).fill(0x5a));
    const one = serve('--image', path, '--log');
    const url = await one.url();
    expect(targetOf(url)).toBe('iqn.2026-01.org.lunascope:my-disk.img');
    const session = await connect(portalOf(url), { target: targetOf(url) });
    const disk = await session.disk(0);
    expect([disk.blocks, (await disk.read(7n, 1))[0]]).toEqual([8n, 0x5a]);
    await expect(disk.write(0n, new Uint8Array(512))).rejects.toMatchObject({ code: 'WRITE_PROTECTED' });
    await session.logout();
    expect(await one.stop()).toBe(0);
    expect(one.log).toContain('logged in at iqn.2026-01.org.lunascope:my-disk.img');
    expect(one.log).toContain('READ(');
  });

  it('writes to the image when it may', async () => {
    const path = await image(new Uint8Array(4096));
    const url = await serve('--image', path, '--writable').url();
    const session = await connect(portalOf(url), { target: targetOf(url) });
    const disk = await session.disk(0);
    await disk.write(3n, new Uint8Array(512).fill(7));
    await disk.flush();
    expect((await disk.read(3n, 1))[511]).toBe(7);
    await session.logout();
  });

  it('makes a sparse image that takes no room', async () => {
    const path = join(await image(new Uint8Array(512)), '..', 'new.img');
    const url = await serve('--image', path, '--create', '1G', '--writable').url();
    const session = await connect(portalOf(url), { target: targetOf(url) });
    const disk = await session.disk(0);
    await disk.write(disk.blocks - 1n, new Uint8Array(512).fill(1));
    await session.logout();
    const { size, blocks } = await stat(path);
    expect([size, blocks * 512 < 1024 * 1024]).toEqual([1024 ** 3, true]);
    const again = serve('--image', path, '--create', '1G');
    expect(await again.code).not.toBe(0);
    expect(again.log).toContain('is there already');
  });

  it('asks for the secret of a CHAP file', async () => {
    const path = await image(new Uint8Array(512));
    const chap = join(path, '..', 'chap');
    await writeFile(chap, 'alice:a-long-enough-secret\n');
    const url = await serve('--image', path, '--chap-file', chap).url();
    expect(url.username).toBe('alice');
    await expect(connect(portalOf(url), { target: targetOf(url) })).rejects.toThrow();
    const session = await connect(portalOf(url), {
      target: targetOf(url),
      chap: { user: 'alice', secret: 'a-long-enough-secret' },
    });
    await session.logout();
  });

  it('advises against a short secret, and serves all the same', async () => {
    const chap = join(await image(new Uint8Array(512)), '..', 'chap');
    await writeFile(chap, 'alice:short\n');
    const one = serve('--memory', '1M', '--chap-file', chap);
    await one.url();
    expect(one.log).toContain('The CHAP secret of the initiator has 5 bytes');
  });

  it('says where others find it when it listens on every address', async () => {
    const url = await serve('--memory', '1M', '--host', '0.0.0.0').url();
    expect(url.hostname).not.toBe('0.0.0.0');
    const session = await connect(portalOf(url), { target: targetOf(url) });
    await session.logout();
  });

  it('names an address that is not of this computer, and does not blame the port', async () => {
    const run = serve('--memory', '1M', '--host', '192.0.2.9');
    expect(await run.code).toBe(1);
    expect(run.log).toMatch(/this computer does not have that address[^]*Choose an address of this computer/u);
  });

  it.each([
    ['', 'is empty'],
    ['alice\n', 'user:secret'],
    ['alice:a-long-enough-secret\nbob:a-long-enough-secret\n', 'same secret'],
    ['alice:a-long-enough-secret\nbob:another-secret-of-ours\ncarol:one-secret-too-many\n', 'more than two lines'],
  ])('refuses a CHAP file of %j', async (content, sentence) => {
    const chap = join(await image(new Uint8Array(512)), '..', 'chap');
    await writeFile(chap, content);
    const one = serve('--memory', '1M', '--chap-file', chap);
    expect(await one.code).toBe(2);
    expect(one.log).toContain(sentence);
  });

  it.each([
    [['--memory', '1000'], 'whole number of blocks'],
    [['--image', '/no/such/file'], 'There is no file'],
    [[], 'One of --image'],
    [['--memory', '1M', '--demo'], 'One of --image'],
    [['--memory', '1M', '--physical-block-size', '700'], 'power of two'],
    [['--image', tmpdir()], 'is a directory'],
    [['--image', '/dev/null'], 'is a device or a pipe'],
    [['--memory', '1M', '--create', '1M'], '--create has no effect'],
    [['--demo', '--chap-file', '/no/such/file'], '--chap-file has no effect'],
    [['--memory', '1M', '--optical', '--writable'], 'read-only'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const one = serve(...args);
    expect(await one.code).not.toBe(0);
    expect(one.log).toContain(sentence);
  });
});
