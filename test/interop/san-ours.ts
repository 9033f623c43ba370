import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../support/real/child.ts';
import { makeScratch, removeScratch } from '../support/real/scratch.ts';
import { allowedInitiator, initiatorAccount, targetAccount } from '../support/real/tgt-zoo.ts';
import { freePort, waitFor } from '../support/real/wait.ts';
import { ourNames, ourSizes } from './our-san-names.ts';
import type { San, SanDisk } from './san.ts';

const host = fileURLToPath(new URL('our-san-host.ts', import.meta.url));

/** Starts our own target as a process of its own, with image files that outlive a kill. */
export async function startOurSan(): Promise<San> {
  const folder = await makeScratch('ours');
  await writeFile(join(folder, 'disc.iso'), randomBytes(1 << 20));
  const port = await freePort();
  let child: Child | undefined;
  const revive = async (): Promise<void> => {
    const started = startChild(process.execPath, [host, folder, String(port)]);
    child = started;
    await waitFor('our target listening', () => {
      if (!started.running()) throw new Error(`our target ended at start:\n${started.output()}`);
      return started.output().includes(`listening ${port}\n`);
    });
  };
  const kill = async (): Promise<void> => {
    await child?.kill();
  };
  const stop = async (): Promise<void> => {
    await kill();
    await removeScratch(folder);
  };
  try {
    await revive();
  } catch (error) {
    await stop();
    throw error;
  }
  const disk = (target: string, lun: number, name: keyof typeof ourSizes, blockSize = 512): SanDisk => ({
    target,
    lun,
    blockSize,
    sizeBytes: ourSizes[name],
    image: join(folder, `${name}.img`),
  });
  const { zoo } = ourNames;
  return {
    name: 'ours',
    host: '127.0.0.1',
    port,
    targets: Object.values(ourNames).filter((name) => name !== ourNames.acl),
    luns: { target: zoo, numbers: [1, 2, 3, 4, 5, 6, 300] },
    disks: {
      plain: disk(ourNames.plain, 0, 'plain'),
      chap: disk(ourNames.chap, 0, 'chap'),
      mutual: disk(ourNames.mutual, 0, 'mutual'),
      digests: disk(ourNames.plain, 0, 'plain'),
      forcedDigests: disk(ourNames.digest, 0, 'digest'),
      blocks4096: disk(zoo, 1, 'blocks4096', 4096),
      readOnly: disk(zoo, 2, 'readOnly'),
      smallBursts: disk(ourNames.small, 0, 'small'),
      gibibyte: disk(ourNames.gibibyte, 0, 'gibibyte'),
      beyond2TiB: disk(zoo, 3, 'far'),
      thin: { target: zoo, lun: 4, blockSize: 512, sizeBytes: 64 << 20 },
      connections: disk(ourNames.mcs, 0, 'mcs'),
    },
    absent: {},
    account: initiatorAccount,
    targetAccount,
    otherUnits: [{ target: zoo, lun: 5, deviceType: 0x05 }],
    emptyDrive: { target: zoo, lun: 6 },
    acl: { target: ourNames.acl, allowed: allowedInitiator },
    loginMs: 0,
    attentionAfterReset: true,
    kill,
    revive,
    stop,
  };
}
