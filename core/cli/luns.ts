import { LunascopeError } from '../errors/index.ts';
import type { LunEntry, Session } from '../initiator/index.ts';
import { parseFlags } from './flags.ts';
import { print, printJson } from './io.ts';
import { SESSION_FLAGS } from './session-flags.ts';
import type { Verb } from './verb.ts';
import { withSession } from './with-session.ts';

interface LunRow {
  readonly lun: string;
  readonly number: number | null;
  readonly type: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly blocks: bigint | null;
  readonly blockSize: number | null;
  /** Why a fact could not be had; the other LUNs are listed all the same. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

async function describe(session: Session, entry: LunEntry): Promise<LunRow> {
  const row: LunRow = {
    lun: entry.decoded.hex,
    number: entry.number ?? null,
    type: null,
    vendor: null,
    product: null,
    blocks: null,
    blockSize: null,
    error: null,
  };
  let known = row;
  try {
    const inquiry = await session.scsi.inquiry(entry.lun);
    known = { ...row, type: inquiry.deviceTypeName, vendor: inquiry.vendor ?? null, product: inquiry.product ?? null };
    if (inquiry.deviceType !== 0 && inquiry.deviceType !== 5) return known;
    const capacity = await session.scsi.readCapacity(entry.lun);
    return { ...known, blocks: capacity.blocks, blockSize: capacity.blockSize };
  } catch (error) {
    if (!(error instanceof LunascopeError)) throw error;
    return { ...known, error: { code: error.code, message: error.message } };
  }
}

/** Sizes for people, in powers of 1024. */
export function formatBytes(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  let scaled = bytes * 100n;
  while (scaled >= 102400n && unit < units.length - 1) {
    scaled /= 1024n;
    unit += 1;
  }
  const text = `${String(scaled / 100n)}.${String(scaled % 100n).padStart(2, '0')}`;
  return `${unit === 0 ? String(bytes) : text} ${units[unit] ?? ''}`;
}

function line(row: LunRow): string {
  const size =
    row.blocks === null || row.blockSize === null
      ? ''
      : `${formatBytes(row.blocks * BigInt(row.blockSize))}, ${String(row.blockSize)} B blocks`;
  const facts = [row.type, row.vendor, row.product, size].filter((fact) => fact !== null && fact !== '').join('  ');
  const error = row.error === null ? '' : `  ! ${row.error.message}`;
  return `LUN ${row.number === null ? `0x${row.lun}` : String(row.number)}  ${facts}${error}`;
}

/** Lists a target's LUNs. */
export const LUNS: Verb = {
  usage: 'luns URL',
  help: 'list the LUNs of a target',
  flags: SESSION_FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, SESSION_FLAGS, [0, 1]);
    const rows = await withSession(flags, io, async (session) => {
      const found: LunRow[] = [];
      for (const entry of await session.luns()) found.push(await describe(session, entry));
      return found;
    });
    if (flags.has('json')) printJson(io, { luns: rows });
    else for (const row of rows) print(io, line(row));
    return 0;
  },
};
