/** What the window may share with the core: pure functions over text and bytes, no protocol. */
export { checkIscsiName } from './login/names.ts';
export { formatIscsiUrl, parseHostPort, parseIscsiUrl } from './login/iscsi-url.ts';
export { locate, type DiskStructure } from './disk/structure.ts';
export { type FieldNode } from './bytes/field-tree.ts';
export { parseAddress } from './disk/view/address.ts';
export {
  dragPrecision,
  dragTop,
  lastTop,
  reveal,
  rowCount,
  rowOf,
  rowsPerPixel,
  rowStart,
  thumbOf,
  topAt,
  within,
  type RowGeometry,
} from './disk/view/geometry.ts';
export { moveCursor, selectionRange, type Move, type Selection } from './disk/view/selection.ts';
export { inspect, type Reading } from './disk/view/inspector.ts';
export { COPY_FORMS, type CopyForm } from './disk/view/copy-as.ts';
export { parseSearch, type SearchEncoding, type SearchKind, type SearchQuery } from './disk/search/pattern.ts';
export { completeFilter, type Proposal } from './trace/filter/complete.ts';
export { parseFilter } from './trace/filter/parse.ts';
export { FilterError } from './trace/filter/tokens.ts';
export { SHARE_RULES } from './trace/export/share.ts';
export { formatNs } from './trace/format-ns.ts';
