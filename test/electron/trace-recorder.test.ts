import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TraceFile } from '../../core/node/index.ts';
import type { PduTap } from '../../core/trace/index.ts';
import { tracePrefs } from '../../electron/contract/trace-library.ts';
import type { SessionEntry } from '../../electron/contract/sessions.ts';
import type { TracePrefs } from '../../electron/contract/trace.ts';
import type { Explorer } from '../../electron/main/services/explorer.ts';
import type { LogBook } from '../../electron/main/services/log-book.ts';
import type { Sessions } from '../../electron/main/services/sessions.ts';
import type { TapProvider } from '../../electron/main/services/tap-provider.ts';
import { TraceRecorders } from '../../electron/main/services/trace-recorder.ts';
import { TraceStore } from '../../electron/main/services/trace-store.ts';

const ENDS = { initiatorHost: '192.0.2.1', initiatorPort: 50_000, targetHost: '192.0.2.2', targetPort: 3260 };
const ABOUT = { kind: 'session', id: 'session-1', number: 1, target: 'iqn.x:y', portal: '192.0.2.2:3260' } as const;
/** A header that announces 60,000 bytes of data; what is recorded with it may be less. */
const HEADER = Uint8Array.from({ length: 48 }, (_, i) => ({ 0: 0x40, 6: 60_000 >> 8, 7: 60_000 & 0xff })[i] ?? 0);

let folder: string;
let store: TraceStore;
let logged: unknown[];

/** Tells which sessions there are. */
type Tell = (sessions: readonly Pick<SessionEntry, 'id' | 'state'>[]) => void;

/** Recorders of sessions and discoveries that nobody makes but the test. */
function record(change: Partial<TracePrefs>): { recorders: TraceRecorders; tap: PduTap; tell: Tell } {
  const providers: TapProvider[] = [];
  const watchers: Tell[] = [];
  const watch = (watcher: Tell) => {
    watchers.push(watcher);
    return () => undefined;
  };
  const source = { recordWith: (one: TapProvider) => providers.push(one), watch, list: [] };
  const recorders = new TraceRecorders({
    store,
    prefs: () => ({ ...tracePrefs.parse({}), ...change }),
    sessions: source as unknown as Sessions,
    explorer: source as unknown as Explorer,
    book: { write: () => undefined } as unknown as LogBook,
    log: (error) => void logged.push(error),
    onChange: () => undefined,
    onEnded: () => undefined,
  });
  const tap = providers[0]?.(ABOUT);
  if (tap === undefined) throw new Error('Nothing is recorded.');
  return { recorders, tap, tell: (sessions) => watchers.forEach((watcher) => watcher(sessions)) };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-recorder-'));
  store = await TraceStore.open(folder);
  logged = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('makes room for what is being recorded while it grows', async () => {
  writeFileSync(store.pathOf('older'), new Uint8Array(90_000));
  const { recorders, tap } = record({ mode: 'full', totalCapBytes: 100_000 });
  const connection = tap.openConnection(0, ENDS);
  expect(recorders.find('older')?.bytes).toBe(90_000);
  tap.recordPdu(connection, true, 1, HEADER, 0, 0, new Uint8Array(50_000), 0, 50_000);
  await expect.poll(() => recorders.list.map(({ state }) => state), { timeout: 5000 }).toEqual(['recording']);
  expect(existsSync(store.pathOf('older'))).toBe(false);
  await recorders.close();
});

it('goes on where what it is about cannot be written down', async () => {
  store.write = () => {
    throw new Error('The disk is full.');
  };
  const { recorders, tap } = record({});
  const connection = tap.openConnection(0, ENDS);
  tap.recordPdu(connection, true, 1, HEADER, 0, 0, new Uint8Array(0), 0, 0);
  const [live] = recorders.list;
  expect(live?.state).toBe('recording');
  await recorders.close();
  expect(logged).toHaveLength(2);
  const file = new TraceFile();
  await file.read(store.pathOf(live?.id ?? ''));
  expect(file.trace.length).toBe(1);
  file.close();
});

it('goes on under another cap, and begins a next part where more or less is to be recorded', async () => {
  const { recorders, tap } = record({});
  tap.openConnection(0, ENDS);
  const [first] = recorders.list;
  await recorders.record('session-1', { mode: 'headers', capBytes: 4 << 20 });
  expect(recorders.list).toMatchObject([{ id: first?.id, part: 1, capBytes: 4 << 20, state: 'recording' }]);
  await recorders.record('session-1', { mode: 'full', capBytes: 4 << 20 });
  expect(recorders.list).toMatchObject([
    { part: 2, mode: 'full', state: 'recording' },
    { id: first?.id, part: 1, state: 'ended' },
  ]);
  await recorders.close();
  expect(store.list().map(({ part, capBytes }) => [part, capBytes])).toEqual([
    [2, 4 << 20],
    [1, 4 << 20],
  ]);
});

it('ends a recording with its session, closed or gone from the list while it was away', async () => {
  for (const last of [[{ id: ABOUT.id, state: 'closed' }], []] as const) {
    const { recorders, tap, tell } = record({});
    tap.openConnection(0, ENDS);
    tell([{ id: ABOUT.id, state: 'full' }]);
    tell([{ id: ABOUT.id, state: 'recovering' }]);
    expect(recorders.list[0]?.state).toBe('recording');
    tell(last);
    await expect.poll(() => recorders.list[0]?.state).toBe('ended');
    await recorders.close();
  }
});
