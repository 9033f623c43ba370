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

/** A number of things: `1 byte`, `512 bytes`. */
export function formatCountOf(count: bigint, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1n ? '' : 's'}`;
}

/** Host and port as they are written in an address; IPv6 in brackets. */
export function formatPortal(portal: { readonly host: string; readonly port: number }): string {
  return portal.host.includes(':') ? `[${portal.host}]:${portal.port}` : `${portal.host}:${portal.port}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something lasts, in one or two units: 340 ms, 12 s, 3 min 20 s. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(ms < 10 * SECOND ? 1 : 0)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
}

/** How long ago something was, roughly: just now, 3 min ago. */
export function formatAge(ms: number): string {
  if (ms < 5 * SECOND) return 'just now';
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`;
  return `${Math.floor(ms / DAY)} d ago`;
}

/** A moment of today on this computer's clock, to the millisecond. */
export function formatClock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;

/** A latency with three digits: 87 µs, 1.24 ms, 2.4 s. */
export function formatMicros(us: number): string {
  const digits = (value: number): string => String(Number(value.toPrecision(DIGITS)));
  if (us < US_PER_MS) return `${digits(us)} µs`;
  if (us < US_PER_SECOND) return `${digits(us / US_PER_MS)} ms`;
  return `${digits(us / US_PER_SECOND)} s`;
}

/** The part of an iSCSI name after its naming authority, which is what tells targets apart. */
export function shortName(name: string): string {
  const at = name.indexOf(':');
  return at === -1 || at === name.length - 1 ? name : name.slice(at + 1);
}
