import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  test: { name, include, environment: 'node', ...extra },
});

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      project('core', ['test/core/**/*.test.ts', 'test/scripts/**/*.test.ts', 'test/fuzz/**/*.test.ts']),
      project('electron', ['test/electron/**/*.test.ts']),
      project('renderer', ['test/renderer/**/*.test.{ts,tsx}'], { environment: 'happy-dom' }),
      project('interop', ['test/interop/**/*.test.ts'], {
        fileParallelism: false,
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('hostile', ['test/hostile/**/*.test.ts'], { testTimeout: 30_000 }),
      project('packaged', ['test/packaged/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 90_000 }),
      project('screens', ['test/screens/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 90_000 }),
      project('e2e', ['test/e2e/**/*.test.ts'], {
        fileParallelism: false,
        testTimeout: 60_000,
        hookTimeout: 90_000,
      }),
    ],
  },
});
