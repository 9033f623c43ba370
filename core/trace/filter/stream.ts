import { joinBytes, toHex } from '../../bytes/index.ts';
import type { TextPair } from '../../pdu/index.ts';
import type { PduPage } from '../columns.ts';
import { describeRow } from '../describe.ts';
import { pairsOf } from '../text-chain.ts';
import type { Trace } from '../trace.ts';
import { ByteSearch, findBytes } from './byte-search.ts';
import { CONTENT_READERS } from './content-fields.ts';
import { opcodesOf, planHeader, readHeader } from './header-fields.ts';
import { holdsAmong } from './numbers.ts';
import type { FilterField, HeaderPlace } from './field-types.ts';
import type { FilterNode } from './parse.ts';

type Leaf = Extract<FilterNode, { field: unknown }>;

/** The parts of the column of lengths that tell of additional headers and of data. */
const AHS_LENGTH = 0xff000000;
const DATA_LENGTH = 0xffffff;

/** Decides a row by what the file has of it. */
export type RowTest = (row: number, page: PduPage, i: number) => boolean;

/** The opcodes of the PDUs a field of the file is in; undefined where any may have it. */
export function carriersOf({ header, carriedBy }: FilterField): Uint8Array | undefined {
  if (header !== undefined) return planHeader(header).carriers;
  return carriedBy === undefined ? undefined : opcodesOf(carriedBy);
}

/** The test of a field that only the file has, for PDUs that may have it. */
export function streamTest(trace: Trace, leaf: Leaf): RowTest {
  const { name, header } = leaf.field;
  if (header !== undefined) return headerTest(trace, leaf, header);
  const read = CONTENT_READERS[name];
  if (read !== undefined) {
    const wanted = name.startsWith('iscsi.ahs.') ? AHS_LENGTH : DATA_LENGTH;
    return (row, page, i) => ((page.lengths[i] as number) & wanted) !== 0 && testValues(leaf, read(trace.readPdu(row)));
  }
  switch (name) {
    case 'text':
      return (row) => testText(leaf, describeRow(trace, row));
    case 'keys':
      if (leaf.kind === 'present') return hasData;
      return (row) => testPairs(leaf, pairsOf(trace, row));
    default: {
      const part = name === 'header' ? 'header' : 'data';
      if (leaf.kind === 'contains') {
        const search = new ByteSearch(trace, part, leaf.bytes);
        return (row, page, i) => search.has(row, page, i);
      }
      if (leaf.kind === 'present') return hasData;
      return (row) => {
        const { bhs, ahs, data } = trace.readPdu(row);
        return testBytes(leaf, part === 'data' ? data : joinBytes([bhs, ahs]));
      };
    }
  }
}

/** Whether any of the pairs of a PDU is what a leaf asks for; with `!=` all there are. */
function testPairs(leaf: Leaf, pairs: readonly TextPair[]): boolean {
  const test = ({ key, value }: TextPair): boolean => testText(leaf, `${key}=${value}`);
  return leaf.kind === 'equalsText' && leaf.negated ? pairs.length > 0 && pairs.every(test) : pairs.some(test);
}

function hasData(_row: number, page: PduPage, i: number): boolean {
  return ((page.lengths[i] as number) & DATA_LENGTH) !== 0;
}

function headerTest(trace: Trace, leaf: Leaf, place: HeaderPlace): RowTest {
  const plan = planHeader(place);
  return (row) => {
    const value = readHeader(plan, trace.readPdu(row, 0).bhs);
    return testValues(leaf, value === undefined ? [] : [value]);
  };
}

/** Whether any of the values a PDU has is what a leaf asks for; with `!=` all there are. */
function testValues(leaf: Leaf, values: readonly (number | Uint8Array)[]): boolean {
  if (leaf.field.kind !== 'bytes')
    return holdsAmong(
      leaf,
      values.filter((value) => typeof value === 'number'),
    );
  const bytes = values.filter((value) => typeof value !== 'number');
  const test = (one: Uint8Array): boolean => testBytes(leaf, one);
  return leaf.kind === 'equalsBytes' && leaf.negated ? bytes.length > 0 && bytes.every(test) : bytes.some(test);
}

/** Whether bytes are what a leaf asks for. */
function testBytes(leaf: Leaf, bytes: Uint8Array): boolean {
  switch (leaf.kind) {
    case 'equalsBytes':
      return leaf.values.some((one) => toHex(one) === toHex(bytes)) !== leaf.negated;
    case 'contains':
      return leaf.bytes.length === 0 || findBytes(bytes, leaf.bytes, 0) >= 0;
    case 'matches':
      return leaf.pattern.test(latin1(bytes));
    default:
      return true;
  }
}

/** The test for a text anywhere: in the description of a PDU or in its data, whatever its case. */
export function freeTextTest(trace: Trace, text: string): RowTest {
  const wanted = text.toLowerCase();
  const codes = Array.from(wanted, (character) => character.charCodeAt(0));
  // No byte of the data stands for a letter that Latin-1 does not have.
  const search = codes.every((code) => code < 256)
    ? new ByteSearch(trace, 'data', Uint8Array.from(codes), true)
    : undefined;
  return (row, page, i) => search?.has(row, page, i) === true || describeRow(trace, row).toLowerCase().includes(wanted);
}

/** Whether a text is what a leaf asks for. */
export function testText(leaf: Leaf, text: string): boolean {
  switch (leaf.kind) {
    case 'equalsText':
      return (text.toLowerCase() === leaf.text.toLowerCase()) !== leaf.negated;
    case 'contains':
      return leaf.text === ''
        ? toHex(new TextEncoder().encode(text)).includes(toHex(leaf.bytes))
        : text.toLowerCase().includes(leaf.text.toLowerCase());
    case 'matches':
      return leaf.pattern.test(text);
    default:
      return false;
  }
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, Math.min(bytes.length, at + 4096)));
  return text;
}
