import { ScsiError } from '../errors/index.ts';
import {
  buildCdb,
  decodeInquiry,
  decodeLunList,
  formatLun,
  lunBytes,
  type DecodedLun,
  type Inquiry,
} from '../scsi/index.ts';
import type { Commander, CommandOptions } from './command.ts';
import { QUERIES } from './queries.ts';

/** One logical unit as its target lists it. */
export interface LunEntry {
  /** The eight bytes as REPORT LUNS gave them. */
  readonly lun: Uint8Array;
  readonly decoded: DecodedLun;
  /** The LUN as people write it. */
  readonly text: string;
  readonly number: number | undefined;
}

const FIRST_LENGTH = 4096;
const LARGEST_LIST = 16 * 1024 * 1024;

/** Asks for the LUNs at LUN 0, and at the REPORT LUNS well-known unit where there is no LUN 0. */
export async function listLuns(commander: Commander, options: CommandOptions): Promise<LunEntry[]> {
  try {
    return await reportLuns(commander, lunBytes(0n), options);
  } catch (error) {
    if (!(error instanceof ScsiError) || error.code !== 'SCSI_CHECK_CONDITION') throw error;
    return reportLuns(commander, lunBytes(0xc101n << 48n), options).catch(() => {
      throw error;
    });
  }
}

async function reportLuns(commander: Commander, at: Uint8Array, options: CommandOptions): Promise<LunEntry[]> {
  let length = FIRST_LENGTH;
  for (;;) {
    const list = decodeLunList(
      await commander.query(at, buildCdb('reportLuns', { allocationLength: length, selectReport: 0 }), length, options),
    );
    if (list.needed === undefined || list.needed <= length || list.needed > LARGEST_LIST)
      return list.luns.map((decoded) => {
        const lun = lunBytes(BigInt(`0x${decoded.hex}`));
        return { lun, decoded, text: formatLun(lun), number: decoded.number };
      });
    length = list.needed;
  }
}

/** Standard INQUIRY data of a LUN. */
export async function inquire(commander: Commander, lun: Uint8Array, options: CommandOptions = {}): Promise<Inquiry> {
  const { cdb, length } = QUERIES.inquiry();
  return decodeInquiry(await commander.query(lun, cdb, length, options));
}
