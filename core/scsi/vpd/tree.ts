import type { FieldNode, Layout } from '../../bytes/index.ts';
import { entryTree, groupNode, hexByte, payloadTree, rawNodes, recordOffsets } from '../payload.ts';
import type { VpdContent } from './content.ts';
import { addressSpans, decodeVpd, portSpans, vpdPageName } from './decode.ts';
import { designatorTrees } from './designators.ts';
import {
  FIXED_PAGES,
  MANAGEMENT_ADDRESS,
  MODE_PAGE_POLICY,
  PROVISIONING,
  SCSI_PORT,
  SCSI_PORT_TARGET,
  VPD_HEADER,
} from './layouts.ts';

function bodyNodes(content: VpdContent, page: Uint8Array): FieldNode[] {
  const body = page.subarray(4);
  switch (content.kind) {
    case 'supportedPages':
      return content.pages.map((code, i) => ({
        name: 'page',
        label: 'Supported page',
        offset: 4 + i,
        length: 1,
        value: code,
        text: `${vpdPageName(code)} (${hexByte(code)})`,
      }));
    case 'unitSerialNumber':
      return [
        {
          name: 'serial',
          label: 'Product serial number',
          offset: 4,
          length: body.length,
          value: content.serial,
          text: content.serial,
        },
      ];
    case 'deviceIdentification':
      return designatorTrees(body, 4);
    case 'managementAddresses':
      return addressSpans(body, []).map((span, i) => {
        const text = content.addresses[i]?.address ?? '';
        const name: FieldNode = {
          name: 'address',
          label: 'Network address',
          offset: 8 + span.at,
          length: span.bytes.length - 4,
          value: text,
          text,
        };
        return { ...entryTree(MANAGEMENT_ADDRESS, page, 4 + span.at, text, [name]), length: span.bytes.length };
      });
    case 'modePagePolicy':
      return recordOffsets(body, MODE_PAGE_POLICY.size, '', []).map((at, i) => {
        const policy = content.policies[i];
        return entryTree(MODE_PAGE_POLICY, page, 4 + at, `Mode page ${hexByte(policy?.pageCode ?? 0)}`);
      });
    case 'scsiPorts':
      return portSpans(body, []).map((span) => {
        const parts = [
          ...rawNodes('transportId', 'Initiator port TransportID', span.transportId, 4 + span.at + 8),
          entryTree(SCSI_PORT_TARGET, page, 4 + span.designatorsAt - SCSI_PORT_TARGET.size, 'Target port descriptors'),
          ...designatorTrees(span.designators, 4 + span.designatorsAt),
        ];
        const length = span.designatorsAt + span.designators.length - span.at;
        return { ...entryTree(SCSI_PORT, page, 4 + span.at, 'Port', parts), length };
      });
    case 'provisioning':
      return designatorTrees(body.subarray(4), 8);
    case 'other':
      return rawNodes('bytes', 'Page data', body, 4);
    default:
      return [];
  }
}

/** The field tree of a VPD page. */
export function vpdFieldTree(bytes: Uint8Array): FieldNode {
  const page = decodeVpd(bytes);
  if (page === undefined)
    return groupNode(
      'vpd',
      'VPD page',
      0,
      bytes.length,
      rawNodes('bytes', 'Bytes', bytes, 0),
      'VPD page',
      'The data ends before the page header does.',
    );
  const { content, pageLength, pageName, warnings } = page;
  const whole = bytes.subarray(0, Math.min(bytes.length, 4 + pageLength));
  const fixed: Readonly<Record<string, Layout>> = FIXED_PAGES;
  const table = content.kind === 'provisioning' ? PROVISIONING : (fixed[content.kind] ?? VPD_HEADER);
  return payloadTree(table, bytes, bodyNodes(content, whole), { label: pageName, warnings });
}
