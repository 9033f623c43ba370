import { describe, expect, it } from 'vitest';
import { CancelledError, TransportError } from '../../core/errors/index.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import { Jobs } from '../../electron/main/services/jobs.ts';

const told = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  const jobs = new Jobs(() => undefined);
  let last: Job[] = [];
  jobs.watch((list) => {
    last = list;
  });
  return { jobs, last: () => last[0] as Job };
}

describe('jobs', () => {
  it('tell how far they are and what came of them', async () => {
    const { jobs, last } = setUp();
    let finish: (value: number) => void = () => undefined;
    const { result } = jobs.start<number>({
      title: 'Count',
      outcome: (value) => `${value} counted`,
      run: ({ progress }) => {
        progress(1, 4, '1 MB/s');
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    await told();
    expect(last()).toMatchObject({ title: 'Count', state: 'running', progress: 0.25, rate: '1 MB/s' });
    finish(4);
    expect(await result).toBe(4);
    await told();
    expect(last()).toMatchObject({ state: 'done', progress: 1, detail: '4 counted', etaMs: null, rate: null });
  });

  it('stop when cancelled, and are not failures then', async () => {
    const { jobs, last } = setUp();
    const { id, result } = jobs.start({
      title: 'Long',
      run: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new CancelledError('CANCELLED', 'Called off.')));
        }),
    });
    jobs.cancel(id);
    await expect(result).rejects.toThrow('Called off.');
    await told();
    expect(last()).toMatchObject({ state: 'cancelled', error: null });
  });

  it('keep the sentence of what went wrong', async () => {
    const { jobs, last } = setUp();
    const failure = new TransportError('CONNECTION_LOST', 'The target is gone.');
    await expect(jobs.run({ title: 'Read', run: () => Promise.reject(failure) })).rejects.toBe(failure);
    await told();
    expect(last()).toMatchObject({
      state: 'failed',
      error: { code: 'CONNECTION_LOST', message: 'The target is gone.' },
    });
    jobs.clear();
    await told();
    expect(last()).toBeUndefined();
  });
});
