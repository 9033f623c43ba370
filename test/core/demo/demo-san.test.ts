import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_CREDENTIALS, startDemoSan, type DemoSan } from '../../../core/demo/index.ts';
import { connect, discover, type Session } from '../../../core/initiator/index.ts';
import { patternGenerator, type ServerEvent } from '../../../core/target/index.ts';

describe('the demo SAN', () => {
  let san: DemoSan;
  let startedMs = 0;
  const sessions: Session[] = [];

  beforeAll(async () => {
    const started = performance.now();
    san = await startDemoSan();
    startedMs = performance.now() - started;
  });

  afterAll(async () => {
    for (const session of sessions.splice(0)) await session.logout().catch(() => undefined);
    await san.close();
  });

  const portal = (index = 0) => {
    const { host = '', port = 0 } = san.portals[index] ?? {};
    return { host, port };
  };
  const open = async (
    id: string,
    options: Partial<Parameters<typeof connect>[1]> = {},
    index = 0,
  ): Promise<Session> => {
    const target = san.targets.find((each) => each.id === id)?.name ?? '';
    const session = await connect(portal(index), { target, ...options });
    sessions.push(session);
    return session;
  };
  const text = (bytes: Uint8Array, from: number, to: number): string =>
    String.fromCharCode(...bytes.subarray(from, to));

  it('is up in well under a second', () => {
    expect(startedMs).toBeLessThan(900);
  });

  it('offers its targets over two portals', async () => {
    const found = await discover(portal());
    expect(found.map(({ name }) => name)).toEqual(san.targets.map(({ name }) => name));
    expect(found[0]?.portals.map(({ groupTag }) => groupTag)).toEqual([1, 2]);
  });

  it('has the partition tables and filesystems it says', async () => {
    const session = await open('disks');
    const gpt = await (await session.disk(0)).read(0n, 2049);
    expect([gpt[450], gpt[510], gpt[511]]).toEqual([0xee, 0x55, 0xaa]);
    expect(text(gpt, 512, 520)).toBe('EFI PART');
    expect(text(gpt, 2048 * 512 + 82, 2048 * 512 + 90)).toBe('FAT32   ');
    const ext = await (await session.disk(0)).read(2048n + 35n * 2048n + 2n, 1);
    expect([ext[56], ext[57]]).toEqual([0x53, 0xef]);
    const mbr = await (await session.disk(1)).read(0n, 2049);
    expect([mbr[450], text(mbr, 2048 * 512 + 3, 2048 * 512 + 7)]).toEqual([0x07, 'NTFS']);
    const fourKn = await session.disk(2);
    expect(fourKn.blockSize).toBe(4096);
    expect(text(await fourKn.read(1n, 1), 0, 8)).toBe('EFI PART');
    const disc = await session.disk(4);
    expect(disc.blockSize).toBe(2048);
    expect(text(await disc.read(16n, 1), 1, 6)).toBe('CD001');
  });

  it('holds a file whose text is known', async () => {
    const session = await open('disks');
    const disk = await session.disk(0);
    const part = await disk.read(2048n, 4096);
    expect(new TextDecoder('latin1').decode(part)).toContain('You found a file by reading raw sectors over iSCSI.');
  });

  it('refuses writes where it says so', async () => {
    const session = await open('disks');
    await expect((await session.disk(3)).write(0n, new Uint8Array(512))).rejects.toMatchObject({
      code: 'WRITE_PROTECTED',
    });
  });

  it('has 8 EiB in which every block is what it must be', async () => {
    const session = await open('huge');
    const disk = await session.disk(1);
    expect(disk.blocks).toBe(2n ** 54n);
    const expected = new Uint8Array(512);
    for (const lba of [0n, 2n ** 32n + 5n, 2n ** 54n - 1n]) {
      patternGenerator()(lba, expected);
      expect(await disk.read(lba, 1)).toEqual(expected);
    }
    const thin = await session.disk(0);
    expect(thin.blocks * BigInt(thin.blockSize)).toBe(8n * 1024n ** 4n);
  });

  it('lets nobody in the vault without the secret, and proves itself to those who ask', async () => {
    await expect(open('vault')).rejects.toMatchObject({
      name: expect.stringMatching(/AuthError|LoginError/u) as string,
    });
    const { user, secret, targetUser, targetSecret } = DEMO_CREDENTIALS;
    const session = await open('vault', { chap: { user, secret, mutual: { user: targetUser, secret: targetSecret } } });
    expect(text(await (await session.disk(0)).read(0n, 1), 0, 21)).toBe('The secret was right.');
  });

  it('shows one disk over both portals', async () => {
    const [first, second] = [await open('multipath', {}, 0), await open('multipath', {}, 1)];
    await (await first.disk(0)).write(100n, new Uint8Array(512).fill(0x42));
    expect((await (await second.disk(0)).read(100n, 1))[0]).toBe(0x42);
  });

  it('makes trouble when told to, and stops when told to', async () => {
    const session = await open('troubled');
    const disk = await session.disk(0);
    san.setScenario('medium-error', true);
    await expect(disk.read(4090n, 16)).rejects.toMatchObject({ code: 'SCSI_CHECK_CONDITION' });
    expect(await disk.read(4089n, 1)).toHaveLength(512);
    san.setScenario('medium-error', false);
    expect(await disk.read(4090n, 16)).toHaveLength(8192);
    san.setScenario('login-refused', true);
    await expect(open('troubled')).rejects.toMatchObject({
      code: 'LOGIN_REFUSED',
      details: { statusClass: 3, statusDetail: 1 },
    });
    expect(await disk.read(0n, 1)).toHaveLength(512);
    san.setScenario('login-refused', false);
    expect(san.isOn('login-refused')).toBe(false);
  });

  it('grows a LUN under the eyes of those who use it', async () => {
    const session = await open('troubled');
    const before = (await session.disk(0)).blocks;
    san.setScenario('grow', true);
    const disk = await session.disk(0);
    expect(disk.blocks).toBe(before + 16384n);
    expect(await disk.read(disk.blocks - 1n, 1)).toHaveLength(512);
    san.setScenario('grow', false);
    expect((await session.disk(0)).blocks).toBe(before);
  });

  it('damages data behind its digest so that an initiator with digests notices', async () => {
    const session = await open('troubled', { dataDigest: ['CRC32C'] });
    const disk = await session.disk(0);
    const clean = await disk.read(0n, 8);
    const state = { dropped: false };
    const stop = san.subscribe((event) => {
      if (event.kind !== 'connectionClosed') return;
      state.dropped = true;
      san.setScenario('digest-error', false);
    });
    san.setScenario('digest-error', true);
    for (let i = 0; i < 12 && !state.dropped; i += 1) expect(await disk.read(0n, 8)).toEqual(clean);
    stop();
    expect(state.dropped).toBe(true);
  });

  it('tells who is logged in and what they do', async () => {
    const events: ServerEvent[] = [];
    const stop = san.subscribe((event) => events.push(event));
    const session = await open('disks');
    await (await session.disk(0)).read(7n, 1);
    stop();
    expect(san.sessions().length).toBeGreaterThan(0);
    expect(events.some((event) => event.kind === 'command' && event.cdb[0] === 0x28 && event.bytesIn === 512)).toBe(
      true,
    );
  });

  it('has a lesson for targets and LUNs that are there', () => {
    for (const { target, lun } of san.lessons) {
      const found = san.targets.find(({ id }) => id === target);
      expect(found).toBeDefined();
      if (lun !== undefined) expect(found?.luns[lun]).toBeDefined();
    }
  });
});
