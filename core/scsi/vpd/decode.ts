import { decodeLayout, decodePartial, readAscii, readU16, type Layout, type LayoutValue } from '../../bytes/index.ts';
import { deviceAccess } from '../device-types.ts';
import { hexByte, promised, recordOffsets, type Warnings } from '../payload.ts';
import { decodeUtf8 } from '../utf8.ts';
import type { FixedVpdKind, ManagementAddress, VpdContent, VpdPage, VpdPort } from './content.ts';
import { decodeDesignators } from './designators.ts';
import {
  FIXED_PAGES,
  MANAGEMENT_ADDRESS,
  MODE_PAGE_POLICY,
  PROVISIONING,
  SCSI_PORT,
  SCSI_PORT_TARGET,
  VPD_HEADER,
  VPD_PAGE_NAMES,
} from './layouts.ts';

const ANY: Readonly<Record<number, FixedVpdKind>> = { 0x86: 'extendedInquiry', 0x89: 'ataInformation' };
const BLOCK: Readonly<Record<number, FixedVpdKind>> = {
  0xb0: 'blockLimits',
  0xb1: 'blockCharacteristics',
  0xb3: 'referrals',
  0xb5: 'blockCharacteristicsExtension',
  0xb6: 'zonedCharacteristics',
};
const TAPE: Readonly<Record<number, FixedVpdKind>> = { 0xb0: 'sequentialCapabilities' };

/** The kind of a page that is one fixed structure; pages from B0h on depend on the device type. */
export function fixedVpdKind(pageCode: number, deviceType: number): FixedVpdKind | undefined {
  const access = deviceAccess(deviceType);
  if (access === 'sequential') return ANY[pageCode] ?? TAPE[pageCode];
  return access === 'changer' ? ANY[pageCode] : (ANY[pageCode] ?? BLOCK[pageCode]);
}

/** The code of the page a kind is found in. */
export const PAGE_OF_KIND: Readonly<Record<FixedVpdKind, number>> = {
  extendedInquiry: 0x86,
  ataInformation: 0x89,
  blockLimits: 0xb0,
  blockCharacteristics: 0xb1,
  referrals: 0xb3,
  blockCharacteristicsExtension: 0xb5,
  zonedCharacteristics: 0xb6,
  sequentialCapabilities: 0xb0,
};

/** Where each port of the SCSI ports page lies, relative to the body. */
export function portSpans(
  body: Uint8Array,
  warnings: Warnings,
): {
  readonly at: number;
  readonly transportId: Uint8Array;
  readonly designatorsAt: number;
  readonly designators: Uint8Array;
}[] {
  const spans = [];
  let at = 0;
  while (at + SCSI_PORT.size <= body.length) {
    const transportId = promised(body, at + 8, readU16(body, at + 6), 'A TransportID', warnings);
    const second = at + 8 + transportId.length;
    const designatorsAt = second + SCSI_PORT_TARGET.size;
    const whole = designatorsAt <= body.length;
    if (!whole) warnings.push('The target port descriptors of a port are missing.');
    const designators = whole
      ? promised(body, designatorsAt, readU16(body, second + 2), 'The target port descriptors', warnings)
      : new Uint8Array(0);
    spans.push({ at, transportId, designatorsAt, designators });
    at = designatorsAt + designators.length;
  }
  if (at < body.length) warnings.push(`${String(body.length - at)} bytes follow the last port.`);
  return spans;
}

function decodePorts(body: Uint8Array, warnings: Warnings): VpdPort[] {
  return portSpans(body, warnings).map((span) => ({
    relativePort: readU16(body, span.at + 2),
    transportId: span.transportId,
    designators: decodeDesignators(span.designators, warnings),
  }));
}

/** Where each management address lies, relative to the body. */
export function addressSpans(
  body: Uint8Array,
  warnings: Warnings,
): { readonly at: number; readonly bytes: Uint8Array }[] {
  const spans: { at: number; bytes: Uint8Array }[] = [];
  let at = 0;
  while (at + 4 <= body.length) {
    const bytes = promised(body, at, 4 + readU16(body, at + 2), 'A network services descriptor', warnings);
    spans.push({ at, bytes });
    at += bytes.length;
  }
  if (at < body.length) warnings.push(`${String(body.length - at)} bytes follow the last network services descriptor.`);
  return spans;
}

function decodeAddress(bytes: Uint8Array): ManagementAddress {
  const { association = 0, serviceType = 0, length = 0 } = decodePartial(MANAGEMENT_ADDRESS, bytes);
  return { association, serviceType, length, address: decodeUtf8(bytes.subarray(4)) };
}

function hasBlockPages(deviceType: number): boolean {
  const access = deviceAccess(deviceType);
  return access !== 'sequential' && access !== 'changer';
}

function provisioning(page: Uint8Array, warnings: Warnings): VpdContent {
  const fields = decodePartial(PROVISIONING, page);
  const group = fields.groupPresent === true ? decodeDesignators(page.subarray(8), warnings) : [];
  return { kind: 'provisioning', fields, group };
}

function decodeContent(page: Uint8Array, pageCode: number, deviceType: number, warnings: Warnings): VpdContent {
  const body = page.subarray(4);
  const fixed = fixedVpdKind(pageCode, deviceType);
  if (fixed !== undefined) {
    const table: Layout = FIXED_PAGES[fixed];
    return { kind: fixed, fields: decodePartial(table, page) };
  }
  switch (pageCode) {
    case 0x00:
      return { kind: 'supportedPages', pages: Array.from(body) };
    case 0x80:
      return { kind: 'unitSerialNumber', serial: readAscii(body).trim() };
    case 0x83:
      return { kind: 'deviceIdentification', designators: decodeDesignators(body, warnings) };
    case 0x85:
      return {
        kind: 'managementAddresses',
        addresses: addressSpans(body, warnings).map((span) => decodeAddress(span.bytes)),
      };
    case 0x87: {
      const offsets = recordOffsets(body, MODE_PAGE_POLICY.size, 'The list of mode page policies', warnings);
      const policies = offsets.map((at) => decodeLayout(MODE_PAGE_POLICY, body, at));
      return {
        kind: 'modePagePolicy',
        policies: policies.filter((p): p is LayoutValue<typeof MODE_PAGE_POLICY> => p !== undefined),
      };
    }
    case 0x88:
      return { kind: 'scsiPorts', ports: decodePorts(body, warnings) };
    default:
      if (pageCode !== 0xb2 || !hasBlockPages(deviceType)) return { kind: 'other', bytes: body };
      return provisioning(page, warnings);
  }
}

/** The name of a VPD page. */
export function vpdPageName(pageCode: number): string {
  return VPD_PAGE_NAMES[pageCode] ?? `${pageCode >= 0xc0 ? 'Vendor specific page' : 'Page'} ${hexByte(pageCode)}`;
}

/** Reads a VPD page, however short; undefined where not even its four-byte header is there. */
export function decodeVpd(bytes: Uint8Array): VpdPage | undefined {
  const header = decodeLayout(VPD_HEADER, bytes);
  if (header === undefined) return undefined;
  const { pageCode, pageLength, deviceType, qualifier } = header;
  const warnings: Warnings = [];
  const page = bytes.subarray(
    0,
    4 + promised(bytes, 4, pageLength, `The ${vpdPageName(pageCode)} page`, warnings).length,
  );
  const content = decodeContent(page, pageCode, deviceType, warnings);
  return { pageCode, pageName: vpdPageName(pageCode), qualifier, deviceType, pageLength, content, warnings };
}
