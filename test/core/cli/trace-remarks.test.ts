import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { remarksOf } from '../../../core/cli/trace-remarks.ts';
import { Trace } from '../../../core/trace/index.ts';
import { Scene } from '../trace/scene.ts';
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

  it.each([
    [['--json', '--csv'], '--csv does not go with --json'],
    [['--findings', '--csv'], '--csv does not go with --findings'],
    [['--findings', '--filter', 'ok'], '--findings looks at the whole trace'],
    [['--secrets'], '--secrets shows CHAP responses in PDUs printed with --json only'],
    [['--secrets', '--json', '--write', 'out.jsonl'], '--secrets shows CHAP responses'],
  ])('refuses %j, of which a part would do nothing', async (flags, words) => {
    const { code, err } = await cli(['decode', ...flags, CAPTURE]);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });

  it('shows CHAP responses with --secrets only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lunascope-cli-'));
    const path = join(folder, 'chap.lstrace');
    const scene = new Scene({ keepChapResponses: true });
    scene.pdu('loginRequest', { itt: 1, csg: 0 }, scene.text({ CHAP_N: 'me', CHAP_R: '0xabcd' }));
    writeFileSync(path, scene.bytes());
    expect((await cli(['decode', '--json', path])).out).toContain('{"key":"CHAP_R","value":"******"}');
    expect((await cli(['decode', '--json', '--secrets', path])).out).toContain('{"key":"CHAP_R","value":"0xabcd"}');
    rmSync(folder, { recursive: true });
  });

  it('tells how many remarks it leaves out', () => {
    const trace = new Trace();
    for (let n = 0; n < 205; n += 1) trace.note(`remark ${n}`);
    expect(remarksOf(trace)).toHaveLength(201);
    expect(remarksOf(trace).at(-1)).toBe('5 more remarks were left out.');
  });

  it('says so where nothing is written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lunascope-cli-'));
    const out = join(folder, 'out.csv');
    const none = await cli(['decode', CAPTURE, '--filter', 'n == 9999', '--write', out]);
    expect(none.err).toContain('note: there was no PDU to write: none passes the filter.\n');
    const some = await cli(['decode', CAPTURE, '--filter', 'n == 1', '--write', out]);
    expect(some.err).not.toContain('no PDU');
    const empty = join(folder, 'empty.pcapng');
    expect((await cli(['decode', CAPTURE, '--filter', 'n == 9999', '--write', empty])).code).toBe(0);
    const again = await cli(['decode', empty, '--write', out]);
    expect(again.err).toContain('note: there was no PDU to write.\nnote: The capture has no packets.\n');
    rmSync(folder, { recursive: true });
  });
});
