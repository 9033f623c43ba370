import { execFileSync } from 'node:child_process';
import { createWriteStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TraceState } from '../../electron/contract/trace.ts';
import { CAPTURES, stageTraces } from './traces-stage.ts';

const stage = stageTraces();
const { ask, until } = stage;

describe('a trace that is opened', () => {
  it('can be one that comes with the program', async () => {
    const { path } = await ask('trace.sample', { name: 'mutual-chap' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { trace } = await ask('trace.open', { path, follow: false });
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
    expect(state).toMatchObject({ title: 'mutual-chap.pcapng', pdus: 18 });
  });

  it.skipIf(process.platform === 'win32')('can be a pipe, which is live until it is closed', async () => {
    const path = join(stage.folder, 'live.pcap');
    execFileSync('mkfifo', [path]);
    await stage.backend.openings.take(path);
    const { trace } = await ask('trace.open', { path, follow: true });
    const bytes = readFileSync(join(CAPTURES, 'istgt-rw.pcapng'));
    const pipe = createWriteStream(path);
    pipe.write(bytes.subarray(0, 8000));
    const live = await until<TraceState>(
      'trace.state',
      { trace },
      ({ phase, pdus }) => phase === 'following' && pdus > 3,
    );
    pipe.end(bytes.subarray(8000));
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'done');
    expect(state.pdus).toBeGreaterThan(live.pdus);
  });

  it('is refused unless it was chosen', async () => {
    const path = join(stage.folder, 'other.pcapng');
    writeFileSync(path, 'no capture');
    await expect(ask('trace.open', { path, follow: false })).rejects.toThrow('Only files that were chosen');
    await stage.backend.openings.take(path);
    const { trace } = await ask('trace.open', { path, follow: false });
    const state = await until<TraceState>('trace.state', { trace }, ({ phase }) => phase === 'failed');
    expect(state.error?.code).toBe('PROTOCOL_MALFORMED');
  });
});
