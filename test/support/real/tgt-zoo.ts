import { randomBytes } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { runOk } from './child.ts';
import { makeSparseFile } from './scratch.ts';
import { Tgt, type Account, type TgtTarget } from './tgt.ts';
import { requireTool } from './tools.ts';

const MiB = 1 << 20;

/** The accounts of the targets that ask for CHAP. */
export const initiatorAccount: Account = { user: 'alice', password: 'secretsecret1' };
export const targetAccount: Account = { user: 'tgtuser', password: 'secretsecret2' };

/** The only initiator that the 'acl' target lets in. */
export const allowedInitiator = 'iqn.2026-01.test:allowed-only';

/** The names of the zoo's targets. */
export const zooNames = {
  zoo: 'iqn.2026-01.test.tgt:zoo',
  chap: 'iqn.2026-01.test.tgt:chap',
  mutual: 'iqn.2026-01.test.tgt:mutual',
  digest: 'iqn.2026-01.test.tgt:digest',
  digestChoice: 'iqn.2026-01.test.tgt:digest-choice',
  small: 'iqn.2026-01.test.tgt:small',
  scratch: 'iqn.2026-01.test.tgt:scratch',
  acl: 'iqn.2026-01.test.tgt:acl',
  mcs: 'iqn.2026-01.test.tgt:mcs',
} as const;

/** LUNs of every kind tgt has: see the comments for what each is there to show. */
const zooLuns: TgtTarget['luns'] = [
  {
    lun: 1,
    file: 'd1.img',
    sizeBytes: 64 * MiB,
    params: {
      vendor_id: 'DEMOVEND',
      product_id: 'DemoDisk',
      product_rev: '0103',
      scsi_sn: 'SN0001',
      scsi_id: 'MYID0001',
    },
  },
  { lun: 2, file: 'd4k.img', sizeBytes: 64 * MiB, blockSize: 4096 },
  { lun: 3, file: 'ro.img', sizeBytes: 32 * MiB, params: { readonly: 1 } },
  { lun: 4, file: 'aio.img', sizeBytes: 64 * MiB, backend: 'aio' },
  { lun: 5, file: '/dev/zero', backend: 'null' },
  { lun: 6, file: 'dvd.iso', device: 'cd' },
  { lun: 7, file: 'tape.img', device: 'tape', backend: 'ssc' },
  { lun: 8, file: 'changer', sizeBytes: 1024, device: 'changer' },
  { lun: 9, file: 'thin.img', sizeBytes: 64 * MiB, params: { thin_provisioning: 1 } },
  // More than READ CAPACITY(10) can say.
  { lun: 10, file: 'big.img', sizeBytes: 3 * 1024 ** 4 },
  // An empty drive: NOT READY, medium not present.
  { lun: 11, device: 'cd' },
  { lun: 12, file: 'offline.img', sizeBytes: 16 * MiB, params: { online: 0 } },
  // Past 255, so reported with flat space addressing.
  { lun: 300, file: 'flat.img', sizeBytes: 16 * MiB },
];

/** Nine targets: a zoo of LUNs, CHAP both ways, digests forced and by choice, small bursts, a scratch disk, a closed door, several connections. */
export const zooTargets: readonly TgtTarget[] = [
  { name: zooNames.zoo, luns: zooLuns },
  { name: zooNames.chap, luns: [{ lun: 1, file: 'chap.img', sizeBytes: 16 * MiB }], account: initiatorAccount },
  {
    name: zooNames.mutual,
    luns: [{ lun: 1, file: 'mutual.img', sizeBytes: 16 * MiB }],
    account: initiatorAccount,
    outgoing: targetAccount,
  },
  {
    name: zooNames.digest,
    luns: [{ lun: 1, file: 'digest.img', sizeBytes: 64 * MiB }],
    settings: { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' },
  },
  // Left to itself, tgt answers None even to an offer of nothing but CRC32C.
  {
    name: zooNames.digestChoice,
    luns: [{ lun: 1, file: 'digest-choice.img', sizeBytes: 64 * MiB }],
    settings: { HeaderDigest: 'CRC32C,None', DataDigest: 'CRC32C,None' },
  },
  {
    name: zooNames.small,
    luns: [{ lun: 1, file: 'small.img', sizeBytes: 64 * MiB }],
    settings: {
      MaxRecvDataSegmentLength: 4096,
      MaxXmitDataSegmentLength: 4096,
      FirstBurstLength: 4096,
      MaxBurstLength: 16_384,
      InitialR2T: 'Yes',
      ImmediateData: 'No',
      MaxOutstandingR2T: 1,
    },
  },
  { name: zooNames.scratch, luns: [{ lun: 1, file: 'scratch.img', sizeBytes: 128 * MiB }] },
  {
    name: zooNames.acl,
    luns: [{ lun: 1, file: 'acl.img', sizeBytes: 16 * MiB }],
    onlyInitiator: allowedInitiator,
  },
  {
    name: zooNames.mcs,
    luns: [{ lun: 1, file: 'mcs.img', sizeBytes: 64 * MiB }],
    settings: { MaxConnections: 4, ErrorRecoveryLevel: 2, DefaultTime2Wait: 2, nop_interval: 2, nop_count: 3 },
  },
];

/** Starts a tgtd with the whole zoo. */
export async function startTgtZoo(): Promise<Tgt> {
  const tgt = await Tgt.start();
  try {
    await makeMedia(tgt);
    for (const target of zooTargets) await tgt.add(target);
  } catch (error) {
    await tgt.stop();
    throw error;
  }
  return tgt;
}

/** The removable media that tgt itself cannot make out of an empty file. */
async function makeMedia(tgt: Tgt): Promise<void> {
  await writeFile(tgt.path('dvd.iso'), randomBytes(6 * MiB));
  const tape = tgt.path('tape.img');
  if ((await stat(tape).catch(() => undefined)) === undefined) {
    const label = ['--barcode', 'A00001L4', '--size', '20', '--type', 'data'];
    await runOk(requireTool('tgtimg'), ['--op', 'new', '--device-type', 'tape', ...label, '--file', tape]);
  }
  await makeSparseFile(tgt.path('changer'), 1024);
}
