// Writes blocks, reads them back, compares, and puts back what was there before.
//
//   npx node core/examples/write-verify.ts iscsi://HOST[:PORT]/TARGET/LUN LBA [BLOCKS]
import { randomFillSync } from 'node:crypto';
import { LunascopeError } from '../errors/index.ts';
import { connect } from '../initiator/index.ts';
import { parseIscsiUrl } from '../login/index.ts';

const [link = usage(), lbaText, countText = '64'] = process.argv.slice(2);
try {
  const { host, port, target, lun = 0 } = parseIscsiUrl(link);
  if (target === undefined || lbaText === undefined || !/^\d+$/.test(lbaText) || !/^[1-9]\d{0,5}$/.test(countText))
    usage();
  const lba = BigInt(lbaText);
  const count = Number(countText);
  const session = await connect({ host, port }, { target });
  try {
    const disk = await session.disk(lun);
    const before = await disk.read(lba, count);
    const data = randomFillSync(new Uint8Array(before.length));
    try {
      await disk.write(lba, data);
      await disk.flush();
      const after = await disk.read(lba, count);
      const differs = after.findIndex((byte, index) => byte !== data[index]);
      if (differs < 0) console.log(`${String(count)} blocks at LBA ${lbaText}: written, read back, equal`);
      else {
        console.error(`byte ${String(differs)} differs from what was written`);
        process.exitCode = 1;
      }
    } finally {
      await disk.write(lba, before);
      await disk.flush();
    }
    console.log('what was there before is back');
  } finally {
    await session.logout();
  }
} catch (error) {
  if (!(error instanceof LunascopeError)) throw error;
  console.error(`${error.code}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
  process.exitCode = 1;
}

function usage(): never {
  console.error('usage: npx node core/examples/write-verify.ts iscsi://HOST[:PORT]/TARGET/LUN LBA [BLOCKS]');
  process.exit(2);
}
