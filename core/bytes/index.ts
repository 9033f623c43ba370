export { crc32c, type Crc32c } from './crc32c.ts';
export { padded, readU16, readU24, readU32, readU64, writeU16, writeU24, writeU32, writeU64 } from './endian.ts';
export { buildFieldTree, type FieldNode } from './field-tree.ts';
export {
  ascii,
  bits,
  flag,
  layout,
  raw,
  u64,
  uint,
  type Field,
  type FieldKind,
  type Layout,
  type LayoutInput,
  type LayoutValue,
} from './layout.ts';
export { joinBytes } from './join.ts';
export { decodeLayout, decodePartial, encodeInto, encodeLayout, readAscii, readField } from './layout-codec.ts';
export { serialAdd, serialDistance, serialLess, serialLessOrEqual } from './serial.ts';
export { parseBase64, parseDecimal, parseHexBytes, parseHexNumber, toBase64, toHex } from './text.ts';
