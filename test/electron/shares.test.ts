import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../core/initiator/index.ts';
import { LogBook } from '../../electron/main/services/log-book.ts';
import { Shares } from '../../electron/main/services/shares.ts';
import { shareInput, sharedImage, type SharedImage } from '../../electron/contract/share.ts';

const initiatorName = 'iqn.2026-01.test:somebody';

describe('images that are shared', () => {
  let folder: string;
  let path: string;
  let shares: Shares;
  let shown: SharedImage[];
  let told: () => void;
  const input = (chosen: string) =>
    shareInput.parse({
      path: chosen,
      host: '127.0.0.1',
      port: 0,
      blockSize: 512,
      optical: false,
      writable: false,
      chap: null,
      initiators: [],
    });
  const until = async (holds: (share: SharedImage | undefined) => boolean): Promise<SharedImage | undefined> => {
    while (!holds(shown[0])) await new Promise<void>((resolve) => (told = resolve));
    return shown[0];
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lunascope-shares-'));
    path = join(folder, 'disk.img');
    writeFileSync(path, new Uint8Array(64 * 512).fill(7));
    shares = new Shares(new LogBook());
    told = () => undefined;
    shares.watch((all) => {
      shown = all;
      told();
    });
  });
  afterEach(async () => {
    await shares.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tell who uses them, from where, and with which commands', async () => {
    shares.allow(path);
    const share = sharedImage.parse(await shares.start(input(path)));
    const session = await connect({ host: share.host, port: share.port }, { target: share.target, initiatorName });
    const disk = await session.disk(0);
    await disk.read(0n, 4);
    const seen = await until((one) => one?.commands.some(({ text }) => text.startsWith('READ(')) ?? false);
    expect(seen?.initiators).toHaveLength(1);
    expect(seen?.initiators[0]).toMatchObject({ name: initiatorName, bytesWritten: '0' });
    expect(seen?.initiators[0]?.from[0]).toMatch(/^127\.0\.0\.1:\d+$/u);
    expect(Number(seen?.initiators[0]?.bytesRead)).toBeGreaterThanOrEqual(2048);
    expect(seen?.commands[0]).toMatchObject({ initiator: initiatorName, status: 'GOOD' });
    for (let i = 0; i < 30; i += 1) await disk.read(BigInt(i), 1);
    const later = await until((one) => (one?.commands[0]?.n ?? 0) > 30);
    expect(later?.commands).toHaveLength(20);
    await session.logout();
    expect((await until((one) => one?.initiators.length === 0))?.commands).toHaveLength(20);
    await shares.stop(share.id);
    await until((one) => one === undefined);
  });

  it('are never files that nobody chose', async () => {
    await expect(shares.start(input(path))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});
