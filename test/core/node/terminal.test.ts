import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askLine } from '../../../core/node/terminal.ts';

const terminal = (isTTY: boolean) => {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = new PassThrough();
  const stdout = new PassThrough();
  return { stdin, stdout, stderr, env: {}, signal: new AbortController().signal };
};

describe('asking a person for a line', () => {
  it('prints the question beside the output, and gives what was typed', async () => {
    const io = terminal(true);
    const answer = askLine(io, 'Secret: ');
    io.stdin.write('open sesame\n');
    expect(await answer).toBe('open sesame');
    expect(String(io.stderr.read())).toContain('Secret: ');
    expect(io.stdout.read()).toBeNull();
  });

  it('gives up when the input ends unanswered', async () => {
    const io = terminal(true);
    const answer = askLine(io, 'Secret: ');
    io.stdin.end();
    expect(await answer).toBeUndefined();
  });

  it('asks nobody where nobody sits', async () => {
    const io = terminal(false);
    expect(await askLine(io, 'Secret: ')).toBeUndefined();
    expect(io.stderr.read()).toBeNull();
  });
});
