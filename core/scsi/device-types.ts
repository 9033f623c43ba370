/** How a unit's medium may be approached: only `block` units are read by address. */
export type DeviceAccess = 'block' | 'optical' | 'sequential' | 'changer' | 'other' | 'none';

/** What is known of a peripheral device type. */
export interface DeviceType {
  readonly code: number;
  /** The short name lsscsi prints. */
  readonly name: string;
  readonly longName: string;
  readonly access: DeviceAccess;
}

const rows: readonly (readonly [number, string, string, DeviceAccess])[] = [
  [0x00, 'disk', 'Direct access block device', 'block'],
  [0x01, 'tape', 'Sequential access device', 'sequential'],
  [0x02, 'printer', 'Printer', 'other'],
  [0x03, 'process', 'Processor', 'other'],
  [0x04, 'worm', 'Write-once device', 'block'],
  [0x05, 'cd/dvd', 'CD, DVD or Blu-ray device', 'optical'],
  [0x06, 'scanner', 'Scanner', 'other'],
  [0x07, 'optical', 'Optical memory device', 'block'],
  [0x08, 'mediumx', 'Medium changer', 'changer'],
  [0x09, 'comms', 'Communications device', 'other'],
  [0x0c, 'storage', 'Storage array controller', 'other'],
  [0x0d, 'enclosu', 'Enclosure services device', 'other'],
  [0x0e, 'sim dsk', 'Simplified direct access device', 'block'],
  [0x0f, 'opti rd', 'Optical card reader/writer', 'other'],
  [0x10, 'bridge', 'Bridge controller', 'other'],
  [0x11, 'osd', 'Object-based storage device', 'other'],
  [0x12, 'adi', 'Automation/drive interface', 'other'],
  [0x13, 'sec man', 'Security manager', 'other'],
  [0x14, 'zbc', 'Host managed zoned block device', 'block'],
  [0x15, 'rbc', 'Reduced multimedia device', 'optical'],
  [0x1e, 'wlun', 'Well known logical unit', 'other'],
  [0x1f, 'no dev', 'Unknown or no device type', 'none'],
];

/** Every device type SPC assigns, by code. */
export const DEVICE_TYPES: ReadonlyMap<number, DeviceType> = new Map(
  rows.map(([code, name, longName, access]) => [code, { code, name, longName, access }]),
);

/** Peripheral qualifiers (SPC-5, standard INQUIRY data). */
export const PERIPHERAL_QUALIFIERS: Readonly<Record<number, string>> = {
  0: 'Connected',
  1: 'Not connected',
  2: 'Reserved',
  3: 'No such logical unit',
};

/** The short name lsscsi prints for a device type code; `unknown` for codes SPC does not assign. */
export function deviceTypeName(code: number): string {
  return DEVICE_TYPES.get(code)?.name ?? 'unknown';
}

/** The device type in words. */
export function deviceTypeLongName(code: number): string {
  return DEVICE_TYPES.get(code)?.longName ?? `Unassigned device type 0x${code.toString(16).padStart(2, '0')}`;
}

/** How units of this type may be approached; codes SPC does not assign count as `other`. */
export function deviceAccess(code: number): DeviceAccess {
  return DEVICE_TYPES.get(code)?.access ?? 'other';
}

/** Whether blocks can be read by address without asking first: tape and changer units are described, never read blindly. */
export function isBlockReadable(code: number): boolean {
  const access = deviceAccess(code);
  return access === 'block' || access === 'optical';
}

/** Names for a tree's device type field. */
export const DEVICE_TYPE_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  rows.map(([code, , longName]) => [code, longName]),
);
