import { toHex } from '../../bytes/index.ts';
import { OPCODES } from '../../pdu/index.ts';
import type { PduPage } from '../columns.ts';
import { describeRow } from '../describe.ts';
import { readPairs } from '../text-pairs.ts';
import type { Trace } from '../trace.ts';
import { ByteSearch, joinBytes } from './byte-search.ts';
import type { FilterNode } from './parse.ts';

type Leaf = Extract<FilterNode, { field: unknown }>;

/** Decides a row by what the file has of it. */
export type RowTest = (row: number, page: PduPage, i: number) => boolean;

const TEXT_OPCODES: ReadonlySet<number> = new Set([
  OPCODES.loginRequest,
  OPCODES.textRequest,
  OPCODES.loginResponse,
  OPCODES.textResponse,
]);

/** The test of a field that only the file has. */
export function streamTest(trace: Trace, leaf: Leaf): RowTest {
  switch (leaf.field.name) {
    case 'text':
      return (row) => testText(leaf, describeRow(trace, row));
    case 'keys':
      return (row, page, i) =>
        TEXT_OPCODES.has((page.opcode[i] as number) & 0x3f) &&
        readPairs(trace.readPdu(row).data).some(({ key, value }) => testText(leaf, `${key}=${value}`));
    default: {
      const part = leaf.field.name === 'data' ? 'data' : 'header';
      if (leaf.kind === 'contains') {
        const search = new ByteSearch(trace, part, leaf.bytes);
        return (row, page, i) => search.has(row, page, i);
      }
      if (leaf.kind !== 'matches') return () => false;
      return (row) => {
        const { bhs, ahs, data } = trace.readPdu(row);
        return leaf.pattern.test(latin1(part === 'data' ? data : joinBytes(bhs, ahs)));
      };
    }
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
