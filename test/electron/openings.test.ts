import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Opened } from '../../electron/contract/explorer.ts';
import { Openings } from '../../electron/main/services/openings.ts';
import { SecretKeeper } from '../../electron/main/services/secret-keeper.ts';

const target = 'iqn.2026-01.test:a';

describe('what the system opens', () => {
  let folder: string;
  let keeper: SecretKeeper;
  let openings: Openings;
  let allowed: string[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lunascope-openings-'));
    const refuse = (): Promise<never> => Promise.reject(new Error('no store'));
    keeper = await SecretKeeper.open(folder, { available: () => Promise.resolve(false), seal: refuse, open: refuse });
    allowed = [];
    openings = new Openings(
      keeper,
      () => undefined,
      (path) => allowed.push(path),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('hands a link over without its secrets, and keeps those for that place alone', async () => {
    await openings.take(`iscsi://me%topsecret0001@array:3261/${target}/2?target_user=it&target_password=itssecret001`);
    const seen: Opened[] = [];
    openings.watch((opened) => seen.push(opened));
    expect(seen).toEqual([
      {
        kind: 'link',
        link: {
          host: 'array',
          port: 3261,
          target,
          lun: 2,
          user: 'me',
          mutualUser: 'it',
          hasSecret: true,
          hasTargetSecret: true,
          headerDigest: null,
        },
      },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/topsecret|itssecret/);
    const place = { host: 'array', port: 3261, target, user: 'me', side: 'initiator' } as const;
    expect(await keeper.get(place)).toBe('topsecret0001');
    expect(await keeper.get({ ...place, host: 'elsewhere' })).toBeNull();
  });

  it('refuses iser:// and broken links with a sentence', async () => {
    const seen: Opened[] = [];
    openings.watch((opened) => seen.push(opened));
    await openings.take(`iser://array/${target}/0`);
    await openings.take('iscsi://array:99999/');
    expect(seen.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
    expect(JSON.stringify(seen[0])).toContain('RDMA');
  });

  it('takes captures by their names and passes everything else over', async () => {
    const seen: Opened[] = [];
    openings.watch((opened) => seen.push(opened));
    await openings.take('--no-sandbox');
    await openings.take('/tmp/notes.txt');
    await openings.take('/tmp/a.pcapng');
    expect(seen).toEqual([{ kind: 'capture', path: '/tmp/a.pcapng' }]);
    expect(allowed).toEqual(['/tmp/a.pcapng']);
  });

  it('finds a capture where the program that was given it was started, and by the address a desktop hands over', async () => {
    const seen: Opened[] = [];
    openings.watch((opened) => seen.push(opened));
    await openings.take('a.pcapng', '/home/them');
    await openings.take('../b.pcap', '/home/them');
    await openings.take('file:///home/them/of%20monday.pcapng', '/');
    const paths = ['/home/them/a.pcapng', '/home/b.pcap', '/home/them/of monday.pcapng'];
    expect(seen).toEqual(paths.map((path) => ({ kind: 'capture', path })));
    expect(allowed).toEqual(paths);
  });

  it('refuses the address of a file on another computer with a sentence', async () => {
    const seen: Opened[] = [];
    openings.watch((opened) => seen.push(opened));
    await openings.take('file://elsewhere/a.pcapng');
    expect(seen).toMatchObject([{ kind: 'refused', error: { code: 'BAD_ARGUMENT' } }]);
    expect(allowed).toEqual([]);
  });
});
