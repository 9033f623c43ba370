const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const STEP = 1024n;
const DIGITS = 3;

/** A size in binary units with three significant digits, exact where it divides evenly: 8 TiB, 1.46 GiB. */
export function formatBytes(bytes: bigint): string {
  let unit = 0;
  let scale = 1n;
  while (unit < UNITS.length - 1 && bytes >= scale * STEP) {
    scale *= STEP;
    unit += 1;
  }
  const name = UNITS[unit] ?? 'B';
  if (bytes % scale === 0n) return `${String(bytes / scale)} ${name}`;
  return `${Number((Number(bytes) / Number(scale)).toPrecision(DIGITS))} ${name}`;
}

/** A whole number with thin groups of three, for reading. */
export function formatCount(count: bigint): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** Host and port as they are written in an address; IPv6 in brackets. */
export function formatPortal(portal: { readonly host: string; readonly port: number }): string {
  return portal.host.includes(':') ? `[${portal.host}]:${portal.port}` : `${portal.host}:${portal.port}`;
}
