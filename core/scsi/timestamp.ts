import { bits, decodePartial, layout, readU16, readU32, uint, type FieldNode } from '../bytes/index.ts';
import { encodeStruct, payloadTree } from './payload.ts';

/** REPORT TIMESTAMP data (SPC-5 REPORT TIMESTAMP). */
export const TIMESTAMP = layout('timestamp', 'Device timestamp', 12, 'SPC-5 REPORT TIMESTAMP', [
  uint('dataLength', 'Timestamp parameter data length', 0, 2),
  bits('origin', 'Timestamp origin', 2, [2, 0], {
    values: { 0: 'Zero at power on or reset', 2: 'SET TIMESTAMP', 3: 'Another method' },
  }),
  uint('high', 'Timestamp, high 16 bits', 4, 2),
  uint('low', 'Timestamp, low 32 bits', 6, 4, { meaning: 'Milliseconds since 1970-01-01 UTC.' }),
]);

/** The clock of a device; `milliseconds` counts since 1970-01-01 UTC once it was set. */
export interface DeviceTimestamp {
  readonly origin?: number;
  readonly milliseconds?: number;
  readonly warnings: readonly string[];
}

/** Reads REPORT TIMESTAMP data, however short. */
export function decodeTimestamp(bytes: Uint8Array): DeviceTimestamp {
  const { origin } = decodePartial(TIMESTAMP, bytes);
  const milliseconds = bytes.length >= 10 ? readU16(bytes, 4) * 2 ** 32 + readU32(bytes, 6) : undefined;
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(milliseconds === undefined ? {} : { milliseconds }),
    warnings: bytes.length < 12 ? [`REPORT TIMESTAMP data has 12 bytes; ${String(bytes.length)} are there.`] : [],
  };
}

/** Builds REPORT TIMESTAMP data. */
export function encodeTimestamp(milliseconds: number, origin: number): Uint8Array {
  return encodeStruct(TIMESTAMP, {
    dataLength: 10,
    origin,
    high: Math.floor(milliseconds / 2 ** 32),
    low: milliseconds % 2 ** 32,
  });
}

/** The field tree of REPORT TIMESTAMP data. */
export function timestampFieldTree(bytes: Uint8Array): FieldNode {
  return payloadTree(TIMESTAMP, bytes, [], { warnings: decodeTimestamp(bytes).warnings });
}
