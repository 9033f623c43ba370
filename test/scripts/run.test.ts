import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Run = (command: string, args: readonly string[], options?: { readonly quiet?: boolean }) => Promise<number>;

const { run } = (await import(join(import.meta.dirname, '../../scripts/lib/run.mjs'))) as { run: Run };

describe.runIf(process.platform !== 'win32')('running a command', () => {
  it.each([
    ['exit 0', 0],
    ['exit 9', 9],
    ['kill -KILL $$', 128 + 9],
    ['kill -TERM $$', 128 + 15],
  ])('gives the code of "%s" as a shell would: %i', async (command, code) => {
    expect(await run('/bin/sh', ['-c', command], { quiet: true })).toBe(code);
  });
});
