// Asks a portal for its targets, logs in to one, lists its LUNs and reads the first blocks of a disk.
//
//   npx node core/examples/discover-read.ts HOST[:PORT] [TARGET [LUN]]
import { LunascopeError } from '../errors/index.ts';
import { connect, discover, type Session } from '../initiator/index.ts';
import { parseHostPort } from '../login/index.ts';

const [address, wanted, wantedLun] = process.argv.slice(2);
if (address === undefined) {
  console.error('usage: npx node core/examples/discover-read.ts HOST[:PORT] [TARGET [LUN]]');
  process.exit(2);
}

try {
  const portal = parseHostPort(address);
  const targets = await discover(portal);
  for (const { name, portals } of targets)
    console.log(`${name} at ${portals.map(({ host, port }) => `${host}:${String(port)}`).join(', ')}`);
  const target = wanted ?? targets[0]?.name;
  if (target === undefined) console.log(`${address} has no targets for this initiator.`);
  else await readFrom(await connect(portal, { target }));
} catch (error) {
  if (!(error instanceof LunascopeError)) throw error;
  console.error(`${error.code}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
  process.exitCode = 1;
}

async function readFrom(session: Session): Promise<void> {
  try {
    const units: { text: string; number: number | undefined; type: string }[] = [];
    for (const { lun, text, number } of await session.luns()) {
      const { vendor = '', product = '', deviceTypeName } = await session.scsi.inquiry(lun);
      units.push({ text, number, type: deviceTypeName });
      console.log(`LUN ${text}: ${deviceTypeName}, ${vendor} ${product}`);
    }
    const chosen = wantedLun ?? units.find(({ type }) => type === 'disk')?.text;
    if (chosen === undefined) {
      console.log('None of these LUNs is a disk.');
      return;
    }
    const disk = await session.disk(Number(chosen));
    console.log(`LUN ${chosen}: ${String(disk.blocks)} blocks of ${String(disk.blockSize)} bytes`);
    const bytes = await disk.read(0n, 1);
    for (let offset = 0; offset < 64; offset += 16) {
      const row = Array.from(bytes.subarray(offset, offset + 16));
      const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
      console.log(`${offset.toString(16).padStart(8, '0')}  ${hex}  ${text}`);
    }
  } finally {
    await session.logout();
  }
}
