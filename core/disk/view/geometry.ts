/** How bytes of a device are laid out in rows: the device's size in bytes and the bytes of one row. */
export interface RowGeometry {
  readonly size: bigint;
  readonly columns: number;
}

/** A place on the scroll track: the row at the top of the view. */
export type Row = bigint;

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** `value`, or the nearest end of `from` to `to`. */
export function within(value: bigint, from: bigint, to: bigint): bigint {
  return max(from, min(value, to));
}

/** How many rows there are; the last may be shorter. */
export function rowCount({ size, columns }: RowGeometry): bigint {
  return (size + BigInt(columns) - 1n) / BigInt(columns);
}

/** The row that holds the byte at `address`. */
export function rowOf({ columns }: RowGeometry, address: bigint): Row {
  return address / BigInt(columns);
}

/** The address of a row's first byte. */
export function rowStart({ columns }: RowGeometry, row: Row): bigint {
  return row * BigInt(columns);
}

/** The last row that may stand at the top of a view of `visible` whole rows. */
export function lastTop(geometry: RowGeometry, visible: number): Row {
  return max(0n, rowCount(geometry) - BigInt(Math.max(1, visible)));
}

/** The smallest move of `top` that brings `row` into a view of `visible` whole rows. */
export function reveal(geometry: RowGeometry, top: Row, row: Row, visible: number): Row {
  const rows = BigInt(Math.max(1, visible));
  const moved = row < top ? row : row >= top + rows ? row - rows + 1n : top;
  return within(moved, 0n, lastTop(geometry, visible));
}

/** The scroll bar: how long its track is, how long its thumb must at least be, in pixels. */
export interface Track {
  readonly length: number;
  readonly leastThumb: number;
}

/** Where the thumb stands and how long it is, in pixels. */
export interface Thumb {
  readonly start: number;
  readonly length: number;
}

/** Positions on the track are computed in this many steps to the pixel, so that 2^63 rows lose nothing but what a pixel cannot show. */
const STEPS = 1 << 20;

function thumbLength(geometry: RowGeometry, visible: number, track: Track): number {
  const rows = rowCount(geometry);
  if (rows <= BigInt(visible)) return track.length;
  const share = Number((BigInt(visible) * BigInt(STEPS)) / rows) / STEPS;
  return Math.min(track.length, Math.max(track.leastThumb, share * track.length));
}

/** The thumb for a view whose first row is `top`. */
export function thumbOf(geometry: RowGeometry, top: Row, visible: number, track: Track): Thumb {
  const length = thumbLength(geometry, visible, track);
  const last = lastTop(geometry, visible);
  if (last === 0n) return { start: 0, length };
  const room = BigInt(Math.max(0, Math.round((track.length - length) * STEPS)));
  return { start: Number((within(top, 0n, last) * room + last / 2n) / last) / STEPS, length };
}

/** The row at the top when the thumb stands at `start`; both ends of the track are exactly the first and the last row. */
export function topAt(geometry: RowGeometry, start: number, visible: number, track: Track): Row {
  const last = lastTop(geometry, visible);
  const room = Math.round((track.length - thumbLength(geometry, visible, track)) * STEPS);
  if (room <= 0) return 0n;
  const at = Math.max(0, Math.min(room, Math.round(start * STEPS)));
  return (BigInt(at) * last + BigInt(room) / 2n) / BigInt(room);
}

/**
 * Where a drag leads that began at `from` with the thumb grabbed: by the track while the pointer stays near it; farther off,
 * each doubling of the distance makes a pixel worth 256 times less, down to single rows, so that any row can be reached.
 */
export function dragTop(
  geometry: RowGeometry,
  from: { readonly top: Row; readonly visible: number; readonly track: Track },
  moved: { readonly along: number; readonly away: number },
): Row {
  const { top, visible, track } = from;
  const last = lastTop(geometry, visible);
  const precision = dragPrecision(moved.away);
  if (precision === 0) {
    const { start } = thumbOf(geometry, top, visible, track);
    return topAt(geometry, start + moved.along, visible, track);
  }
  return within(top + fineRows(geometry, visible, track, precision, moved.along), 0n, last);
}

const AWAY_FIRST = 48;
const PRECISION_BITS = 8;

/** How fine a drag is at a distance from the track: 0 on it, one more for each doubling beyond 48 pixels. */
export function dragPrecision(away: number): number {
  const distance = Math.abs(away);
  return distance < AWAY_FIRST ? 0 : 1 + Math.floor(Math.log2(distance / AWAY_FIRST));
}

/** How many rows a pixel of drag is worth at a precision; at least one. */
export function rowsPerPixel(geometry: RowGeometry, visible: number, track: Track, precision: number): bigint {
  const room = BigInt(Math.max(1, Math.round(track.length - thumbLength(geometry, visible, track))));
  return max(1n, (lastTop(geometry, visible) / room) >> BigInt(precision * PRECISION_BITS));
}

function fineRows(geometry: RowGeometry, visible: number, track: Track, precision: number, along: number): bigint {
  return rowsPerPixel(geometry, visible, track, precision) * BigInt(Math.round(along));
}
