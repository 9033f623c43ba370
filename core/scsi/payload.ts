import { buildFieldTree, encodeInto, toHex, type FieldNode, type Layout, type LayoutInput } from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';

export { joinBytes } from '../bytes/index.ts';

/** Notes, in sentences, on what is wrong with a payload that was read all the same. */
export type Warnings = string[];

/** The bytes a length field promises from `at` on, cut to what is there; a promise that is not kept becomes a warning. */
export function promised(bytes: Uint8Array, at: number, length: number, what: string, warnings: Warnings): Uint8Array {
  const left = Math.max(0, bytes.length - at);
  if (length > left) warnings.push(`${what} should have ${String(length)} bytes; ${String(left)} are there.`);
  return bytes.subarray(Math.min(at, bytes.length), Math.min(at + length, bytes.length));
}

/** Offsets of the whole records of `size` bytes in a list; a broken last record becomes a warning. */
export function recordOffsets(bytes: Uint8Array, size: number, what: string, warnings: Warnings): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (; at + size <= bytes.length; at += size) offsets.push(at);
  if (at < bytes.length)
    warnings.push(`${what} ends with ${String(bytes.length - at)} bytes that are no whole entry of ${String(size)}.`);
  return offsets;
}

/** Encodes a layout into zeroed bytes, at least `size` long; a value that does not fit is a UsageError. */
export function encodeStruct<L extends Layout>(
  layout: L,
  input: LayoutInput<L>,
  size: number = layout.size,
): Uint8Array {
  try {
    return encodeInto(layout, input, new Uint8Array(size));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError('OUT_OF_RANGE', error.message, { cause: error });
    throw error;
  }
}

/** A number as `0x..` with at least two digits. */
export function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}

/** A tree node that only groups others. */
export function groupNode(
  name: string,
  label: string,
  offset: number,
  length: number,
  children: readonly FieldNode[],
  text: string = label,
  malformed?: string,
): FieldNode {
  return { name, label, offset, length, text, children, ...(malformed === undefined ? {} : { malformed }) };
}

/** The same tree with its offsets moved by `by`. */
export function shiftTree(node: FieldNode, by: number): FieldNode {
  if (by === 0) return node;
  return {
    ...node,
    offset: node.offset + by,
    ...(node.children === undefined ? {} : { children: node.children.map((child) => shiftTree(child, by)) }),
  };
}

/** Raw bytes as a tree leaf, or nothing where there are none. */
export function rawNodes(name: string, label: string, bytes: Uint8Array, offset: number): FieldNode[] {
  if (bytes.length === 0) return [];
  const shown = bytes.length > 64 ? `${toHex(bytes.subarray(0, 64))}… (${String(bytes.length)} bytes)` : toHex(bytes);
  return [{ name, label, offset, length: bytes.length, value: bytes, text: shown }];
}

/** The tree of a payload: the fields of its header, then what follows it. */
export function payloadTree(
  header: Layout,
  bytes: Uint8Array,
  rest: readonly FieldNode[] = [],
  options: { readonly text?: string; readonly label?: string; readonly warnings?: readonly string[] } = {},
): FieldNode {
  const { label = header.label, warnings = [] } = options;
  const tree = buildFieldTree(header, bytes);
  const malformed = warnings.length === 0 ? undefined : warnings.join(' ');
  return groupNode(
    header.name,
    label,
    0,
    bytes.length,
    [...(tree.children ?? []), ...rest],
    options.text ?? label,
    malformed,
  );
}

/** The tree of one entry of a list, with a label and text of its own. */
export function entryTree(
  table: Layout,
  bytes: Uint8Array,
  at: number,
  text: string,
  more: readonly FieldNode[] = [],
): FieldNode {
  const tree = buildFieldTree(table, bytes, at);
  return { ...tree, text, children: [...(tree.children ?? []), ...more] };
}
