import { hexByte } from '../payload.ts';
import { ASC_TABLE } from './asc-table.ts';

/** The sense keys (SPC-4 4.5.6). */
export const SENSE_KEYS: Readonly<Record<number, string>> = {
  0x0: 'No sense',
  0x1: 'Recovered error',
  0x2: 'Not ready',
  0x3: 'Medium error',
  0x4: 'Hardware error',
  0x5: 'Illegal request',
  0x6: 'Unit attention',
  0x7: 'Data protect',
  0x8: 'Blank check',
  0x9: 'Vendor specific',
  0xa: 'Copy aborted',
  0xb: 'Aborted command',
  0xc: 'Reserved',
  0xd: 'Volume overflow',
  0xe: 'Miscompare',
  0xf: 'Completed',
};

/** Sense keys by the names used in code. */
export const SENSE_KEY = {
  NO_SENSE: 0x0,
  RECOVERED_ERROR: 0x1,
  NOT_READY: 0x2,
  MEDIUM_ERROR: 0x3,
  HARDWARE_ERROR: 0x4,
  ILLEGAL_REQUEST: 0x5,
  UNIT_ATTENTION: 0x6,
  DATA_PROTECT: 0x7,
  BLANK_CHECK: 0x8,
  VENDOR_SPECIFIC: 0x9,
  COPY_ABORTED: 0xa,
  ABORTED_COMMAND: 0xb,
  VOLUME_OVERFLOW: 0xd,
  MISCOMPARE: 0xe,
  COMPLETED: 0xf,
} as const;

/** The name of a sense key. */
export function senseKeyName(key: number): string {
  return SENSE_KEYS[key] ?? `Sense key ${hexByte(key)}`;
}

/** The T10 name of an additional sense code and qualifier; ranges and codes nobody assigned are described. */
export function ascName(asc: number, ascq: number): string {
  const known = ASC_TABLE[asc * 256 + ascq];
  if (known !== undefined) return known;
  if (asc === 0x40 && ascq >= 0x80) return `Diagnostic failure on component ${hexByte(ascq)}`;
  if (asc === 0x4d) return `Tagged overlapped commands (task tag ${hexByte(ascq)})`;
  if (asc === 0x70) return `Decompression exception, short algorithm ID ${hexByte(ascq)}`;
  const code = `${hexByte(asc)}/${hexByte(ascq)}`;
  if (asc >= 0x80) return `Vendor specific additional sense code ${code}`;
  const family = ASC_TABLE[asc * 256];
  const kind = ascq >= 0x80 ? 'vendor specific' : 'unassigned';
  return family === undefined
    ? `Unassigned additional sense code ${code}`
    : `${family} (${kind} qualifier ${hexByte(ascq)})`;
}
