import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../core/cli/main.ts';
import { cli, serveDisk } from './support.ts';

const CAPTURE = fileURLToPath(new URL('../../fixtures/captures/tgt-raw-sense.pcapng', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../core/cli/main.ts', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lunascope-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('decode', () => {
  it('prints a line a PDU', async () => {
    const { code, out } = await cli(['decode', CAPTURE]);
    expect(code).toBe(0);
    expect(lines(out).length).toBe(20);
    expect(lines(out)[5]).toContain('<- 00000002  SCSI Response CHECK CONDITION: Unit attention');
  });

  it('prints an object a PDU with all its columns', async () => {
    const { out } = await cli(['decode', '--json', CAPTURE]);
    const rows = lines(out).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.length).toBe(20);
    const columns = [
      'n',
      'time',
      'dir',
      'opcode',
      'name',
      'itt',
      'ttt',
      'lun',
      'cmdSn',
      'statSn',
      'expStatSn',
      'dataSn',
      'dataLength',
      'ahsLength',
      'cdb',
      'flags',
      'bufferOffset',
      'r2tSn',
      'residual',
      'connection',
      'keys',
      'task',
      'latencyUs',
      'status',
      'malformed',
    ];
    for (const row of rows) for (const column of columns) expect(row).toHaveProperty(column);
    expect(rows[11]).toMatchObject({
      n: 12,
      dir: 'in',
      opcode: 0x21,
      lun: 3,
      status: 2,
      residual: 4096,
      malformed: null,
    });
    expect(rows[10]).toMatchObject({ dir: 'out', cdb: '2800fffffff0000008000000000000' + '00' });
  });

  it('prints CSV, filtered rows and findings', async () => {
    const csv = lines((await cli(['decode', '--csv', CAPTURE])).out);
    expect(csv[0]).toBe(
      'n,time,seconds,connection,dir,opcode,name,itt,task,lun,lba,blocks,cmdSn,statSn,dataLength,status,latencyUs,malformed,info',
    );
    expect(csv.length).toBe(21);
    const write = csv.find((line) => line.includes('WRITE(10)'))?.split(',') ?? [];
    expect([write[10], write[11]]).toEqual(['0', '1']);
    expect(csv[1]?.split(',')[2]).toMatch(/^\d+\.\d{9}$/u);
    expect(
      lines((await cli(['decode', '--filter', 'status == checkCondition && dir == in', CAPTURE])).out).length,
    ).toBe(5);
    expect((await cli(['decode', '--findings', CAPTURE])).out).toContain('[write-protected, SPC-5 4.4]');
    const findings = lines((await cli(['decode', '--findings', '--json', CAPTURE])).out).map(
      (line) => JSON.parse(line) as { rule: string; pdus: number[] },
    );
    expect(findings.find(({ rule }) => rule === 'unit-attention')!.pdus).toEqual([5, 6]);
  });

  it('writes a capture, filtered, safe to share, at another port', async () => {
    const out = join(folder, 'out.pcapng');
    const run = await cli([
      'decode',
      '--write',
      out,
      '--filter',
      'lun == 3',
      '--safe-to-share',
      '--server-port',
      '3260',
      CAPTURE,
    ]);
    expect(run.out).toMatch(/^14 PDUs in \d+ packets, \d+ bytes, to /u);
    expect(readFileSync(out).includes('iqn.2026-01.test')).toBe(false);
    expect(lines((await cli(['decode', out])).out).length).toBe(14);
    expect(JSON.parse((await cli(['decode', '--json', '--write', out, CAPTURE])).out)).toMatchObject({
      file: out,
      pdus: 20,
    });
  });

  it('writes lines where the name of the output says so, safe to share too', async () => {
    const out = join(folder, 'out.jsonl');
    const run = await cli(['decode', '--write', out, '--filter', 'lun == 3', CAPTURE]);
    expect(run.out).toMatch(/^14 PDUs, \d+ bytes, to /u);
    expect(lines(readFileSync(out, 'utf8')).map((line) => (JSON.parse(line) as { lun: number }).lun)).toContain(3);
    const csv = join(folder, 'safe.csv');
    expect((await cli(['decode', '--write', csv, '--safe-to-share', CAPTURE])).code).toBe(0);
    expect(lines(readFileSync(csv, 'utf8'))).toHaveLength(21);
    expect(readFileSync(csv, 'utf8')).not.toContain('iqn.2026-01.test');
    const refused = await cli(['decode', '--write', csv, '--server-port', '3260', CAPTURE]);
    expect(refused.err).toContain('holds no packets');
  });

  it('prints what becomes of each field in an export that is safe to share', async () => {
    const { out, code } = await cli(['decode', '--share-table']);
    expect(code).toBe(0);
    expect(out).toMatch(/^CHAP_R and CHAP_C +zeroed +Together/mu);
    const rules = lines((await cli(['decode', '--share-table', '--json'])).out).map(
      (line) => JSON.parse(line) as { treatment: string },
    );
    expect(rules).toHaveLength(lines(out).length);
    expect(rules.every(({ treatment }) => ['kept', 'hashed', 'zeroed'].includes(treatment))).toBe(true);
  });

  it('says that it reads the file where a filter needs more than the index', async () => {
    const streamed = await cli(['decode', '--filter', 'data contains 00:00', CAPTURE]);
    expect(streamed.err).toContain('the file is read again for it');
    expect((await cli(['decode', '--filter', 'lun == 3', CAPTURE])).err).not.toContain('the file is read');
    expect((await cli(['decode', '--json', '--filter', 'data contains 00:00', CAPTURE])).err).toBe('');
  });

  it('ends at once when it is stopped while it waits for a pipe, a file or standard input', async () => {
    const pipe = join(folder, 'live');
    execFileSync('mkfifo', [pipe]);
    // A writer that stays, and opening it for both ways waits for no reader.
    const writer = openSync(pipe, 'r+');
    const waits = async (...args: string[]): Promise<number> => {
      const child = spawn(process.execPath, [MAIN, 'decode', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      try {
        const ended = once(child, 'exit');
        if (args.includes(pipe)) writeSync(writer, readFileSync(CAPTURE));
        else child.stdin.write(readFileSync(CAPTURE));
        // Leaving a loop over its output would close it, which ends the process too.
        let text = '';
        child.stdout.on('data', (part: Buffer) => (text += part.toString()));
        await expect.poll(() => lines(text).length, { timeout: 20_000 }).toBe(20);
        const from = performance.now();
        child.kill('SIGINT');
        expect(await ended).toEqual([0, null]);
        return performance.now() - from;
      } finally {
        // One that lived on would hold what it inherited open, for whoever waits for the end of that.
        child.kill('SIGKILL');
      }
    };
    for (const args of [
      ['--follow', pipe],
      ['--follow', '-'],
      ['--follow', CAPTURE],
    ])
      expect(await waits(...args)).toBeLessThan(3000);
    closeSync(writer);
  }, 30_000);

  it('reads standard input', async () => {
    const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdin.end(readFileSync(CAPTURE));
    let text = '';
    stdout.on('data', (part: Buffer) => (text += part.toString()));
    expect(
      await runCli(['decode', '-'], { stdin, stdout, stderr, env: {}, signal: new AbortController().signal }),
    ).toBe(0);
    expect(lines(text).length).toBe(20);
  });

  it('prints what a live capture has brought before more comes', async () => {
    const bytes = readFileSync(CAPTURE);
    const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
    let text = '';
    const until = async (count: number): Promise<void> => {
      while (lines(text).length < count) text += String((await once(stdout, 'data'))[0]);
    };
    const done = runCli(['decode', '-'], { stdin, stdout, stderr, env: {}, signal: new AbortController().signal });
    stdin.write(bytes.subarray(0, 2200));
    await until(2);
    stdin.write(bytes.subarray(2200, 4400));
    await until(6);
    stdin.end(bytes.subarray(4400));
    await until(20);
    expect(await done).toBe(0);
  });

  it('follows until it is told to stop', async () => {
    const stop = new AbortController();
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let text = '';
    stdout.on('data', (part: Buffer) => {
      text += part.toString();
      if (lines(text).length === 20) stop.abort();
    });
    expect(
      await runCli(['decode', '--follow', CAPTURE], {
        stdin: new PassThrough(),
        stdout,
        stderr,
        env: {},
        signal: stop.signal,
      }),
    ).toBe(0);
    expect(lines(text).length).toBe(20);
  });

  it('prints what it could read of a damaged file, and fails', async () => {
    const path = join(folder, 'damaged.pcapng');
    writeFileSync(path, Buffer.concat([readFileSync(CAPTURE), Buffer.from([6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]));
    const { code, out, err } = await cli(['decode', path]);
    expect(code).toBe(1);
    expect(lines(out).length).toBe(20);
    expect(err).toContain('a block claims a length of 0 bytes');
    expect(JSON.parse(lines((await cli(['decode', '--json', path])).err)[0]!)).toMatchObject({
      code: 'PROTOCOL_MALFORMED',
    });
  });

  it('names what is wrong with a filter', async () => {
    const { code, err } = await cli(['decode', '--json', '--filter', 'latencyy > 2ms', CAPTURE]);
    expect(code).toBe(2);
    expect(JSON.parse(err)).toEqual({
      code: 'BAD_ARGUMENT',
      message: 'There is no field "latencyy".',
      hint: 'Did you mean latency?',
      details: { from: 0, to: 8, suggestion: 'latency' },
    });
  });
});

describe('record', () => {
  it('runs a verb and keeps its conversation, login included', async () => {
    const { url, stop } = await serveDisk();
    const out = join(folder, 'session.pcapng');
    const run = await cli(['record', url, '--out', out, '--', 'read', '--lba', '0', '--count', '4']);
    expect(run.code).toBe(0);
    expect(run.err).toMatch(/\d+ PDUs, \d+ bytes, in /u);
    const rows = lines((await cli(['decode', '--json', out])).out).map(
      (line) => JSON.parse(line) as { name: string; dataLength: number },
    );
    expect(rows[0]!.name).toBe('Login Request');
    expect(rows.some(({ name, dataLength }) => name === 'SCSI Data-In' && dataLength === 2048)).toBe(true);
    expect(rows.at(-1)!.name).toBe('Logout Response');
    const own = join(folder, 'session.lstrace');
    expect(
      (await cli(['record', url, '--out', own, '--headers', '--', 'read', '--lba', '0', '--count', '4'])).code,
    ).toBe(0);
    expect(lines((await cli(['decode', own])).out).length).toBe(rows.length);
    expect((await cli(['record', url, '--out', join(folder, 'no'), '--', 'read', '--bogus'])).err).toContain(
      'Nothing was recorded.',
    );
    const found = join(folder, 'discovery.pcapng');
    const portal = url.replace(/^(iscsi:\/\/[^/]+).*$/u, '$1');
    expect((await cli(['record', portal, '--out', found, '--', 'discover'])).code).toBe(0);
    expect((await cli(['decode', found])).out).toContain('SendTargets=All');
    await stop();
  });

  it('keeps CHAP responses only where it is told to, and warns', async () => {
    const secrets = join(folder, 'chap');
    writeFileSync(secrets, 'host:secret-of-host-1\n', { mode: 0o600 });
    const { stop, ...served } = await serveDisk('--chap-file', secrets);
    const url = served.url.replace(/^iscsi:\/\/(?:[^@/]*@)?/u, 'iscsi://host%secret-of-host-1@');
    const out = join(folder, 'chap.lstrace');
    const record = async (...more: string[]): Promise<{ err: string; text: string }> => {
      const { err, code } = await cli(['record', url, '--out', out, ...more, '--', 'luns']);
      expect(code).toBe(0);
      return { err, text: readFileSync(out, 'latin1') };
    };
    const dropped = await record();
    expect(dropped.text).toMatch(/CHAP_R=\*+/u);
    expect(dropped.err).not.toContain('CHAP');
    const kept = await record('--keep-chap');
    expect(kept.text).toMatch(/CHAP_R=0[xb][0-9A-Za-z+/]/u);
    expect(kept.err).toContain('warning: CHAP responses are kept');
    expect((await cli(['luns', url, '--keep-chap'])).err).toContain('add --trace headers');
    await stop();
  });

  it('refuses names it cannot record to before it contacts anyone', async () => {
    const cut = join(folder, 'cut');
    writeFileSync(`${cut}.recording`, 'of an earlier run');
    const asFolder = join(folder, 'folder.pcapng');
    mkdirSync(asFolder);
    const url = 'iscsi://127.0.0.1:1/iqn.x:y/0';
    for (const [out, words] of [
      [cut, 'from a recording that was cut short'],
      [folder, 'is a folder'],
      [join(folder, 'no/such/x'), 'no/such/x cannot be recorded to'],
      [join(folder, 'no/such/x.pcapng'), 'no/such/x.pcapng cannot be recorded to'],
      [asFolder, 'is a folder'],
    ] as const) {
      const { code, err } = await cli(['record', url, '--out', out, '--', 'luns']);
      expect(code).toBe(2);
      expect(err).toContain(words);
    }
    expect(readFileSync(`${cut}.recording`, 'utf8')).toBe('of an earlier run');
  });

  it('says how it is used', async () => {
    const { code, err } = await cli([
      'record',
      'iscsi://127.0.0.1/iqn.x:y/0',
      '--out',
      join(folder, 'x'),
      '--',
      'serve',
    ]);
    expect(code).toBe(2);
    expect(err).toContain('record runs one of discover, luns, info, read, write, bench');
    expect((await cli(['record', 'iscsi://127.0.0.1/iqn.x:y/0'])).err).toContain('--out is needed');
  });
});
