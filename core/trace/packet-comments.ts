import { padded } from '../bytes/index.ts';
import { BHS_LENGTH } from '../pdu/index.ts';
import { MARKS } from './columns.ts';
import { BLOCKS } from './import/pcapng.ts';
import { offsetOf } from './pdu-index.ts';
import { parseRemark } from './remark.ts';
import type { ByteSource, Trace } from './trace.ts';

const OPTION_COMMENT = 1;
const BLOCK_HEAD = 28;
/** Headers of IPv4 and of IPv6 with a TCP header behind them, as exports write them. */
const FRAMINGS = [40, 60] as const;
const DIGESTS = 8;
/** Most bytes of options that are looked through for comments. */
const OPTIONS_LIMIT = 1 << 20;
/** Most blocks a PDU and what confirms its parts may take: the largest has 16 MiB. */
const BLOCK_COUNT_LIMIT = 1024;

/** Stands before what a person noted, which tells it from what the program says. */
const NOTE = 'Note: ';

/** What a person noted of a PDU as a comment of its own. */
export function formatNote(note: string): string {
  return NOTE + note;
}

/** What an earlier export of this program says of a PDU. */
export interface PacketComments {
  /** Its description. */
  readonly says: string;
  /** What people noted of it, in that export or in its file later. */
  readonly notes: readonly string[];
}

/** Reads what the export that a trace was read from says of a PDU; undefined where it is none, or has been changed too much. */
export function packetComments(trace: Trace, row: number): PacketComments | undefined {
  if (trace.exportComment === '' || trace.source === undefined) return undefined;
  const [first, ...others] = commentsBehind(trace.source, placeOf(trace, row)) ?? [];
  if (first === undefined) return undefined;
  return {
    says: first,
    notes: others[0] === undefined || parseRemark(others[0]) === undefined ? others : others.slice(1),
  };
}

/** The same notes as a person wrote them. */
export function notesIn(comments: PacketComments | undefined): string[] {
  return (comments?.notes ?? []).map((note) => (note.startsWith(NOTE) ? note.slice(NOTE.length) : note));
}

/** Where a PDU begins in the input, and how many bytes it takes there. */
interface Place {
  readonly offset: number;
  readonly least: number;
  readonly most: number;
}

function placeOf(trace: Trace, row: number): Place {
  const [page, i] = trace.at(row);
  const marks = page.marks[i] as number;
  const header = BHS_LENGTH + ((page.lengths[i] as number) >>> 24) * 4;
  const isBroken = (marks & MARKS.brokenOff) !== 0;
  const data = isBroken ? (page.stored[i] as number) : padded((page.lengths[i] as number) & 0xffffff);
  const at = offsetOf(page, i);
  const offset = (marks & MARKS.pieces) === 0 ? at : trace.pieceAt(at);
  return { offset, least: header + data, most: header + data + DIGESTS };
}

/** The comments of the packet that ends what begins at a place, where packets are laid out as exports do. */
function commentsBehind(source: ByteSource, { offset, least, most }: Place): string[] | undefined {
  for (const framing of FRAMINGS) {
    let start = offset - framing - BLOCK_HEAD;
    if (start < 0) continue;
    let covered = 0;
    for (let blocks = 0; blocks < BLOCK_COUNT_LIMIT; blocks += 1) {
      const block = readBlock(source, start, framing);
      if (block === undefined) break;
      covered += block.payload;
      if (covered > most) break;
      const comments = covered < least ? [] : readComments(source, start + block.optionsAt, start + block.length - 4);
      if (comments.length > 0) return comments;
      // A digest may have a packet of its own.
      start += block.length;
    }
  }
  return undefined;
}

interface Block {
  readonly length: number;
  readonly payload: number;
  /** Where its options begin. */
  readonly optionsAt: number;
}

function readBlock(source: ByteSource, start: number, framing: number): Block | undefined {
  const head = new Uint8Array(BLOCK_HEAD + 1);
  if (source.read(start, head) < head.length) return undefined;
  const view = new DataView(head.buffer);
  const [length, captured] = [view.getUint32(4, true), view.getUint32(20, true)];
  const isPacket =
    view.getUint32(0, true) === BLOCKS.enhancedPacket && head[BLOCK_HEAD] === (framing === 40 ? 0x45 : 0x60);
  if (!isPacket || captured < framing || length % 4 !== 0 || length < BLOCK_HEAD + padded(captured) + 4)
    return undefined;
  return { length, payload: captured - framing, optionsAt: BLOCK_HEAD + padded(captured) };
}

function readComments(source: ByteSource, from: number, to: number): string[] {
  const bytes = new Uint8Array(Math.min(to - from, OPTIONS_LIMIT));
  const end = source.read(from, bytes);
  const view = new DataView(bytes.buffer);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const comments: string[] = [];
  for (let at = 0; at + 4 <= end;) {
    const [code, size] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (code === 0 || at + 4 + size > end) break;
    if (code === OPTION_COMMENT) comments.push(decoder.decode(bytes.subarray(at + 4, at + 4 + size)));
    at += 4 + padded(size);
  }
  return comments;
}
