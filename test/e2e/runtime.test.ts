import { build } from 'esbuild';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchApp, type RunningApp } from './support/electron.ts';

const root = join(import.meta.dirname, '..', '..');

/** What the core takes from its runtime, run inside Electron's own main process: its BoringSSL is not Node's OpenSSL. */
describe("the core on Electron's own runtime", () => {
  let running: RunningApp;
  let bundle: string;
  beforeAll(async () => {
    running = await launchApp();
    bundle = join(running.stage.app, 'core-node.cjs');
    await build({
      stdin: {
        contents:
          "export { chapDigest } from './core/node/chap-digests.ts';\nexport { fastCrc32c } from './core/node/native-crc32c.ts';",
        resolveDir: root,
        loader: 'ts',
      },
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node16.17',
      external: ['@node-rs/crc32'],
      define: { 'import.meta.url': 'bundleUrl' },
      banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    });
    chmodSync(bundle, 0o644);
  });
  afterAll(() => running.close());

  const inMain = (task: { readonly name: string; readonly args: readonly unknown[] }) =>
    running.app.evaluate(
      (_electron, { path, name, args }) => {
        const { mainModule } = process as unknown as { mainModule?: { require: (path: string) => unknown } };
        const load = mainModule?.require.bind(mainModule);
        if (load === undefined) throw new Error('The main process has no main module.');
        const core = load(path) as Record<string, (...given: unknown[]) => unknown>;
        const given = args.map((arg) => (typeof arg === 'string' ? Uint8Array.from(Buffer.from(arg, 'hex')) : arg));
        const result = core[name]?.(...given);
        return result instanceof Uint8Array ? Buffer.from(result).toString('hex') : result;
      },
      { path: bundle, ...task },
    );

  // The digests of "abc" as RFC 1321, FIPS 180-4 and FIPS 202 publish them.
  it.each([
    [5, 'MD5', '900150983cd24fb0d6963f7d28e17f72'],
    [6, 'SHA-1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    [7, 'SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [8, 'SHA3-256', '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532'],
  ])('hashes with CHAP algorithm %i, %s', async (algorithm, _name, expected) => {
    expect(await inMain({ name: 'chapDigest', args: [algorithm, '616263'] })).toBe(expected);
  });

  // RFC 7143 Appendix A.4: 32 bytes of zeroes, of ones, and counting up; repeated they take the native path too.
  it.each([
    ['00'.repeat(32), 0x8a9136aa],
    ['ff'.repeat(32), 0x62a8ab43],
    [Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0')).join(''), 0x46dd794e],
  ])('sums CRC32C of %s', async (bytes, expected) => {
    expect(await inMain({ name: 'fastCrc32c', args: [bytes] })).toBe(expected);
  });

  it('sums long data natively to the same value as in one piece', async () => {
    const whole = await inMain({ name: 'fastCrc32c', args: ['ab'.repeat(4096)] });
    const first = await inMain({ name: 'fastCrc32c', args: ['ab'.repeat(100)] });
    expect(await inMain({ name: 'fastCrc32c', args: ['ab'.repeat(3996), first] })).toBe(whole);
    const pid = await running.app.evaluate(() => process.pid);
    expect(readFileSync(`/proc/${String(pid)}/maps`, 'utf8')).toMatch(/crc32[\w.-]*\.node/);
  });
});
