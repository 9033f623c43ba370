import type { LunSummary } from '../../contract/sessions.ts';

const STRONG = /NAA|EUI|UUID|T10|SCSI name/i;

/** What a unit is known by on every path: its world-wide name, else its serial number, else the place it was found at. */
export function unitIdentity(target: string, lun: string, summary: LunSummary | undefined): string {
  const name = summary?.names.find(({ kind }) => STRONG.test(kind));
  if (name !== undefined) return `${name.kind} ${name.hex}`;
  const serial = summary?.serial ?? '';
  if (summary !== undefined && serial !== '') return `${summary.vendor} ${summary.product} ${serial}`;
  return `${target} ${lun}`;
}
