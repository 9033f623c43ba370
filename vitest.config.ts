import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  test: { name, include, environment: 'node', ...extra },
});

/** A busy machine is slower, not wrong. */
const PATIENT = { testTimeout: 30_000, hookTimeout: 30_000 };

/** Unit tests that take a second or more each: `npm test` runs them, the inner loop leaves them out. */
export const LONG = [
  'test/core/cli/{called-off,connection-lost,decode-ends,record-ends,settings,trace-verbs,verbs}.test.ts',
  'test/core/demo/demo-san.test.ts',
  'test/core/disk/variations.test.ts',
  'test/core/images/{full-disk,save,search}.test.ts',
  'test/core/initiator/{changed-unit,check,disk,pool,raw,session,shared-connection,tls}.test.ts',
  'test/core/node/{trace-open,trace-recording,uncached-trace}.test.ts',
  'test/core/scsi/hostile.test.ts',
  'test/core/session/{chaos,faults,pair,pair-recovery}.test.ts',
  'test/core/target/stores.test.ts',
  'test/core/trace/{byte-search,delta,growing,perturb}.test.ts',
  'test/electron/{another-disk,blocks,bytes-thread,comparing-images,images,interruptions,odd-blocks,recordings,trace-exports,trace-reading,trace-recorder,trace-sources}.test.ts',
  'test/fuzz/**/*.test.ts',
  'test/scripts/!(import-rules).test.ts',
];

/** No test of theirs leaves anything behind in a module, so they share one: half the time of a run was reading sources. */
const SHARED = { isolate: false };

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
      project('core', ['test/core/**/*.test.ts'], {
        exclude: LONG,
        ...SHARED,
        ...PATIENT,
      }),
      project('electron', ['test/electron/**/*.test.ts'], { exclude: LONG, ...SHARED, ...PATIENT }),
      project('scripts', ['test/scripts/**/*.test.ts'], { exclude: LONG, ...PATIENT }),
      project('long', LONG, PATIENT),
      project('renderer', ['test/renderer/**/*.test.{ts,tsx}'], {
        environment: 'happy-dom',
        setupFiles: ['test/renderer/fresh-modules.ts'],
        ...SHARED,
        ...PATIENT,
      }),
      project('interop', ['test/interop/**/*.test.ts'], {
        fileParallelism: false,
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('hostile', ['test/hostile/**/*.test.ts'], { testTimeout: 30_000 }),
      project('packaged', ['test/packaged/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 90_000 }),
      project('e2e', ['test/e2e/**/*.test.ts'], {
        fileParallelism: false,
        // A real window on a busy machine: what passes at the second try only is named at the end.
        retry: 1,
        // What is waited for ends the wait; on a busy machine a second may pass before it comes.
        expect: { poll: { timeout: 20_000 } },
        testTimeout: 60_000,
        hookTimeout: 90_000,
      }),
    ],
  },
});
