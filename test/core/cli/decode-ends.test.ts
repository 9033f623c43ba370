import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../core/cli/main.ts';
import { writeBigCapture } from '../../bench/big-capture.ts';
import { Scene } from '../trace/scene.ts';
import { cli } from './support.ts';

const CAPTURE = fileURLToPath(new URL('../../fixtures/captures/tgt-raw-sense.pcapng', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../core/cli/main.ts', import.meta.url));
let folder = '';
let big = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-cli-'));
  big = join(folder, 'big.pcapng');
  writeBigCapture(big, { pdus: 60_000 }, 512);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
const children: Child[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function decode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const child = spawn(process.execPath, [MAIN, 'decode', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  return child;
}

describe('decode, told to end', { timeout: 30_000 }, () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('leaves no file behind after %s', async (signal) => {
    const scratch = join(folder, signal);
    mkdirSync(scratch);
    const child = decode(['--follow', '-'], { TMPDIR: scratch });
    child.stdin.write(readFileSync(CAPTURE));
    await once(child.stdout, 'data');
    child.kill(signal);
    await once(child, 'exit');
    expect(readdirSync(scratch)).toEqual([]);
  });

  it.each([[[]], [['--follow']], [['--filter', 'ok']]])(
    'waits for nobody who does not read what it prints, with %j',
    async (flags) => {
      const child = decode([...flags, big]);
      let said = '';
      child.stderr.on('data', (part: Buffer) => (said += part.toString()));
      // One piece is read, so that the rest fills the pipe.
      await once(child.stdout, 'readable');
      child.stdout.read(1);
      const from = performance.now();
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([1, null]);
      expect(performance.now() - from).toBeLessThan(3000);
      expect(said).toContain('called off');
    },
  );

  it('says nothing to a reader who wants no more', async () => {
    const child = decode([big]);
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(said).toBe('');
  });

  it('writes what a followed input has brought until then', async () => {
    const out = join(folder, 'followed.pcapng');
    const [stop, stdin, stdout] = [new AbortController(), new PassThrough(), new PassThrough()];
    const io = { stdin, stdout, stderr: new PassThrough(), env: {}, signal: stop.signal };
    const done = runCli(['decode', '--follow', '-', '--write', out], io);
    stdin.write(readFileSync(CAPTURE));
    await expect.poll(() => stdin.readableLength).toBe(0);
    await setImmediate();
    stop.abort();
    expect(await done).toBe(0);
    expect(String(stdout.read())).toMatch(/^20 PDUs in \d+ packets/u);
    expect(readFileSync(out).length).toBeGreaterThan(2000);
  });
});

describe('decode of what is no trace', () => {
  it.each([
    ['', 'There is nothing in it.'],
    ['short', 'This is neither a capture'],
    ['not a capture at all', 'This is neither a capture'],
  ])('leaves alone what its output would have replaced, and says once what it thinks of %j', async (text, message) => {
    const [input, out] = [join(folder, 'none.bin'), join(folder, 'earlier.pcapng')];
    writeFileSync(input, text);
    writeFileSync(out, 'earlier');
    const { code, err } = await cli(['decode', input, '--write', out]);
    expect(code).toBe(1);
    expect(err.split(message)).toHaveLength(2);
    expect(err).not.toContain('note:');
    expect(err).toContain('Record with tcpdump');
    expect(readFileSync(out, 'utf8')).toBe('earlier');
  });
});

describe('decode of a pipe', { timeout: 30_000 }, () => {
  it.each([[[]], [['--filter', 'dir == out']], [['--filter', 'ok']]])(
    'prints PDUs as they come with %j, though nobody said --follow',
    async (flags) => {
      const pipe = join(folder, `pipe-${String(flags[1])}`);
      execFileSync('mkfifo', [pipe]);
      for (const input of ['-', pipe]) {
        const child = decode([...flags, input]);
        const writer = input === '-' ? child.stdin : createWriteStream(pipe);
        // The input goes on: what is printed is printed before its end.
        writer.write(readFileSync(CAPTURE));
        const [first] = (await once(child.stdout, 'data')) as [Buffer];
        expect(first.toString()).toContain('Login');
        child.kill('SIGTERM');
        expect(await once(child, 'exit')).toEqual([0, null]);
        writer.destroy();
      }
    },
  );

  it('keeps the order of the whole where standard input is a file', async () => {
    const file = openSync(CAPTURE, 'r');
    const out = execFileSync(process.execPath, [MAIN, 'decode', '--filter', 'answered', '-'], {
      stdio: [file, 'pipe', 'pipe'],
    });
    closeSync(file);
    expect(out.toString()).toBe((await cli(['decode', '--filter', 'answered', CAPTURE])).out);
  });
});

describe('decode --follow --filter', { timeout: 30_000 }, () => {
  it('shows commands when they have ended, as a look at the whole file does', async () => {
    const scene = new Scene().login();
    const good = scene.command([0x28], { read: true });
    const bad = scene.command([0x28], { read: true });
    const cuts = [scene.bytes().length];
    scene.command([0x28], { read: true });
    scene.respond(good, 0);
    cuts.push(scene.bytes().length);
    scene.respond(bad, 2);
    const bytes = scene.bytes();
    const path = join(folder, 'growing.lstrace');
    writeFileSync(path, bytes.subarray(0, cuts[0]));
    const stop = new AbortController();
    const stdout = new PassThrough();
    const run = (args: readonly string[], out: PassThrough): Promise<number> =>
      runCli(['decode', ...args, '--filter', '!ok && opcode != loginRequest', '--json', path], {
        stdin: new PassThrough(),
        stdout: out,
        stderr: new PassThrough(),
        env: {},
        signal: stop.signal,
      });
    const numbers = (text: string): number[] =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { n: number }).n);
    let printed = '';
    stdout.on('data', (part: Buffer) => (printed += part.toString()));
    const done = run(['--follow'], stdout);
    appendFileSync(path, bytes.subarray(cuts[0], cuts[1]));
    appendFileSync(path, bytes.subarray(cuts[1]));
    await expect.poll(() => numbers(printed), { timeout: 10_000 }).toEqual([4, 7]);
    stop.abort();
    expect(await done).toBe(0);
    expect(numbers(printed)).toEqual([4, 7, 5]);
    const whole = new PassThrough();
    let all = '';
    whole.on('data', (part: Buffer) => (all += part.toString()));
    await runCli(['decode', '--filter', '!ok && opcode != loginRequest', '--json', path], {
      stdin: new PassThrough(),
      stdout: whole,
      stderr: new PassThrough(),
      env: {},
      signal: new AbortController().signal,
    });
    expect(numbers(all)).toEqual([4, 5, 7]);
  });
});
