import { buildFieldTree, type FieldNode, type Layout } from '../../bytes/index.ts';
import { entryTree, groupNode, payloadTree, rawNodes, recordOffsets } from '../payload.ts';
import { PAGE_0_HEADER, SUBPAGE_HEADER } from './page-table.ts';
import { findModePage } from './pages.ts';
import { decodeModeParameters, descriptorLayout, MODE_HEADER_10, MODE_HEADER_6, type ModePage } from './parameters.ts';

/** The layout of a page, without the fields its bytes do not reach: old devices send shorter pages. */
function reached(table: Layout, length: number): Layout {
  return { ...table, fields: table.fields.filter((field) => field.offset + field.size <= length) };
}

function pageTree(page: ModePage, bytes: Uint8Array, deviceType: number): FieldNode {
  const spec = findModePage(page.pageCode, page.subpageCode, deviceType);
  const header = page.subpageCode === 0 && ((page.bytes[0] ?? 0) & 0x40) === 0 ? PAGE_0_HEADER : SUBPAGE_HEADER;
  const table = spec === undefined ? header : reached(spec.layout, page.bytes.length);
  const tree = buildFieldTree(table, bytes, page.offset);
  const covered = spec === undefined ? header.size : Math.min(spec.layout.size, page.bytes.length);
  const rest = rawNodes('bytes', 'Page data', page.bytes.subarray(covered), page.offset + covered);
  return groupNode('modePage', page.name, page.offset, page.bytes.length, [...(tree.children ?? []), ...rest]);
}

/** The field tree of mode parameter data. */
export function modeFieldTree(bytes: Uint8Array, form: 6 | 10, deviceType = 0): FieldNode {
  const decoded = decodeModeParameters(bytes, form, deviceType);
  const table = form === 6 ? MODE_HEADER_6 : MODE_HEADER_10;
  const descriptor = descriptorLayout(decoded.longLba, deviceType);
  const end = table.size + decoded.blockDescriptors.length * descriptor.size;
  const descriptors = recordOffsets(bytes.subarray(table.size, end), descriptor.size, '', []).map((at, i) => {
    const found = decoded.blockDescriptors[i];
    return entryTree(
      descriptor,
      bytes,
      table.size + at,
      `${String(found?.blocks)} blocks of ${String(found?.blockSize)} bytes`,
    );
  });
  const rest = [...descriptors, ...decoded.pages.map((page) => pageTree(page, bytes, deviceType))];
  return payloadTree(table, bytes, rest, {
    label: 'Mode parameters',
    text: decoded.pages.map((page) => page.name).join(', '),
    warnings: decoded.warnings,
  });
}
