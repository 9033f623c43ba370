import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { remarksOf } from '../../../core/cli/trace-remarks.ts';
import { Trace } from '../../../core/trace/index.ts';
import { cli } from './support.ts';

const CAPTURE = fileURLToPath(new URL('../../fixtures/captures/tgt-raw-sense.pcapng', import.meta.url));
describe('what decode says beside its lines', () => {
  it('points at what is wrong with a filter', async () => {
    const { code, err } = await cli(['decode', '--filter', 'ok && latencyy > 2ms', CAPTURE]);
    expect(code).toBe(2);
    expect(err).toBe(
      [
        'There is no field "latencyy". (BAD_ARGUMENT)',
        '  ok && latencyy > 2ms',
        '        ^^^^^^^^',
        '  Did you mean latency?',
        '',
      ].join('\n'),
    );
    expect((await cli(['decode', '--filter', 'lun == && ok', CAPTURE])).err.split('\n').slice(1)).toEqual([
      '  lun == && ok',
      '         ^^',
      '',
    ]);
  });

  it('points at nothing where a terminal would not show the filter as it is', async () => {
    const { err } = await cli(['decode', '--filter', 'ok &&\tlatencyy', CAPTURE]);
    expect(err).toBe('There is no field "latencyy". (BAD_ARGUMENT)\n  Did you mean latency?\n');
  });

  it('tells how many remarks it leaves out', () => {
    const trace = new Trace();
    for (let n = 0; n < 205; n += 1) trace.note(`remark ${n}`);
    expect(remarksOf(trace)).toHaveLength(201);
    expect(remarksOf(trace).at(-1)).toBe('5 more remarks were left out.');
  });
});
