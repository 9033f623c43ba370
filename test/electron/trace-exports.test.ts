import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stageTraces } from './traces-stage.ts';

const stage = stageTraces();
const { ask, until, openCapture } = stage;

describe('an export of a trace', () => {
  it('writes what is asked for, as a job, and shows no other file in the folder', async () => {
    const { trace, state } = await openCapture('istgt-rw.pcapng');
    const base = { trace, view: '', rows: [], safe: false, serverPort: null };
    for (const format of ['jsonl', 'csv', 'pcapng'] as const) {
      stage.saveTo = join(stage.folder, `out.${format}`);
      const estimated = await ask('trace.estimate', { ...base, scope: 'all', format });
      expect(estimated.pdus).toBe(state.pdus);
      const { path } = await ask('trace.export', { ...base, scope: 'all', format });
      await until<{ state: string; detail: string }[]>('jobs.state', undefined, (jobs) =>
        jobs.some(
          ({ state: now, detail }) =>
            now === 'done' && detail.endsWith(`, NOT safe to share, in ${stage.saveTo ?? ''}`),
        ),
      );
      expect(path).toBe(stage.saveTo);
      const size = statSync(stage.saveTo).size;
      expect(size).toBeGreaterThan(estimated.bytes / 3);
      expect(size).toBeLessThan(estimated.bytes * 3);
      expect(statSync(stage.saveTo).mode & 0o777).toBe(0o600);
      await ask('trace.reveal', { path: stage.saveTo });
    }
    expect(readFileSync(join(stage.folder, 'out.jsonl'), 'utf8').trim().split('\n')).toHaveLength(state.pdus);
    expect(readFileSync(join(stage.folder, 'out.csv'), 'utf8').trim().split('\n')).toHaveLength(state.pdus + 1);
    await expect(ask('trace.reveal', { path: '/etc/passwd' })).rejects.toThrow('Only files exported');
  });

  it('tells no names in lines that are safe to share', async () => {
    const { trace } = await openCapture('tgt-chap-mutual.pcapng');
    for (const format of ['jsonl', 'csv'] as const) {
      stage.saveTo = join(stage.folder, `safe.${format}`);
      await ask('trace.export', { trace, view: '', rows: [], scope: 'all', format, safe: true, serverPort: null });
      await until<{ state: string; detail: string }[]>('jobs.state', undefined, (jobs) =>
        jobs.some(
          ({ state, detail }) => state === 'done' && detail.endsWith(`, safe to share, in ${stage.saveTo ?? ''}`),
        ),
      );
      expect(readFileSync(stage.saveTo, 'utf8')).not.toMatch(/tgt:mutual|sahlberg|alice|tgtuser|127\.0\.0\.1/);
    }
  });

  it('carries marks and comments into every export that is not safe to share', async () => {
    const { trace } = await openCapture('tgt-discovery.pcapng');
    await ask('trace.annotate', { trace, mark: { row: 1, marked: true, comment: '' } });
    await ask('trace.annotate', { trace, mark: { row: 2, marked: false, comment: 'look, here' } });
    for (const format of ['jsonl', 'csv', 'pcapng'] as const)
      for (const safe of [false, true]) {
        stage.saveTo = join(stage.folder, `${safe ? 'safe' : 'own'}.${format}`);
        await ask('trace.export', { trace, view: '', rows: [], scope: 'all', format, safe, serverPort: null });
        const ending = `in ${stage.saveTo}`;
        await until<{ state: string; detail: string }[]>('jobs.state', undefined, (jobs) =>
          jobs.some(({ state, detail }) => state === 'done' && detail.endsWith(ending)),
        );
        expect(readFileSync(stage.saveTo, 'latin1').includes('look, here')).toBe(!safe);
      }
    const objects = readFileSync(join(stage.folder, 'own.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { note?: string });
    expect(objects.slice(0, 4).map(({ note }) => note)).toEqual([undefined, 'Marked', 'look, here', undefined]);
    const [head, , marked, commented] = readFileSync(join(stage.folder, 'own.csv'), 'utf8').split('\n');
    expect(head).toMatch(/,info,note$/);
    expect([marked?.endsWith(',Marked'), commented?.endsWith(',"look, here"')]).toEqual([true, true]);
    expect(readFileSync(join(stage.folder, 'safe.csv'), 'utf8').split('\n')[0]).toMatch(/,info$/);
  });
});
