import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/real/child.ts';
import { startCapture, tsharkFields, type Capture } from '../support/real/capture.ts';
import { iscsiInq, iscsiLs, iscsiPerf, iscsiReadCapacity16, qemuImg, qemuIo } from '../support/real/initiators.ts';
import { startOurTarget, type OurTarget } from '../support/real/our-target.ts';
import { makeScratch, removeScratch } from '../support/real/scratch.ts';
import { requireTool } from '../support/real/tools.ts';

const main = fileURLToPath(new URL('../../core/cli/main.ts', import.meta.url));
const MIB = 1024 * 1024;
const SIZE = 24 * MIB;

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** An image that is neither all zeroes nor the same everywhere. */
async function makeImage(path: string): Promise<void> {
  const file = await open(path, 'w');
  const piece = new Uint8Array(MIB);
  for (let at = 0; at < SIZE / MIB; at += 1) {
    for (let i = 0; i < piece.length; i += 1) piece[i] = at % 3 === 2 ? 0 : (i * 31 + at * 17 + (i >> 9)) & 0xff;
    await file.write(piece, 0, piece.length, at * MIB);
  }
  await file.close();
}

describe('strangers at our target', () => {
  let folder: string;
  let image: string;
  let memory: OurTarget;
  let shared: OurTarget;
  let capture: Capture;

  beforeAll(async () => {
    folder = await makeScratch('target');
    image = join(folder, 'source.img');
    await makeImage(image);
    memory = await startOurTarget(['--memory', '64M', '--writable']);
    shared = await startOurTarget(['--image', image]);
    capture = await startCapture(join(folder, 'strangers.pcapng'), [memory.port, shared.port]);
  });

  afterAll(async () => {
    await capture.stop();
    await memory.kill();
    await shared.kill();
    await removeScratch(folder);
  });

  it('iscsi-ls lists the target and its LUN', async () => {
    const { targets, result } = await iscsiLs(`iscsi://127.0.0.1:${String(memory.port)}/`);
    expect(result.code).toBe(0);
    expect(targets).toEqual([
      {
        name: 'iqn.2026-01.org.lunascope:memory',
        portals: [`127.0.0.1:${String(memory.port)},1`],
        luns: [{ lun: 0, type: 'DIRECT_ACCESS (Size:63M)' }],
      },
    ]);
  });

  it('iscsi-inq reads what the unit says, page by page', async () => {
    const url = memory.urls[0] ?? '';
    expect(await iscsiInq(url)).toContain('Vendor:LUNASCPE');
    expect(await iscsiInq(url, 0x83)).toContain('Designator');
    expect(await iscsiInq(url, 0xb0)).toContain('maximum transfer length:16384');
    expect(await iscsiInq(url, 0xb2)).toMatch(/lbpu:1/i);
  });

  it('iscsi-readcapacity16 reads its size', async () => {
    expect(await iscsiReadCapacity16(shared.urls[0] ?? '')).toEqual({
      blocks: BigInt(SIZE / 512),
      blockSize: 512,
      totalSize: BigInt(SIZE),
    });
  });

  it('iscsi-perf reads without an error', async () => {
    const { iops } = await iscsiPerf(memory.urls[0] ?? '', { seconds: 2, random: true });
    expect(iops).toBeGreaterThan(100);
  });

  it('qemu-img reads a shared image to the last byte', async () => {
    const copy = join(folder, 'copy.img');
    await qemuImg('convert', '-f', 'raw', '-O', 'raw', shared.urls[0] ?? '', copy);
    expect(await hashOf(copy)).toBe(await hashOf(image));
  });

  it('qemu-img writes an image and reads it back the same', async () => {
    const target = await startOurTarget(['--memory', String(SIZE), '--writable']);
    try {
      const back = join(folder, 'back.img');
      await qemuImg('convert', '-n', '-f', 'raw', '-O', 'raw', image, target.urls[0] ?? '');
      await qemuImg('convert', '-f', 'raw', '-O', 'raw', target.urls[0] ?? '', back);
      expect(await hashOf(back)).toBe(await hashOf(image));
    } finally {
      await target.kill();
    }
  });

  it('qemu-io writes, unmaps and reads zeroes', async () => {
    const url = memory.urls[0] ?? '';
    await qemuIo(url, 'write -P 7 1M 256k', 'read -P 7 1M 256k', 'flush', 'discard 1M 256k', 'read -P 0 1M 256k');
  });

  it('a read-only share refuses writes', async () => {
    const before = await hashOf(image);
    const { stdout, stderr } = await run(requireTool('qemu-io'), [
      '-f',
      'raw',
      '-t',
      'none',
      '-c',
      'write -P 1 0 4k',
      shared.urls[0] ?? '',
    ]);
    expect(stdout + stderr).toMatch(/read-?only|protect|not permitted/i);
    expect(await hashOf(image)).toBe(before);
  });

  it('CHAP lets in those who know the secret, also with a header digest and proof from us', async () => {
    const file = join(folder, 'chap');
    await writeFile(file, 'alice:open-sesame-1\nserver:sesame-answers-1\n');
    const target = await startOurTarget(['--memory', '8M', '--chap-file', file]);
    try {
      const bare = (target.urls[0] ?? '').replace('alice@', '');
      const [scheme, rest] = bare.split('//') as [string, string];
      const as = (user: string, secret: string, more = ''): string => `${scheme}//${user}%${secret}@${rest}${more}`;
      expect(await iscsiInq(as('alice', 'open-sesame-1'))).toContain('LUNASCPE');
      expect(
        await iscsiInq(
          as('alice', 'open-sesame-1', '?target_user=server&target_password=sesame-answers-1&header_digest=crc32c'),
        ),
      ).toContain('LUNASCPE');
      await expect(iscsiInq(as('alice', 'wrong-sesame-1'))).rejects.toThrow(/Authentication failure|login/i);
      await expect(iscsiInq(bare)).rejects.toThrow(/Authentication failure|login/i);
    } finally {
      await target.kill();
    }
  });

  it('digests of both kinds are good to tshark in every PDU, cut at odd sizes too', async () => {
    const target = await startOurTarget(['--memory', '8M', '--writable']);
    const file = join(folder, 'digests.pcapng');
    const recording = await startCapture(file, [target.port]);
    try {
      const source = join(folder, 'digest-source');
      const back = join(folder, 'digest-back');
      await writeFile(
        source,
        Uint8Array.from({ length: 200 * 512 }, (_, i) => (i * 13 + (i >> 7)) & 0xff),
      );
      const url = target.urls[0] ?? '';
      const cli = (...args: readonly string[]) =>
        run(process.execPath, [main, ...args, '--digests', 'header,data', '--mrdsl', '5000']);
      expect(await cli('write', url, '--lba', '7', '--in', source, '--yes')).toMatchObject({ code: 0 });
      expect(await cli('read', url, '--lba', '7', '--count', '200', '--out', back)).toMatchObject({ code: 0 });
      expect(await hashOf(back)).toBe(await hashOf(source));
    } finally {
      await recording.stop();
      await target.kill();
    }
    const text = await run(requireTool('tshark'), ['-r', file, '-d', `tcp.port==${String(target.port)},iscsi`, '-V'], {
      timeoutMs: 60_000,
    });
    const verdicts = text.stdout.match(/(?:Header|Data)Digest: 0x[0-9a-f]+ \(.*\)/g) ?? [];
    expect(verdicts.length).toBeGreaterThan(30);
    expect(verdicts.filter((verdict) => !verdict.endsWith('(Good CRC32)'))).toEqual([]);
  });

  it('tshark finds nothing malformed in what we sent', async () => {
    const ports = [memory.port, shared.port];
    const filter = ports.map((port) => `tcp.srcport==${String(port)}`).join(' || ');
    await capture.stop();
    const all = await tsharkFields(capture.file, ports, ['frame.number'], `iscsi && (${filter})`);
    expect(all.length).toBeGreaterThan(100);
    const fields = ['frame.number', 'iscsi.datasegmentlength', 'iscsi.request_frame'];
    const wrong = await tsharkFields(
      capture.file,
      ports,
      fields,
      `(${filter}) && (_ws.malformed || _ws.expert.severity == "error")`,
    );
    // libiscsi first asks for 64 bytes of page 83h; tshark reads past an answer that was cut to its allocation length.
    const asked = await tsharkFields(capture.file, ports, ['frame.number'], 'scsi.inquiry.evpd.pagecode == 0x83');
    const cut = new Set(asked.map(([frame]) => frame));
    expect(wrong.filter(([, length, request]) => length !== '64' || !cut.has(request))).toEqual([]);
  });
});
