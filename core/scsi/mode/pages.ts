import { decodePartial, type Layout, type LayoutInput } from '../../bytes/index.ts';
import { familyOf } from '../cdb/catalog.ts';
import { encodeStruct, hexByte } from '../payload.ts';
import { MODE_PAGES, type ModePageSpec } from './page-table.ts';

/** Names of the mode pages the tables describe. */
export type ModePageId = keyof typeof MODE_PAGES;

const LIST: readonly (ModePageSpec & { readonly id: string })[] = Object.entries(MODE_PAGES).map(([id, spec]) => ({
  ...spec,
  id,
}));

const OTHER_NAMES: Readonly<Record<number, string>> = {
  0x00: 'Vendor specific page',
  0x06: 'Optical memory',
  0x09: 'Peripheral device (obsolete)',
  0x0b: 'Medium types supported',
  0x0c: 'Notch and partition',
  0x0d: 'Power condition (obsolete), or CD device parameters',
  0x10: 'Device configuration',
  0x11: 'Medium partition',
  0x14: 'Enclosure services management',
  0x1b: 'LUN mapping',
  0x1e: 'Transport geometry parameters',
  0x1f: 'Device capabilities',
  0x3f: 'All pages',
};

/** The page a code means on a unit of this device type. */
export function findModePage(
  pageCode: number,
  subpageCode: number,
  deviceType = 0,
): (ModePageSpec & { readonly id: string }) | undefined {
  const family = familyOf(deviceType);
  const fitting = LIST.filter((spec) => spec.pageCode === pageCode && spec.subpageCode === subpageCode);
  return fitting.find((spec) => spec.family === family) ?? fitting.find((spec) => spec.family === 'any');
}

/** The name of a mode page. */
export function modePageName(pageCode: number, subpageCode: number, deviceType = 0): string {
  const known =
    findModePage(pageCode, subpageCode, deviceType)?.layout.label ??
    (subpageCode === 0 ? OTHER_NAMES[pageCode] : undefined);
  if (known !== undefined) return known;
  const code = subpageCode === 0 ? hexByte(pageCode) : `${hexByte(pageCode)}/${hexByte(subpageCode)}`;
  return `${pageCode >= 0x20 && pageCode < 0x3f ? 'Vendor specific page' : 'Page'} ${code}`;
}

/** Fields of a page a builder takes: its code and length are filled in. */
export type ModePageInput<I extends ModePageId> = Omit<
  LayoutInput<(typeof MODE_PAGES)[I]['layout']>,
  'spf' | 'pageCode' | 'subpageCode' | 'pageLength'
>;

/** Builds one mode page of the tables (SPC-4 7.5). */
export function encodeModePage<I extends ModePageId>(id: I, input: ModePageInput<I>): Uint8Array {
  const spec: ModePageSpec = MODE_PAGES[id];
  const { size } = spec.layout;
  const head =
    spec.subpageCode === 0
      ? { spf: false, pageLength: size - 2 }
      : { spf: true, subpageCode: spec.subpageCode, pageLength: size - 4 };
  const fields: LayoutInput<Layout> = { ...input, pageCode: spec.pageCode, ...head };
  return encodeStruct(spec.layout, fields);
}

/** Reads the fields of a mode page, header included, as far as the bytes go. */
export function decodeModePage(
  spec: ModePageSpec,
  bytes: Uint8Array,
): Readonly<Record<string, number | bigint | boolean | string | Uint8Array>> {
  return decodePartial(spec.layout, bytes) as Readonly<Record<string, number | bigint | boolean | string | Uint8Array>>;
}
