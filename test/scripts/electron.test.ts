import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { holdToSha256 } = (await import(join(import.meta.dirname, '../../scripts/lib/electron.mjs'))) as {
  holdToSha256: (file: string, expected: string) => Promise<void>;
};

describe('holding a download to its SHA-256', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lunascope-sha-'));
    writeFileSync(join(folder, 'abc'), 'abc');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('takes what is right (FIPS 180-4, "abc")', async () => {
    const right = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    await expect(holdToSha256(join(folder, 'abc'), right)).resolves.toBeUndefined();
  });

  it('refuses what is not, and names both sums', async () => {
    const wrong = '0'.repeat(64);
    await expect(holdToSha256(join(folder, 'abc'), wrong)).rejects.toThrow(/SHA-256 ba7816bf.*expected 0{64}/);
  });

  it('refuses a file that is not there', async () => {
    await expect(holdToSha256(join(folder, 'none'), '')).rejects.toThrow('ENOENT');
  });
});
