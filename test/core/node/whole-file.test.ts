import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { exportTraceFile } from '../../../core/node/trace-export.ts';
import { TraceFile } from '../../../core/node/trace-open.ts';
import { WholeFile } from '../../../core/node/whole-file.ts';
import { capture, useFolder } from './trace-support.ts';

const folder = useFolder();
const SOURCE = fileURLToPath(new URL('../../../core/node/whole-file.ts', import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process that has begun to write a file, and finishes it once its input ends. */
async function startWriter(path: string): Promise<ChildProcess> {
  const script = `
    import { WholeFile } from ${JSON.stringify(SOURCE)};
    const file = new WholeFile(${JSON.stringify(path)});
    file.write([new TextEncoder().encode('of another')]);
    process.stdout.write('begun');
    process.stdin.on('end', () => file.finish()).resume();`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** A folder of this test's own, and what lies in it. */
function place(name: string): { readonly file: string; names(): string[] } {
  const own = folder.at(name);
  mkdirSync(own);
  return { file: `${own}/out.pcapng`, names: () => readdirSync(own).sort() };
}

describe('what a killed export left', { timeout: 30_000 }, () => {
  it('is taken away by the next one to the same place', async () => {
    const { file, names } = place('killed');
    const writer = await startWriter(file);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    expect(names()).toEqual([expect.stringMatching(/^\.out\.pcapng\.\d+-[0-9a-f]{8}\.part$/u)]);
    writeFileSync(folder.at('capture.pcapng'), capture());
    const opened = new TraceFile();
    await opened.read(folder.at('capture.pcapng'));
    const { bytes } = await exportTraceFile(opened.trace, file);
    opened.close();
    expect(names()).toEqual(['out.pcapng']);
    expect(readFileSync(file)).toHaveLength(bytes);
  });

  it('is told from what others still write: each file comes whole', async () => {
    const { file, names } = place('running');
    const writer = await startWriter(file);
    const own = new WholeFile(file);
    const second = new WholeFile(file);
    expect(names()).toHaveLength(3);
    own.write([Uint8Array.of(1)]);
    own.finish();
    expect([...readFileSync(file)]).toEqual([1]);
    second.discard();
    writer.stdin!.end();
    expect(await once(writer, 'exit')).toEqual([0, null]);
    expect(readFileSync(file, 'utf8')).toBe('of another');
    expect(names()).toEqual(['out.pcapng']);
  });

  it('is told from files of other names, which stay', async () => {
    const { file, names } = place('others');
    const writer = await startWriter(`${file}.gz`);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const [left = ''] = names();
    const kept = ['.out.pcapng.part', '.out.pcapng.mine.part', 'out.pcapng.1-00000000.part'];
    for (const name of kept) writeFileSync(file.replace('out.pcapng', name), '');
    const own = new WholeFile(file);
    own.finish();
    expect(names()).toEqual([...kept, left, 'out.pcapng'].sort());
  });
});
