import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
// Inside the project, so that the test in it finds vitest.
mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
const folder = mkdtempSync(join(root, 'node_modules/.cache/second-try-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('is told with what failed at first; what passed at once is not named', async () => {
  writeFileSync(
    join(folder, 'tries.test.mjs'),
    `import { expect, it } from 'vitest';
     let tries = 0;
     it('passes at last', { retry: 1 }, () => expect(++tries, 'the count of tries').toBe(2));
     it('passes at once', { retry: 1 }, () => expect(1).toBe(1));`,
  );
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    "export default { test: { include: ['*.test.mjs'], exclude: [] } };",
  );
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    `--root=${folder}`,
    `--reporter=${join(root, 'scripts/lib/second-try.mjs')}`,
  ]);
  expect(stdout).toMatch(/^At the second try: tries.test.mjs > passes at last: AssertionError: the count of tries/m);
  expect(stdout).toMatch(/^  at .*tries.test.mjs/m);
  expect(stdout).not.toContain('passes at once');
});
