import {
  ascii,
  bits,
  decodeLayout,
  decodePartial,
  flag,
  layout,
  readAscii,
  readU24,
  uint,
  type FieldNode,
  type LayoutValue,
} from '../bytes/index.ts';
import { entryTree, payloadTree, promised, recordOffsets, type Warnings } from './payload.ts';

/** Kinds of elements a changer has (SMC-3 READ ELEMENT STATUS). */
export const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  1: 'Medium transport',
  2: 'Storage',
  3: 'Import/export',
  4: 'Data transfer',
};

/** The head of READ ELEMENT STATUS data. */
export const ELEMENT_STATUS_HEADER = layout('elementStatus', 'Element status', 8, 'SMC-3 READ ELEMENT STATUS', [
  uint('firstElement', 'First element address reported', 0, 2),
  uint('elements', 'Number of elements available', 2, 2),
  uint('byteCount', 'Byte count of report available', 5, 3),
]);

/** The head of the elements of one type. */
export const ELEMENT_PAGE = layout('elementPage', 'Element status page', 8, 'SMC-3 READ ELEMENT STATUS', [
  uint('elementType', 'Element type code', 0, 1, { values: ELEMENT_TYPES }),
  flag('primaryTags', 'PVOLTAG', 1, 7),
  flag('alternateTags', 'AVOLTAG', 1, 6),
  uint('descriptorLength', 'Element descriptor length', 2, 2),
  uint('byteCount', 'Byte count of descriptor data available', 5, 3),
]);

/** The head of one element. */
export const ELEMENT = layout('element', 'Element descriptor', 12, 'SMC-3 READ ELEMENT STATUS', [
  uint('address', 'Element address', 0, 2),
  flag('impExp', 'IMPEXP', 2, 1),
  flag('exception', 'EXCEPT', 2, 2),
  flag('access', 'ACCESS', 2, 3),
  flag('full', 'FULL', 2, 0, { meaning: 'A medium is there.' }),
  uint('asc', 'Additional sense code', 4, 1),
  uint('ascq', 'Additional sense code qualifier', 5, 1),
  flag('sourceValid', 'SVALID', 9, 7),
  flag('invert', 'INVERT', 9, 6),
  bits('mediumType', 'Medium type', 9, [2, 0]),
  uint('source', 'Source storage element address', 10, 2),
]);

const TAG = layout('volumeTag', 'Primary volume tag', 48, 'SMC-3 READ ELEMENT STATUS', [
  ascii('volume', 'Volume identification', 12, 32),
]);

/** A slot, drive, port or arm of a changer. */
export interface ChangerElement extends Partial<LayoutValue<typeof ELEMENT>> {
  readonly elementType: number;
  readonly typeName: string;
  readonly volume?: string;
}

/** What a changer holds, and where. */
export interface ElementStatus {
  readonly elements: readonly ChangerElement[];
  readonly warnings: readonly string[];
}

interface PageSpan {
  readonly at: number;
  readonly elementType: number;
  readonly hasTags: boolean;
  readonly elements: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  readonly length: number;
}

/** Where each page and element lies, relative to the data. */
function pageSpans(bytes: Uint8Array, warnings: Warnings): PageSpan[] {
  if (bytes.length < ELEMENT_STATUS_HEADER.size) {
    warnings.push(`READ ELEMENT STATUS data has at least 8 bytes; ${String(bytes.length)} are there.`);
    return [];
  }
  const end = 8 + promised(bytes, 8, readU24(bytes, 5), 'The element status', warnings).length;
  const spans: PageSpan[] = [];
  let at = ELEMENT_STATUS_HEADER.size;
  while (at + ELEMENT_PAGE.size <= end) {
    const page = decodeLayout(ELEMENT_PAGE, bytes, at);
    if (page === undefined) break;
    const list = promised(
      bytes.subarray(0, end),
      at + ELEMENT_PAGE.size,
      page.byteCount,
      'A page of elements',
      warnings,
    );
    const size = page.descriptorLength;
    if (size === 0 && list.length > 0) warnings.push('A page of elements says that its elements have no bytes.');
    const offsets = size === 0 ? [] : recordOffsets(list, size, 'A page of elements', warnings);
    const base = at + ELEMENT_PAGE.size;
    const elements = offsets.map((offset) => ({ at: base + offset, bytes: list.subarray(offset, offset + size) }));
    spans.push({
      at,
      elementType: page.elementType,
      hasTags: page.primaryTags,
      elements,
      length: ELEMENT_PAGE.size + list.length,
    });
    at = base + list.length;
  }
  if (at < end) warnings.push(`${String(end - at)} bytes follow the last page of elements.`);
  return spans;
}

function decodeElement(bytes: Uint8Array, span: PageSpan): ChangerElement {
  const volume = span.hasTags && bytes.length >= TAG.size ? readAscii(bytes.subarray(12, 44)) : undefined;
  const typeName = ELEMENT_TYPES[span.elementType] ?? `Element type ${String(span.elementType)}`;
  return {
    ...decodePartial(ELEMENT, bytes),
    elementType: span.elementType,
    typeName,
    ...(volume === undefined ? {} : { volume }),
  };
}

/** Reads READ ELEMENT STATUS data, however short. */
export function decodeElementStatus(bytes: Uint8Array): ElementStatus {
  const warnings: Warnings = [];
  const elements = pageSpans(bytes, warnings).flatMap((span) =>
    span.elements.map((element) => decodeElement(element.bytes, span)),
  );
  return { elements, warnings };
}

/** The field tree of READ ELEMENT STATUS data. */
export function elementStatusFieldTree(bytes: Uint8Array): FieldNode {
  const warnings: Warnings = [];
  const pages = pageSpans(bytes, warnings).map((span) => {
    const elements = span.elements.map(({ at, bytes: element }) => {
      const found = decodeElement(element, span);
      const text = `Element ${String(found.address ?? 0)}, ${found.full === true ? (found.volume ?? 'full') : 'empty'}`;
      return { ...entryTree(ELEMENT, bytes.subarray(0, at + element.length), at, text), length: element.length };
    });
    return {
      ...entryTree(ELEMENT_PAGE, bytes, span.at, ELEMENT_TYPES[span.elementType] ?? 'Elements', elements),
      length: span.length,
    };
  });
  return payloadTree(ELEMENT_STATUS_HEADER, bytes, pages, { warnings });
}
