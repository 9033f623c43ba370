import { buildFieldTree, readU16, type FieldNode } from '../../bytes/index.ts';
import { groupNode, rawNodes } from '../payload.ts';
import { decodeInquiry, STANDARD_INQUIRY, versionDescriptorName } from './standard.ts';

function versionNodes(bytes: Uint8Array): FieldNode[] {
  const nodes: FieldNode[] = [];
  for (let at = 58; at + 2 <= Math.min(74, bytes.length); at += 2) {
    const code = readU16(bytes, at);
    if (code === 0) continue;
    nodes.push({
      name: 'versionDescriptor',
      label: 'Version descriptor',
      offset: at,
      length: 2,
      value: code,
      text: versionDescriptorName(code),
      clause: 'SPC-4 6.6.2',
    });
  }
  return nodes;
}

/** The field tree of standard INQUIRY data. */
export function inquiryFieldTree(bytes: Uint8Array): FieldNode {
  const decoded = decodeInquiry(bytes);
  const tree = buildFieldTree(STANDARD_INQUIRY, bytes);
  const children = [
    ...(tree.children ?? []),
    ...rawNodes('vendorSpecific', 'Vendor specific', bytes.subarray(36, 56), 36),
    ...versionNodes(bytes),
  ];
  const text = [decoded.deviceTypeLongName, decoded.vendor, decoded.product, decoded.revision]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
  const malformed = decoded.warnings.length === 0 ? undefined : decoded.warnings.join(' ');
  return groupNode('inquiry', 'Standard INQUIRY data', 0, bytes.length, children, text, malformed);
}
