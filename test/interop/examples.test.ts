import { createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, type RunResult } from '../support/real/child.ts';
import { iscsiInq } from '../support/real/initiators.ts';
import { startOurTarget, type OurTarget } from '../support/real/our-target.ts';
import { Tgt } from '../support/real/tgt.ts';

const target = 'iqn.2026-01.test.tgt:examples';
const sizeBytes = 16 << 20;
let tgt: Tgt;
const content = randomBytes(2 << 20);

function example(name: string, ...args: readonly string[]): Promise<RunResult> {
  const path = fileURLToPath(new URL(`../../core/examples/${name}.ts`, import.meta.url));
  return run(process.execPath, [path, ...args], { timeoutMs: 20_000 });
}

async function image(offset: number, length: number): Promise<Buffer> {
  const file = await open(tgt.path('examples.img'), 'r');
  try {
    return (await file.read(Buffer.alloc(length), 0, length, offset)).buffer;
  } finally {
    await file.close();
  }
}

beforeAll(async () => {
  tgt = await Tgt.start([{ name: target, luns: [{ lun: 1, file: 'examples.img', sizeBytes }] }]);
  const file = await open(tgt.path('examples.img'), 'r+');
  await file.write(content, 0, content.length, 0);
  await file.close();
});

afterAll(async () => {
  await tgt.stop();
});

describe('the examples, against tgt', () => {
  it('discover-read prints the targets, the LUNs and the bytes that are on the disk', async () => {
    const { code, stdout, stderr } = await example('discover-read', tgt.portal);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain(`${target} at 127.0.0.1:${tgt.port}`);
    expect(stdout).toContain('LUN 0: storage, IET Controller');
    expect(stdout).toContain('LUN 1: 32768 blocks of 512 bytes');
    const row = [...content.subarray(16, 32)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    expect(stdout).toContain(`00000010  ${row}`);
  });

  it('raw-cdb shows status and sense as they came, and streams the right bytes', async () => {
    const vendor = /Vendor:\s*(\S+)/.exec(await iscsiInq(tgt.url(target, 1)))?.[1] ?? 'none';
    const { code, stdout, stderr } = await example('raw-cdb', tgt.url(target, 1));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^TEST UNIT READY: status 0x02, sense 06\/29\/00/);
    expect(stdout.split('\n')[1]).toMatch(/^TEST UNIT READY: status 0x00/);
    expect(stdout).toContain(`vendor "${vendor}"`);
    const hash = createHash('sha256')
      .update(content.subarray(0, 2048 * 512))
      .digest('hex');
    expect(stdout).toContain(`READ(10): status 0x00, ${2048 * 512} bytes, sha256 ${hash}`);
    expect(stdout).toMatch(/operation code FFh: status 0x02, sense 05\/20\/00/);
    expect(stdout).toContain('as an error: SCSI_CHECK_CONDITION');
  });

  it('write-verify writes, compares, and leaves the disk as it was', async () => {
    const { code, stdout, stderr } = await example('write-verify', tgt.url(target, 1), '100', '1000');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('1000 blocks at LBA 100: written, read back, equal');
    expect(stdout).toContain('what was there before is back');
    expect((await image(0, content.length)).equals(content)).toBe(true);
  });

  it('write-verify fails with a typed error past the end', async () => {
    const { code, stderr } = await example('write-verify', tgt.url(target, 1), '32760', '64');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^OUT_OF_RANGE: /);
  });

  it('error-handling meets each error as the class and code it promises', async () => {
    const { code, stdout, stderr } = await example('error-handling', tgt.url(target, 1));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const lines = stdout.split('\n').filter((line) => !line.startsWith(' '));
    expect(lines).toEqual([
      'nobody listens: TransportError CONNECT_REFUSED, worth retrying',
      'no such target: LoginError LOGIN_REFUSED, final',
      'not a name at all: UsageError BAD_ARGUMENT, final',
      'a portal that never answers: LoginError LOGIN_TIMEOUT, worth retrying',
      'a block past the end: UsageError OUT_OF_RANGE, final',
      'the same, asked of the target: ScsiError SCSI_CHECK_CONDITION, final',
      'called off: CancelledError CANCELLED, final',
      'the session is still good: 512 bytes read',
      '',
    ]);
    expect(stdout).toContain('sense key 5, ASC 33, ASCQ 0');
  });

  it('each says how it is used', async () => {
    for (const name of ['discover-read', 'raw-cdb', 'write-verify', 'error-handling']) {
      const wrong = name === 'discover-read' ? [[]] : [[], ['iscsi://127.0.0.1/']];
      for (const args of wrong) {
        const { code, stderr } = await example(name, ...args);
        expect(code).toBe(2);
        expect(stderr).toContain(`usage: npx node core/examples/${name}.ts`);
      }
    }
  });
});

describe('the examples, against the demo SAN', () => {
  let demo: OurTarget;
  const urlOf = (id: string, lun: number): string => {
    const found = demo.urls.find((url) => url.endsWith(`:${id}/${lun}`));
    if (found === undefined) throw new Error(`the demo SAN has no ${id}/${lun}:\n${demo.urls.join('\n')}`);
    return found;
  };

  beforeAll(async () => {
    demo = await startOurTarget(['--demo'], { urls: 10 });
  });

  afterAll(async () => {
    await demo.kill();
  });

  it('discover-read finds its targets and reads the protective MBR of the GPT disk', async () => {
    const { code, stdout, stderr } = await example('discover-read', `127.0.0.1:${demo.port}`);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const id of ['disks', 'huge', 'vault', 'multipath', 'troubled'])
      expect(stdout).toContain(`iqn.2026-01.org.lunascope.demo:${id} at 127.0.0.1:`);
    expect(stdout).toMatch(/^LUN 0: disk, .*GPT disk$/m);
    expect(stdout).toMatch(/^LUN 0: \d+ blocks of 512 bytes$/m);
  });

  it('raw-cdb streams from a disk', async () => {
    const { code, stdout, stderr } = await example('raw-cdb', urlOf('disks', 0));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/READ\(10\): status 0x00, 1048576 bytes, sha256 [0-9a-f]{64}/);
    expect(stdout).toMatch(/operation code FFh: status 0x02, sense 05\/20\/00/);
  });

  it('write-verify writes to the disk with two paths, and is refused by the one that is write protected', async () => {
    const written = await example('write-verify', urlOf('multipath', 0), '100', '100');
    expect(written.stderr).toBe('');
    expect(written.stdout).toContain('100 blocks at LBA 100: written, read back, equal');
    const refused = await example('write-verify', urlOf('disks', 3), '0', '1');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^WRITE_PROTECTED: /);
  });

  it('error-handling meets the same errors as at tgt', async () => {
    const { code, stdout, stderr } = await example('error-handling', urlOf('multipath', 0));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('no such target: LoginError LOGIN_REFUSED, final');
    expect(stdout).toContain('the same, asked of the target: ScsiError SCSI_CHECK_CONDITION, final');
    expect(stdout).toContain('sense key 5, ASC 33, ASCQ 0');
    expect(stdout).toContain('the session is still good: 512 bytes read');
  });
});
