import { allowedInitiator, initiatorAccount, startTgtZoo, targetAccount, zooNames } from '../support/real/tgt-zoo.ts';
import type { San, SanDisk } from './san.ts';

const MiB = 1 << 20;
const gibibyteTarget = 'iqn.2026-01.test.tgt:gibibyte';

/** Starts tgt with its zoo and a disk of 1 GiB. */
export async function startTgtSan(): Promise<San> {
  const tgt = await startTgtZoo();
  await tgt.add({
    name: gibibyteTarget,
    luns: [{ lun: 1, file: 'gibibyte.img', sizeBytes: 1024 * MiB }],
    settings: { MaxRecvDataSegmentLength: 262_144, MaxBurstLength: 1_048_576, FirstBurstLength: 262_144 },
  });
  const disk = (target: string, lun: number, sizeMiB: number, file: string, blockSize = 512): SanDisk => ({
    target,
    lun,
    blockSize,
    sizeBytes: sizeMiB * MiB,
    image: tgt.path(file),
  });
  const { zoo } = zooNames;
  return {
    name: 'tgt',
    host: tgt.host,
    port: tgt.port,
    targets: [...Object.values(zooNames).filter((name) => name !== zooNames.acl), gibibyteTarget],
    // LUN 0 is tgt's controller; 300 comes in flat space addressing.
    luns: { target: zoo, numbers: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 300] },
    disks: {
      plain: disk(zooNames.scratch, 1, 128, 'scratch.img'),
      chap: disk(zooNames.chap, 1, 16, 'chap.img'),
      mutual: disk(zooNames.mutual, 1, 16, 'mutual.img'),
      digests: disk(zooNames.digestChoice, 1, 64, 'digest-choice.img'),
      forcedDigests: disk(zooNames.digest, 1, 64, 'digest.img'),
      blocks4096: disk(zoo, 2, 64, 'd4k.img', 4096),
      readOnly: disk(zoo, 3, 32, 'ro.img'),
      smallBursts: disk(zooNames.small, 1, 64, 'small.img'),
      gibibyte: disk(gibibyteTarget, 1, 1024, 'gibibyte.img'),
      beyond2TiB: disk(zoo, 10, 3 * MiB, 'big.img'),
      thin: disk(zoo, 9, 64, 'thin.img'),
      connections: disk(zooNames.mcs, 1, 64, 'mcs.img'),
    },
    absent: {},
    account: initiatorAccount,
    targetAccount,
    otherUnits: [
      { target: zoo, lun: 0, deviceType: 0x0c },
      { target: zoo, lun: 6, deviceType: 0x05 },
      { target: zoo, lun: 7, deviceType: 0x01 },
      { target: zoo, lun: 8, deviceType: 0x08 },
    ],
    emptyDrive: { target: zoo, lun: 11 },
    acl: { target: zooNames.acl, allowed: allowedInitiator },
    loginMs: 0,
    attentionAfterReset: true,
    kill: () => tgt.kill(),
    revive: () => tgt.revive(),
    stop: () => tgt.stop(),
  };
}
