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
          "import { chapDigest } from './core/node/chap-digests.ts';\nimport { chapResponse } from './core/login/chap.ts';\n" +
          'export const answer = (...exchange) => chapResponse(chapDigest, ...exchange);\n' +
          "export { fastCrc32c } from './core/node/native-crc32c.ts';",
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

  // Computed with Python's hashlib over bytes([identifier]) + secret + challenge, each both ways of a mutual login.
  const THERE = [0x01, '6f70656e2d736573616d652d32303236', '000102030405060708090a0b0c0d0e0f'] as const;
  const BACK = [
    0xff,
    '6120746172676574e2809973206f776e20736563726574',
    'fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0',
  ] as const;
  it.each([
    [5, 'MD5', THERE, 'f4dc5e92ea873826f3cfec6fb82432f3'],
    [5, 'MD5', BACK, 'b6ff323000d3fe00a78bfd70cb6d95e3'],
    [6, 'SHA-1', THERE, '411cfc364d0b2e974f9e843f30d410f027eac874'],
    [6, 'SHA-1', BACK, 'f2a2c51a58c66e35cf0339e32d6caa23a9465a13'],
    [7, 'SHA-256', THERE, '2865be1bed9795fd94d9b4900178381c164cbb9e8113100436e5b759a5109b3b'],
    [7, 'SHA-256', BACK, '25aecd2aa90911161577203937b8ad16fb31d241304afd320df46452c9bce1c1'],
    [8, 'SHA3-256', THERE, 'd0c61b24fda6eed66855be022da9e42e63716d4c81d44a9374aed651aa632a4e'],
    [8, 'SHA3-256', BACK, 'c16d04d98dae60b8b79d8bbe11b2ef0a41319046a20d557be7aec0490b8c0182'],
  ])('answers a CHAP challenge with algorithm %i, %s', async (algorithm, _name, exchange, expected) => {
    expect(await inMain({ name: 'answer', args: [algorithm, ...exchange] })).toBe(expected);
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
