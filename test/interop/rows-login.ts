import assert from 'node:assert/strict';
import { AuthError, LoginError } from '../../core/errors/index.ts';
import { connect, discover, type ConnectOptions } from '../../core/initiator/index.ts';
import { iscsiInq, iscsiLs, qemuIo } from '../support/real/initiators.ts';
import { assertSameBytes, failure, Keystream, readFilePart } from './evidence.ts';
import { NotHere, type Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { portalOf, urlOf, withSession } from './sessions.ts';

const KiB = 1024;

export const loginRows: readonly Row<San>[] = [
  {
    name: 'discovery',
    check: async (san) => {
      const found = await discover(portalOf(san));
      const names = found.map(({ name }) => name).sort();
      assert.deepEqual(names, [...san.targets].sort());
      for (const { name, portals } of found)
        assert.ok(
          portals.some(({ host, port }) => host === san.host && port === san.port),
          `${name} has our portal`,
        );
      const { targets } = await iscsiLs(urlOf(san, { target: '', lun: 0 }).replace('/0', ''), {
        luns: false,
        timeoutMs: 3000,
      });
      assert.deepEqual([...new Set(targets.map(({ name }) => name))].sort(), names, 'iscsi-ls lists the same targets');
      return `${names.length} targets`;
    },
  },
  {
    name: 'login without discovery',
    check: async (san) => {
      const disk = diskOf(san, 'plain');
      const text = await iscsiInq(urlOf(san, disk));
      return withSession(san, { target: disk.target }, async (session) => {
        const { vendor = '', product = '' } = await session.scsi.inquiry(disk.lun);
        assert.match(text, new RegExp(`Vendor:\\s*${vendor.trim()}\\b`), 'iscsi-inq saw the same vendor');
        const keys = session.negotiated.map(({ key }) => key);
        for (const key of ['HeaderDigest', 'MaxBurstLength', 'FirstBurstLength', 'InitialR2T', 'ErrorRecoveryLevel'])
          assert.ok(keys.includes(key), `the record of the negotiation has ${key}`);
        return `${vendor.trim()} ${product.trim()}`;
      });
    },
  },
  {
    name: 'unknown target refused',
    check: async (san) => {
      const target = 'iqn.2026-01.test:nobody';
      const error = await failure(connect(portalOf(san), { target }), LoginError, 'LOGIN_REFUSED');
      return error.message;
    },
  },
  { name: 'CHAP', check: chap },
  { name: 'mutual CHAP', check: mutualChap },
  { name: 'header digest', check: (san) => digests(san, 'CRC32C', 'None') },
  { name: 'data digest', check: (san) => digests(san, 'None', 'CRC32C') },
  { name: 'both digests', check: (san) => digests(san, 'CRC32C', 'CRC32C') },
  {
    name: 'digests the target insists on',
    check: async (san) => {
      const disk = diskOf(san, 'forcedDigests');
      const options: ConnectOptions = {
        target: disk.target,
        headerDigest: ['CRC32C', 'None'],
        dataDigest: ['CRC32C', 'None'],
      };
      await withSession(san, options, async (session) => {
        assert.equal(session.parameters.headerDigest, 'CRC32C');
        assert.equal(session.parameters.dataDigest, 'CRC32C');
        const data = new Keystream(`${san.name} forced`).next(300 * 512);
        const open = await session.disk(disk.lun);
        await open.write(77n, data);
        assertSameBytes(await open.read(77n, 300), data, 'read back');
      });
      // Offered nothing but None, tgt goes on without a digest and istgt answers Reject: both are typed here.
      const plain = connect(portalOf(san), { target: disk.target, loginTimeoutMs: 3000 });
      const outcome = await plain.then(
        async (session) => {
          await session.logout();
          return 'None is accepted after all';
        },
        (error: unknown) => {
          assert.ok(error instanceof LoginError, String(error));
          return error.code;
        },
      );
      return `offered only None: ${outcome}`;
    },
  },
  {
    name: 'a target closed to us',
    check: async (san) => {
      if (san.acl === undefined) throw new NotHere(san.absent.acl ?? `${san.name} lets everyone in`);
      const { target, allowed } = san.acl;
      const error = await failure(connect(portalOf(san), { target }), LoginError, 'LOGIN_REFUSED');
      await withSession(san, { target, initiatorName: allowed }, async (session) => {
        assert.ok((await session.luns()).length > 0);
      });
      return error.message;
    },
  },
  {
    name: 'session reinstatement',
    check: async (san) => {
      const { target, lun } = diskOf(san, 'plain');
      const isid = Uint8Array.of(0x80, 1, 2, 3, 0, 9);
      // A first session that came back would end the second in turn, without end.
      const same = { target, initiatorName: 'iqn.2026-01.test:same', isid, maxReconnectAttempts: 0 };
      const first = await connect(portalOf(san), same);
      const ended = new Promise<string>((resolve) => {
        first.on('state', (to, _from, reason) => {
          if (to === 'closed') resolve(reason?.code ?? 'without a reason');
        });
      });
      await withSession(san, same, async (second) => {
        assert.ok((await second.disk(lun)).blocks > 0n);
        // tgt ends the old connection only when something is asked of it.
        await first.scsi.testUnitReady(lun).catch(() => undefined);
        assert.notEqual(await ended, 'without a reason');
        assert.ok((await second.disk(lun)).blocks > 0n);
      });
      first.destroy();
      return `the first session ended: ${await ended}`;
    },
  },
];

async function chap(san: San): Promise<string> {
  const disk = diskOf(san, 'chap');
  const { user, password } = san.account;
  await qemuIo(urlOf(san, disk, { user, password }), 'write -P 0x3c 64k 64k');
  const options = { target: disk.target, chap: { user, secret: password } };
  const algorithm = await withSession(san, options, async (session) => {
    assert.equal(session.login.authMethod, 'CHAP');
    assert.equal(session.login.targetProven, false);
    const bytes = await (await session.disk(disk.lun)).read(128n, 128);
    assertSameBytes(bytes, new Uint8Array(64 * KiB).fill(0x3c), 'what qemu-io wrote');
    return session.login.chapAlgorithm;
  });
  const wrong = { target: disk.target, chap: { user, secret: 'not the secret' } };
  await failure(connect(portalOf(san), wrong), AuthError, 'AUTH_REFUSED');
  const without = await failure(
    connect(portalOf(san), { target: disk.target }),
    AuthError,
    'AUTH_REFUSED',
    'AUTH_METHOD',
  );
  return `algorithm ${String(algorithm)}; without credentials: ${without.code}`;
}

async function mutualChap(san: San): Promise<string> {
  const disk = diskOf(san, 'mutual');
  const { user, password } = san.account;
  const own = { user, secret: password };
  const mutual = { user: san.targetAccount.user, secret: san.targetAccount.password };
  const algorithm = await withSession(san, { target: disk.target, chap: { ...own, mutual } }, async (session) => {
    assert.equal(session.login.targetProven, true);
    assert.ok((await session.disk(disk.lun)).blocks > 0n);
    return session.login.chapAlgorithm;
  });
  const impostor = { ...own, mutual: { ...mutual, secret: 'what a stranger has' } };
  const refused = connect(portalOf(san), { target: disk.target, chap: impostor });
  const error = await failure(refused, AuthError, 'AUTH_TARGET_UNPROVEN');
  assert.equal(error.details['side'], 'target');
  return `algorithm ${String(algorithm)}`;
}

async function digests(san: San, header: 'None' | 'CRC32C', data: 'None' | 'CRC32C'): Promise<string> {
  const disk = diskOf(san, 'digests');
  const options: ConnectOptions = { target: disk.target, headerDigest: [header], dataDigest: [data] };
  const lba = 4096n;
  const blocks = 1537;
  return withSession(san, options, async (session) => {
    assert.equal(session.parameters.headerDigest, header);
    assert.equal(session.parameters.dataDigest, data);
    const bytes = new Keystream(`${san.name} ${header} ${data}`).next(blocks * disk.blockSize);
    const open = await session.disk(disk.lun);
    await open.write(lba, bytes);
    assertSameBytes(await open.read(lba, blocks), bytes, 'read back');
    await open.flush();
    if (disk.image !== undefined) {
      const stored = await readFilePart(disk.image, Number(lba) * disk.blockSize, bytes.length);
      assertSameBytes(stored, bytes, "the target's own file");
    }
    return `${blocks} blocks`;
  });
}
