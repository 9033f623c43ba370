import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  test: { name, include, environment: 'node', ...extra },
});

/** A busy machine is slower, not wrong. */
const PATIENT = { testTimeout: 30_000, hookTimeout: 30_000 };

/** The folders of core that are protocol and nothing else. */
const PURE = 'core/{bytes,errors,pdu,login,session,scsi,disk,trace,target}/**';

export default defineConfig({
  test: {
    reporters: ['default'],
    coverage: {
      provider: 'v8',
      include: [PURE],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { branches: 95 },
    },
    projects: [
      project('core', ['test/core/**/*.test.ts', 'test/scripts/**/*.test.ts', 'test/fuzz/**/*.test.ts'], PATIENT),
      project('electron', ['test/electron/**/*.test.ts'], PATIENT),
      project('renderer', ['test/renderer/**/*.test.{ts,tsx}'], { environment: 'happy-dom', ...PATIENT }),
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
