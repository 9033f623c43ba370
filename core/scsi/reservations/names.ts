/** Persistent reservation types (SPC-4 6.15.3). */
export const RESERVATION_TYPES: Readonly<Record<number, string>> = {
  0x1: 'Write exclusive',
  0x3: 'Exclusive access',
  0x5: 'Write exclusive, registrants only',
  0x6: 'Exclusive access, registrants only',
  0x7: 'Write exclusive, all registrants',
  0x8: 'Exclusive access, all registrants',
};

/** Persistent reservation scopes (SPC-4 6.15.3). */
export const RESERVATION_SCOPES: Readonly<Record<number, string>> = { 0x0: 'Logical unit', 0x2: 'Element (obsolete)' };

/** The name of a persistent reservation type. */
export function reservationTypeName(type: number): string {
  return RESERVATION_TYPES[type] ?? `Reservation type 0x${type.toString(16)}`;
}
