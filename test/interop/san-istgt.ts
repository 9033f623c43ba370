import { Istgt, istgtNames, istgtZooTargets } from '../support/real/istgt.ts';
import { istgtNodeBase } from '../support/real/istgt-config.ts';
import { allowedInitiator, initiatorAccount, targetAccount } from '../support/real/tgt-zoo.ts';
import type { San, SanDisk } from './san.ts';

const MiB = 1 << 20;
const farTarget = `${istgtNodeBase}:far`;
const gibibyteTarget = `${istgtNodeBase}:gibibyte`;

/** Starts istgt with its targets and a disk of 1 GiB. */
export async function startIstgtSan(): Promise<San> {
  const gibibyte = { name: 'gibibyte', luns: [{ lun: 0, file: 'gibibyte.img', sizeBytes: 1024 * MiB }] };
  const far = { name: 'far', luns: [{ lun: 0, file: 'far.img', sizeBytes: 3 * MiB * MiB }] };
  const istgt = await Istgt.start([...istgtZooTargets, gibibyte, far]);
  const disk = (target: string, lun: number, sizeMiB: number, file: string, blockSize = 512): SanDisk => ({
    target,
    lun,
    blockSize,
    sizeBytes: sizeMiB * MiB,
    image: istgt.path(file),
  });
  return {
    name: 'istgt',
    host: istgt.host,
    port: istgt.port,
    targets: [...Object.values(istgtNames).filter((name) => name !== istgtNames.acl), gibibyteTarget, farTarget],
    luns: { target: istgtNames.disk, numbers: [0, 1] },
    disks: {
      plain: disk(istgtNames.scratch, 0, 128, 'scratch.img'),
      chap: disk(istgtNames.chap, 0, 16, 'chap.img'),
      mutual: disk(istgtNames.mutual, 0, 16, 'mutual.img'),
      digests: disk(istgtNames.scratch, 0, 128, 'scratch.img'),
      forcedDigests: disk(istgtNames.digest, 0, 64, 'digest.img'),
      blocks4096: disk(istgtNames.disk4k, 0, 64, 'disk4k.img', 4096),
      // istgt's only write-protected medium is a disc.
      readOnly: disk(istgtNames.dvd, 0, 1, 'dvd.iso', 2048),
      smallBursts: disk(istgtNames.disk, 0, 64, 'disk0.img'),
      gibibyte: disk(gibibyteTarget, 0, 1024, 'gibibyte.img'),
      beyond2TiB: disk(farTarget, 0, 3 * MiB, 'far.img'),
      connections: disk(istgtNames.disk, 1, 64, 'disk1.img'),
    },
    absent: {
      thin: 'istgt knows no thin provisioning',
      emptyDrive: 'istgt is given no empty drive here',
    },
    account: initiatorAccount,
    targetAccount,
    otherUnits: [
      { target: istgtNames.dvd, lun: 0, deviceType: 0x05 },
      { target: istgtNames.tape, lun: 0, deviceType: 0x01 },
    ],
    acl: { target: istgtNames.acl, allowed: allowedInitiator },
    // istgt looks at a new connection a second after it came.
    loginMs: 1000,
    attentionAfterReset: false,
    kill: () => istgt.kill(),
    revive: () => istgt.revive(),
    stop: () => istgt.stop(),
  };
}
