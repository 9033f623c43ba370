// Sends CDBs written by hand and shows status and sense as they came: TEST UNIT READY, INQUIRY, a read that streams,
// and a command that the unit refuses.
//
//   npx node core/examples/raw-cdb.ts iscsi://HOST[:PORT]/TARGET/LUN
import { createHash } from 'node:crypto';
import { LunascopeError, ScsiError } from '../errors/index.ts';
import { connect, type RawResult } from '../initiator/index.ts';
import { parseIscsiUrl } from '../login/index.ts';
import { checkStatus, decodeSense } from '../scsi/index.ts';

const [link = usage()] = process.argv.slice(2);
try {
  const { host, port, target, lun = 0 } = parseIscsiUrl(link);
  if (target === undefined) usage();
  const session = await connect({ host, port }, { target });
  try {
    // The first command after a login may report a unit attention; the raw tier shows it and does not repeat anything.
    const testUnitReady = new Uint8Array(6);
    show('TEST UNIT READY', await session.raw.execute(lun, testUnitReady));
    show('TEST UNIT READY', await session.raw.execute(lun, testUnitReady));

    const inquiry = Uint8Array.of(0x12, 0, 0, 0, 96, 0);
    const answer = await session.raw.execute(lun, inquiry, { dataIn: 96 });
    show('INQUIRY', answer);
    console.log(`  vendor "${new TextDecoder().decode(answer.data.subarray(8, 16)).trim()}"`);

    // READ(10) of 2048 blocks from LBA 0, taken piece by piece: memory stays at a few data segments.
    const blockSize = (await session.scsi.readCapacity(lun)).blockSize;
    const read = Uint8Array.of(0x28, 0, 0, 0, 0, 0, 0, 0x08, 0, 0);
    const stream = session.raw.stream(lun, read, { dataIn: { length: 2048 * blockSize } });
    const hash = createHash('sha256');
    for await (const segment of stream.data) hash.update(segment);
    const { status, bytes } = await stream.wait();
    console.log(`READ(10): status 0x${hex(status)}, ${String(bytes)} bytes, sha256 ${hash.digest('hex')}`);

    const vendorSpecific = Uint8Array.of(0xff, 0, 0, 0, 0, 0);
    const refused = await session.raw.execute(lun, vendorSpecific);
    show('operation code FFh', refused);
    try {
      checkStatus(refused.status, refused.sense, vendorSpecific);
    } catch (error) {
      if (!(error instanceof ScsiError)) throw error;
      console.log(`  as an error: ${error.code}, ${error.message}`);
    }
  } finally {
    await session.logout();
  }
} catch (error) {
  if (!(error instanceof LunascopeError)) throw error;
  console.error(`${error.code}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
  process.exitCode = 1;
}

function show(name: string, { status, sense, data, latencyMs }: RawResult): void {
  const decoded = decodeSense(sense);
  const said = decoded === undefined ? '' : `, sense ${hex(decoded.key)}/${hex(decoded.asc)}/${hex(decoded.ascq)}`;
  console.log(`${name}: status 0x${hex(status)}${said}, ${String(data.length)} bytes, ${latencyMs.toFixed(2)} ms`);
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function usage(): never {
  console.error('usage: npx node core/examples/raw-cdb.ts iscsi://HOST[:PORT]/TARGET/LUN');
  process.exit(2);
}
