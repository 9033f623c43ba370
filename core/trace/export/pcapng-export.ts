import { crc32c, type Crc32c } from '../../bytes/index.ts';
import { opcodeName } from '../../pdu/index.ts';
import { APPLICATION, SECTION_OPENING } from '../application.ts';
import { MARKS } from '../columns.ts';
import { formatConnectionRemark, remarkOn } from '../connection-remark.ts';
import { saysOfRow } from '../describe.ts';
import { formatNote, packetComments } from '../packet-comments.ts';
import { formatRemark } from '../remark.ts';
import type { Trace } from '../trace.ts';
import { Conversation, type ConversationFace } from './conversation.ts';
import { faceOf, keepApart, type Appearance } from './faces.ts';
import { namesOf } from './names.ts';
import { interfaceBlock, namesBlock, packetBlock, sectionBlock, statisticsBlock } from './pcapng-writer.ts';
import { orderRows, type RowOrder } from './row-order.ts';
import { quotesText, Sharer, type ShareHash } from './share.ts';
import { wirePdu } from './wire.ts';

/** What the reader of a trace has noted of its rows. */
export type RowNotes = ReadonlyMap<number, string>;

/** What is written and how. */
export interface ExportOptions {
  /** Rows in ascending order; all of them otherwise. */
  readonly rows?: readonly number[];
  /** Port the targets get in the capture, so that dissectors know the protocol by it. */
  readonly serverPort?: number;
  /** Makes the export safe to share, with a hash of this export's own. */
  readonly shareHash?: ShareHash;
  readonly crc?: Crc32c;
  /** What the reader of the trace has noted of rows; left out where the export is to be safe to share. */
  readonly notes?: RowNotes;
}

/** What was written. */
export interface ExportSummary {
  readonly pdus: number;
  readonly packets: number;
  readonly bytes: number;
  /** Data bytes that were not recorded and are zeros in the capture. */
  readonly zeroFilledBytes: number;
}

/** Stands before the remark on a connection. */
const CONNECTION_COMMENT = 'Not all of this connection is as it was:';
const SAFE_LINE =
  'Safe to share: data is zeroed, names and addresses are hashed, CHAP responses are gone; digests were computed anew.';
const NOTED_LINE = 'It was made safe to share; comments were added to it since.';
const ZERO_FILLED = ' PDUs were not recorded whole: the missing data is zeros here, and digests were computed over it.';
const DIGEST_LINE =
  'Data digests are in use: versions of Wireshark that have the setting need iscsi.enable_data_digests.';
/** Largest data segment dissectors believe unasked. */
const DISSECTOR_LIMIT = 262_144;
const LARGE = `PDUs over ${DISSECTOR_LIMIT} bytes: set iscsi.bogus_pdu_max_data_len to `;

interface Survey {
  readonly count: number;
  readonly connections: ReadonlySet<number>;
  readonly zeroFilled: number;
  readonly largest: number;
  readonly wireBytes: number;
  readonly packets: number;
}

function survey(trace: Trace, rows: readonly number[] | undefined): Survey {
  const connections = new Set<number>();
  let [zeroFilled, largest, wireBytes, packets] = [0, 0, 0, 0];
  const count = rows?.length ?? trace.length;
  for (let k = 0; k < count; k += 1) {
    const [page, i] = trace.at(rows?.[k] ?? k);
    connections.add(page.connection[i] as number);
    const length = (page.lengths[i] as number) & 0xffffff;
    const isBroken = ((page.marks[i] as number) & MARKS.brokenOff) !== 0;
    if (length > (page.stored[i] as number) && !isBroken) zeroFilled += 1;
    largest = Math.max(largest, length);
    wireBytes += 52 + length;
    packets += 1 + Math.floor(length / 65_400);
  }
  return { count, connections, zeroFilled, largest, wireBytes, packets };
}

/** A connection in an export: its place in the order of its rows, and when it opens and closes. */
interface Life {
  readonly id: number;
  readonly openNs: number;
  pdus: number;
  lastK: number;
  closeNs: number;
}

/** The connections of an export in the order they open. */
function livesOf(trace: Trace, order: RowOrder): Life[] {
  const lives = new Map<number, Life>();
  for (let k = 0; k < order.length; k += 1) {
    const [page, i] = trace.at(order.row(k));
    const id = page.connection[i] as number;
    const timeNs = order.timeNs(k);
    const life = lives.get(id);
    if (life === undefined) {
      const openedNs = Math.round(trace.connections[id]?.openedNs ?? timeNs);
      lives.set(id, { id, openNs: Math.min(openedNs, timeNs), pdus: 1, lastK: k, closeNs: timeNs });
    } else {
      life.pdus += 1;
      life.lastK = k;
      life.closeNs = timeNs;
    }
  }
  for (const life of lives.values()) {
    const closedNs = Math.round(trace.connections[life.id]?.closedNs ?? NaN);
    if (closedNs > life.closeNs) life.closeNs = closedNs;
  }
  return [...lives.values()].sort((a, b) => a.openNs - b.openNs);
}

interface Remarks {
  readonly safe: boolean;
  readonly retimed: number;
  readonly madeUp: number;
  /** Connections whose target has another port here than it had. */
  readonly moved: number;
}

/** What an export had to change, in lines. */
function changeLines({ retimed, madeUp, moved }: Remarks): string[] {
  const lines: string[] = [];
  if (moved > 0)
    lines.push(`${moved} connections have another port of their target here, so that dissectors know them.`);
  if (madeUp > 0)
    lines.push(
      `${madeUp} connections have a made-up initiator port: their own is not known, or they would have both ends of another connection.`,
    );
  if (retimed > 0)
    lines.push(`${retimed} PDUs were captured after what follows them; they have the time of the PDU before them.`);
  return lines;
}

function sectionComment(trace: Trace, facts: Survey, remarks: Remarks): string {
  const changes = changeLines(remarks);
  const lines = [
    `${SECTION_OPENING}addresses, ports, order and times are those of the trace${changes.length === 0 && !remarks.safe ? '' : ', but for what follows'}; TCP and IP framing is synthesised.`,
    ...changes,
  ];
  const { zeroFilled, large, digests } = factLines(trace, facts);
  lines.push(...zeroFilled);
  if (remarks.safe) lines.push(SAFE_LINE);
  lines.push(...large, ...digests);
  return lines.join('\n');
}

type FactLines = Readonly<Record<'zeroFilled' | 'large' | 'digests', readonly string[]>>;

/** What a section comment says of the PDUs that are in it. */
function factLines(trace: Trace, { zeroFilled, largest, connections }: Survey): FactLines {
  const digests = trace.connections.some(({ id, dataDigest }) => connections.has(id) && dataDigest === 'crc32c');
  return {
    zeroFilled: zeroFilled > 0 ? [`${zeroFilled}${ZERO_FILLED}`] : [],
    large: largest > DISSECTOR_LIMIT ? [`${LARGE}${largest} or more.`] : [],
    digests: digests ? [DIGEST_LINE] : [],
  };
}

/** How many bytes an export will take, near enough to ask before writing it. */
export function estimateExport(trace: Trace, rows?: readonly number[]): number {
  const facts = survey(trace, rows);
  return (
    400 +
    facts.wireBytes +
    facts.packets * 100 +
    facts.count * 60 +
    facts.zeroFilled * 28 +
    facts.connections.size * 600
  );
}

/** Writes rows of a trace as a pcapng capture, piece by piece; returns what was written. */
export function* exportPcapng(trace: Trace, options: ExportOptions = {}): Generator<Uint8Array, ExportSummary> {
  const crc = options.crc ?? crc32c;
  const sharer = options.shareHash === undefined ? undefined : new Sharer(trace, options.shareHash);
  const facts = survey(trace, options.rows);
  const out: Uint8Array[] = [];
  let [packets, bytes, zeroFilledBytes] = [0, 0, 0];
  let [startNs, endNs] = [Infinity, -Infinity];
  const absolute = (timeNs: number): bigint => trace.baseNs + BigInt(timeNs);
  const take = (block: Uint8Array): void => {
    out.push(block);
    bytes += block.length;
  };
  const order = orderRows(trace, options.rows);
  const lives = livesOf(trace, order);
  const { byId: faces, madeUp } = keepApart(lives.flatMap((life) => appearanceOf(trace, life, options, sharer)));
  const moved = lives.filter(({ id }) => isMoved(trace, id, options)).length;
  const remarks = { safe: sharer !== undefined, retimed: order.retimed, madeUp, moved };
  const comment =
    sharer === undefined && trace.exportComment !== ''
      ? [earlierComment(trace, facts, options), ...changeLines(remarks)].join('\n')
      : sectionComment(trace, facts, remarks);
  take(sectionBlock(APPLICATION, comment));
  take(interfaceBlock('iscsi'));
  if (sharer === undefined) {
    const names = namesOf(trace, faces);
    if (names.length > 0) take(namesBlock(names));
  }
  const open = new Map<number, Conversation>();
  let comments: string[] = [];
  const begin = ({ id, openNs, pdus }: Life): void => {
    const conversation = new Conversation(faces.get(id) as ConversationFace, (at, packet, outgoing, last) => {
      packets += 1;
      startNs = Math.min(startNs, at);
      endNs = Math.max(endNs, at);
      take(packetBlock(absolute(at), packet, outgoing, last ? comments : []));
    });
    const connection = trace.connections[id];
    const remark = connection === undefined ? '' : formatConnectionRemark(remarkOn(connection, pdus));
    comments = remark === '' ? [] : [CONNECTION_COMMENT, remark];
    conversation.open(openNs);
    open.set(id, conversation);
  };
  const end = ({ id, closeNs }: Life): void => {
    const connection = trace.connections[id];
    open.get(id)?.close(closeNs, connection?.closedBy ?? '', connection?.reset ?? false);
    open.delete(id);
  };
  const closing = [...lives].sort((a, b) => a.closeNs - b.closeNs || a.lastK - b.lastK);
  let [opened, closed] = [0, 0];
  /** Opens and closes what does so before a row. */
  const passTo = (timeNs: number, k: number): void => {
    for (;;) {
      const opens = lives[opened];
      const closes = closing[closed];
      const isOver = closes !== undefined && closes.closeNs <= timeNs && closes.lastK < k;
      if (isOver && !(opens !== undefined && opens.openNs < closes.closeNs)) {
        end(closes);
        closed += 1;
      } else if (opens !== undefined && opens.openNs <= timeNs) {
        begin(opens);
        opened += 1;
      } else return;
    }
  };
  for (let k = 0; k < order.length; k += 1) {
    const row = order.row(k);
    const timeNs = order.timeNs(k);
    passTo(timeNs, k);
    const [page, i] = trace.at(row);
    const opcode = (page.opcode[i] as number) & 0x3f;
    const fromInitiator = ((page.marks[i] as number) & MARKS.fromInitiator) !== 0;
    const wire = wirePdu(trace, row, crc, sharer?.filter);
    zeroFilledBytes += wire.zeroed;
    comments = commentsOn(trace, row, opcode, sharer === undefined ? options.notes : undefined, sharer !== undefined);
    open.get(page.connection[i] as number)?.send(timeNs, fromInitiator, wire.bytes);
    for (const block of out.splice(0)) yield block;
  }
  passTo(Infinity, order.length);
  if (packets > 0) take(statisticsBlock(absolute(startNs), absolute(endNs), packets));
  for (const block of out.splice(0)) yield block;
  return { pdus: facts.count, packets, bytes, zeroFilledBytes };
}

/** What the export that was read says of itself; that it is safe to share holds no more once a person's notes are added. */
function earlierComment(trace: Trace, facts: Survey, { rows, notes }: ExportOptions): string {
  const isAdded = notes !== undefined && (rows?.some((row) => notes.has(row)) ?? notes.size > 0);
  const comment = trace.isNoted || isAdded ? trace.exportComment.replace(SAFE_LINE, NOTED_LINE) : trace.exportComment;
  if (rows === undefined) return comment;
  // It speaks of all PDUs there were; what is counted is counted again.
  const { zeroFilled, large, digests } = factLines(trace, facts);
  const anew = (line: string): readonly string[] => {
    if (line.endsWith(ZERO_FILLED)) return zeroFilled;
    if (line.startsWith(LARGE)) return large;
    return line === DIGEST_LINE ? digests : [line];
  };
  return comment.split('\n').flatMap(anew).join('\n');
}

/** The comments of a PDU; what an export that was read says of it, and what people noted there, stays. */
function commentsOn(trace: Trace, row: number, opcode: number, notes: RowNotes | undefined, safe: boolean): string[] {
  const [page, i] = trace.at(row);
  const length = (page.lengths[i] as number) & 0xffffff;
  const remark = formatRemark(page.marks[i] as number, page.stored[i] as number, length);
  const remarks = remark === '' ? [] : [remark];
  if (safe) return [quotesText(opcode) ? opcodeName(opcode) : saysOfRow(trace, row), ...remarks];
  const earlier = packetComments(trace, row);
  const kept = earlier?.notes ?? [];
  const note = notes?.get(row);
  const added = note === undefined || kept.includes(formatNote(note)) ? [] : [formatNote(note)];
  return [earlier?.says ?? saysOfRow(trace, row), ...remarks, ...kept, ...added];
}

function isMoved(trace: Trace, id: number, { serverPort }: ExportOptions): boolean {
  return serverPort !== undefined && trace.connections[id]?.endpoints.targetPort !== serverPort;
}

function appearanceOf(
  trace: Trace,
  { id, openNs, closeNs }: Life,
  { serverPort }: ExportOptions,
  sharer: Sharer | undefined,
): Appearance[] {
  const connection = trace.connections[id];
  if (connection === undefined) return [];
  const face = faceOf(connection, serverPort);
  return [{ id, openNs, closeNs, face: sharer === undefined ? face : sharer.face(connection, face) }];
}
