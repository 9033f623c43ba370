// Our own target with everything the matrix asks for, as a process of its own: node test/interop/our-san-host.ts FOLDER PORT
import { join } from 'node:path';
import type { TargetAuth } from '../../core/login/index.ts';
import { FileStore, TargetHost } from '../../core/node/index.ts';
import { LogicalUnit, MemoryStore, SparseStore, type TargetDefinition } from '../../core/target/index.ts';
import { makeSparseFile } from '../support/real/scratch.ts';
import { allowedInitiator, initiatorAccount, targetAccount } from '../support/real/tgt-zoo.ts';
import { ourNames, ourSizes } from './our-san-names.ts';

const MiB = 1 << 20;
const [folder, portText] = process.argv.slice(2);
if (folder === undefined || portText === undefined) {
  process.stderr.write('usage: node test/interop/our-san-host.ts FOLDER PORT\n');
  process.exit(2);
}

const accounts = new Map([[initiatorAccount.user, initiatorAccount.password]]);
const oneWay: TargetAuth = { kind: 'chap', accounts };
const mutual: TargetAuth = {
  kind: 'chap',
  accounts,
  mutual: { user: targetAccount.user, secret: targetAccount.password },
};

let serial = 0;
const identity = (): { vendor: string; product: string; serial: string } => ({
  vendor: 'LUNATEST',
  product: 'Interop disk',
  serial: `INTEROP${String(serial++)}`,
});

async function fileUnit(name: keyof typeof ourSizes, blockSize = 512, readOnly = false): Promise<LogicalUnit> {
  const path = join(folder ?? '', `${name}.img`);
  await makeSparseFile(path, ourSizes[name]);
  return new LogicalUnit({
    store: await FileStore.open(path, { writable: !readOnly, blockSize }),
    identity: identity(),
    readOnly,
  });
}

const thin = new SparseStore({ blockSize: 512, blocks: (64 * MiB) / 512, limitBytes: 64 * MiB });
const disc = await FileStore.open(join(folder, 'disc.iso'), { blockSize: 2048 });
const emptyDrive = new LogicalUnit({
  store: new MemoryStore({ blockSize: 2048, blocks: 16 }),
  identity: identity(),
  deviceType: 'optical',
});
emptyDrive.mediumPresent = false;

const targets: TargetDefinition[] = [
  {
    name: ourNames.zoo,
    luns: [
      { lun: 1, unit: await fileUnit('blocks4096', 4096) },
      { lun: 2, unit: await fileUnit('readOnly', 512, true) },
      { lun: 3, unit: await fileUnit('far') },
      { lun: 4, unit: new LogicalUnit({ store: thin, identity: identity() }) },
      { lun: 5, unit: new LogicalUnit({ store: disc, identity: identity(), deviceType: 'optical' }) },
      { lun: 6, unit: emptyDrive },
      { lun: 300, unit: await fileUnit('flat') },
    ],
  },
  { name: ourNames.plain, luns: [{ lun: 0, unit: await fileUnit('plain') }] },
  { name: ourNames.chap, auth: oneWay, luns: [{ lun: 0, unit: await fileUnit('chap') }] },
  { name: ourNames.mutual, auth: mutual, luns: [{ lun: 0, unit: await fileUnit('mutual') }] },
  {
    name: ourNames.digest,
    luns: [{ lun: 0, unit: await fileUnit('digest') }],
    offers: { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] },
  },
  {
    name: ourNames.small,
    luns: [{ lun: 0, unit: await fileUnit('small') }],
    offers: {
      maxRecvDataSegmentLength: 4096,
      firstBurstLength: 4096,
      maxBurstLength: 16_384,
      initialR2T: true,
      immediateData: false,
    },
  },
  { name: ourNames.acl, initiators: [allowedInitiator], luns: [{ lun: 0, unit: await fileUnit('acl') }] },
  {
    name: ourNames.mcs,
    luns: [{ lun: 0, unit: await fileUnit('mcs') }],
    offers: { maxConnections: 4, errorRecoveryLevel: 2 },
  },
  { name: ourNames.gibibyte, luns: [{ lun: 0, unit: await fileUnit('gibibyte') }] },
];

const host = await TargetHost.start({ targets, portals: [{ port: Number(portText) }] });
process.stdout.write(`listening ${String(host.portals[0]?.port)}\n`);
