import type { WireError } from '../../electron/contract/errors.ts';

const LOGIN_RESPONSE = 'opcode == 0x23';

/** Filters that find the PDUs an error came from, the surest first; the last PDU one lets through is the one. */
export function proofOf({ name, details, raw }: WireError): readonly string[] {
  const { itt } = details;
  if (typeof itt === 'number') return [`itt == 0x${(itt >>> 0).toString(16)}`];
  if (raw !== null && raw.cdb.length >= 2) {
    const bytes = raw.cdb.replaceAll(/(..)(?=.)/g, '$1:');
    return [`failed && header contains ${bytes}`, `failed && scsi.opcode == 0x${raw.cdb.slice(0, 2)}`, 'failed'];
  }
  if (/Login|Auth/.test(name)) return [`${LOGIN_RESPONSE} && login.status != 0`, LOGIN_RESPONSE];
  if (name === 'TimeoutError') return ['!answered'];
  return ['failed'];
}
