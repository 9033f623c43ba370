import { encodeInquiry, encodeLunList, encodeSense, lunFromNumber } from '../../scsi/index.ts';
import type { UnitMap } from './logical-unit.ts';
import { answer, done, type Plan } from './outcome.ts';
import { illegalRequest, invalidField, LUN_NOT_SUPPORTED } from './refusals.ts';
import { readU16, readU32 } from '../../bytes/index.ts';

const INQUIRY = 0x12;
const REQUEST_SENSE = 0x03;
const REPORT_LUNS = 0xa0;

/** A command for a number no unit answers to: only three are answered at all (SPC-5 4.6.4). */
export function planWithoutUnit(units: UnitMap, cdb: Uint8Array): Plan {
  switch (cdb[0]) {
    case INQUIRY:
      if (((cdb[1] ?? 0) & 1) !== 0 || (cdb[2] ?? 0) !== 0) return done(LUN_NOT_SUPPORTED);
      return answer(encodeInquiry({ qualifier: 3, deviceType: 0x1f }), readU16(cdb, 3));
    case REQUEST_SENSE:
      return answer(encodeSense({ key: 5, asc: 0x25, ascq: 0x00 }), cdb[4] ?? 0);
    case REPORT_LUNS:
      return reportLuns(units.keys(), cdb);
    default:
      return done(LUN_NOT_SUPPORTED);
  }
}

/** REPORT LUNS: the same answer whichever unit is asked (SPC-5 6.33). */
export function reportLuns(luns: Iterable<number>, cdb: Uint8Array): Plan {
  const select = cdb[2] ?? 0;
  if (select > 2) return done(invalidField(2));
  const list = select === 1 ? [] : [...luns].sort((a, b) => a - b).map(lunFromNumber);
  return answer(encodeLunList(list), readU32(cdb, 6));
}

/** No command of this target moves data both ways. */
export function refuseBidirectional(): Plan {
  return done(illegalRequest(0x24, 0x00));
}
