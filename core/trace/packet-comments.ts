import { padded, toHex } from '../bytes/index.ts';
import { BHS_LENGTH } from '../pdu/index.ts';
import { MARKS } from './columns.ts';
import { cutComment } from './export/pcapng-writer.ts';
import { BLOCK_LIMIT } from './import/container.ts';
import { OPTIONS, readOptions } from './import/options.ts';
import { BLOCKS } from './import/pcapng.ts';
import { offsetOf } from './pdu-index.ts';
import { parseRemark } from './remark.ts';
import type { ByteSource, Trace } from './trace.ts';

const BLOCK_HEAD = 28;
/** Headers of IPv4 and of IPv6 with a TCP header behind them, as exports write them. */
const FRAMINGS = [40, 60] as const;
const DIGESTS = 8;
/** Most bytes of options that are looked through for comments. */
const OPTIONS_LIMIT = BLOCK_LIMIT;
/** Most blocks a PDU and what confirms its parts may take: the largest has 16 MiB. */
const BLOCK_COUNT_LIMIT = 1024;

/** Stands before what a person noted, which tells it from what the program says. */
const NOTE = 'Note: ';

/** What a person noted of a PDU as a comment of its own, as it will be read back. */
export function formatNote(note: string): string {
  return cutComment(NOTE + note);
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
  if (!trace.isOwnExport || trace.source === undefined) return undefined;
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
    let ends: string | undefined;
    for (let blocks = 0; blocks < BLOCK_COUNT_LIMIT; blocks += 1) {
      const block = readBlock(source, start, framing);
      if (block === undefined) break;
      ends ??= block.ends;
      // Between its packets there is nothing but what confirms them.
      if (block.payload > 0 && block.ends !== ends) break;
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
  /** Its addresses and ports, from one to the other. */
  readonly ends: string;
  readonly payload: number;
  /** Where its options begin. */
  readonly optionsAt: number;
}

function readBlock(source: ByteSource, start: number, framing: number): Block | undefined {
  const head = new Uint8Array(BLOCK_HEAD + framing);
  if (source.read(start, head) < head.length) return undefined;
  const view = new DataView(head.buffer);
  const [length, captured, original] = [4, 20, 24].map((at) => view.getUint32(at, true)) as [number, number, number];
  const isPacket =
    view.getUint32(0, true) === BLOCKS.enhancedPacket && head[BLOCK_HEAD] === (framing === 40 ? 0x45 : 0x60);
  if (
    !isPacket ||
    captured < framing ||
    captured !== original ||
    length % 4 !== 0 ||
    length < BLOCK_HEAD + padded(captured) + 4
  )
    return undefined;
  // Two addresses before the TCP header, and the ports it begins with.
  const ends = toHex(head.subarray(BLOCK_HEAD + (framing === 40 ? 12 : 8), BLOCK_HEAD + framing - 16));
  return { length, ends, payload: captured - framing, optionsAt: BLOCK_HEAD + padded(captured) };
}

function readComments(source: ByteSource, from: number, to: number): string[] {
  const bytes = new Uint8Array(Math.min(to - from, OPTIONS_LIMIT));
  const end = source.read(from, bytes);
  const view = new DataView(bytes.buffer);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const comments: string[] = [];
  readOptions(view, 0, end, true, (code, at, size) => {
    if (code === OPTIONS.comment) comments.push(decoder.decode(bytes.subarray(at, at + size)));
  });
  return comments;
}
