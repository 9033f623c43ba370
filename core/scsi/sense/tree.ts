import { buildFieldTree, type FieldNode, type Layout } from '../../bytes/index.ts';
import { groupNode, hexByte, promised, rawNodes, shiftTree, type Warnings } from '../payload.ts';
import { decodeSense, senseDescriptorSpans, specificLayout } from './decode.ts';
import { DESCRIPTOR_LAYOUTS, DESCRIPTOR_SENSE, DESCRIPTOR_TYPES, FIXED_SENSE } from './layouts.ts';

function specificTree(key: number, bytes: Uint8Array, at: number): FieldNode[] {
  const table = specificLayout(key);
  if (table === undefined || at + 3 > bytes.length || ((bytes[at] ?? 0) & 0x80) === 0) return [];
  return [buildFieldTree(table, bytes, at)];
}

function descriptorTree(bytes: Uint8Array, at: number, key: number, depth: number): FieldNode {
  const type = bytes[0] ?? 0;
  const layouts: Readonly<Record<number, Layout>> = DESCRIPTOR_LAYOUTS;
  const known = layouts[type];
  const label = DESCRIPTOR_TYPES[type] ?? `Descriptor ${hexByte(type)}`;
  if (known === undefined)
    return groupNode('descriptor', label, at, bytes.length, rawNodes('bytes', 'Bytes', bytes, at));
  const children = [...(buildFieldTree(known, bytes).children ?? [])];
  if (type === 0x02) children.push(...specificTree(key, bytes, 4));
  if (type === 0x0c && depth < 3 && bytes.length > 4)
    children.push(shiftTree(senseTreeAt(bytes.subarray(4), depth + 1), 4));
  return shiftTree(groupNode(known.name, label, 0, bytes.length, children), at);
}

function senseTreeAt(bytes: Uint8Array, depth: number): FieldNode {
  const sense = decodeSense(bytes);
  if (sense === undefined) return groupNode('sense', 'Sense data', 0, 0, [], 'No sense data');
  const malformed = sense.warnings.length === 0 ? undefined : sense.warnings.join(' ');
  const text = sense.format === 'unknown' ? sense.description : `${sense.keyName}: ${sense.description}`;
  if (sense.format === 'unknown')
    return groupNode('sense', 'Sense data', 0, bytes.length, rawNodes('bytes', 'Bytes', bytes, 0), text, malformed);
  const warnings: Warnings = [];
  if (sense.format === 'fixed') {
    const end = 8 + promised(bytes, 8, bytes[7] ?? 0, 'The additional sense bytes', warnings).length;
    const children = [
      ...(buildFieldTree(FIXED_SENSE, bytes).children ?? []),
      ...specificTree(sense.key, bytes, 15),
      ...rawNodes('additional', 'Additional sense bytes', bytes.subarray(18, Math.max(18, end)), 18),
    ];
    return groupNode('sense', 'Sense data', 0, bytes.length, children, text, malformed);
  }
  const children = [
    ...(buildFieldTree(DESCRIPTOR_SENSE, bytes).children ?? []),
    ...senseDescriptorSpans(bytes, warnings).map((span) => descriptorTree(span.bytes, span.at, sense.key, depth)),
  ];
  return groupNode('sense', 'Sense data', 0, bytes.length, children, text, malformed);
}

/** The field tree of sense data of either format. */
export function senseFieldTree(bytes: Uint8Array): FieldNode {
  return senseTreeAt(bytes, 0);
}
