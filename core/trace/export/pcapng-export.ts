import { crc32c, type Crc32c } from '../../bytes/index.ts';
import { opcodeName } from '../../pdu/index.ts';
import { APPLICATION } from '../application.ts';
import { MARKS } from '../columns.ts';
import { describeRow } from '../describe.ts';
import { parseAddress } from '../import/addresses.ts';
import type { Trace } from '../trace.ts';
import { Conversation, faceOf, type ConversationFace } from './conversation.ts';
import { interfaceBlock, namesBlock, packetBlock, sectionBlock, statisticsBlock } from './pcapng-writer.ts';
import { quotesText, Sharer, type ShareHash } from './share.ts';
import { addressBytes } from './tcp-packet.ts';
import { wirePdu } from './wire.ts';

/** What is written and how. */
export interface ExportOptions {
  /** Rows in ascending order; all of them otherwise. */
  readonly rows?: readonly number[];
  /** Port the targets get in the capture, so that dissectors know the protocol by it. */
  readonly serverPort?: number;
  /** Makes the export safe to share, with a hash of this export's own. */
  readonly shareHash?: ShareHash;
  readonly crc?: Crc32c;
}

/** What was written. */
export interface ExportSummary {
  readonly pdus: number;
  readonly packets: number;
  readonly bytes: number;
  /** Data bytes that were not recorded and are zeros in the capture. */
  readonly zeroFilledBytes: number;
}

/** Largest data segment dissectors believe unasked. */
const DISSECTOR_LIMIT = 262_144;

interface Survey {
  readonly count: number;
  readonly first: ReadonlyMap<number, number>;
  readonly last: ReadonlyMap<number, number>;
  readonly zeroFilled: number;
  readonly largest: number;
  readonly wireBytes: number;
  readonly packets: number;
}

function eachRow(trace: Trace, rows: readonly number[] | undefined, visit: (row: number) => void): void {
  if (rows === undefined) for (let row = 0; row < trace.length; row += 1) visit(row);
  else for (const row of rows) visit(row);
}

function survey(trace: Trace, rows: readonly number[] | undefined): Survey {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  let [count, zeroFilled, largest, wireBytes, packets] = [0, 0, 0, 0, 0];
  eachRow(trace, rows, (row) => {
    const [page, i] = trace.at(row);
    const connection = page.connection[i] as number;
    if (!first.has(connection)) first.set(connection, row);
    last.set(connection, row);
    const length = (page.lengths[i] as number) & 0xffffff;
    count += 1;
    if (length > (page.stored[i] as number)) zeroFilled += 1;
    largest = Math.max(largest, length);
    wireBytes += 52 + length;
    packets += 1 + Math.floor(length / 65_400);
  });
  return { count, first, last, zeroFilled, largest, wireBytes, packets };
}

function sectionComment(trace: Trace, facts: Survey, safe: boolean): string {
  const lines = [
    'iSCSI PDUs in made-up TCP/IP packets: addresses, ports, order and times are those of the trace; TCP and IP framing is synthesised.',
  ];
  if (facts.zeroFilled > 0)
    lines.push(
      `${facts.zeroFilled} PDUs were not recorded whole: the missing data is zeros here, and digests were computed over it.`,
    );
  if (safe)
    lines.push(
      'Safe to share: data is zeroed, names and addresses are hashed, CHAP responses are gone; digests were computed anew.',
    );
  if (facts.largest > DISSECTOR_LIMIT)
    lines.push(`PDUs over ${DISSECTOR_LIMIT} bytes: set iscsi.bogus_pdu_max_data_len to ${facts.largest} or more.`);
  if (trace.connections.some((connection) => facts.first.has(connection.id) && connection.dataDigest === 'crc32c'))
    lines.push('Data digests are in use: versions of Wireshark that have the setting need iscsi.enable_data_digests.');
  return lines.join('\n');
}

/** How many bytes an export will take, near enough to ask before writing it. */
export function estimateExport(trace: Trace, rows?: readonly number[]): number {
  const facts = survey(trace, rows);
  return 400 + facts.wireBytes + facts.packets * 100 + facts.count * 60 + facts.first.size * 600;
}

/** Writes rows of a trace as a pcapng capture, piece by piece; returns what was written. */
export function* exportPcapng(trace: Trace, options: ExportOptions = {}): Generator<Uint8Array, ExportSummary> {
  const crc = options.crc ?? crc32c;
  const sharer = options.shareHash === undefined ? undefined : new Sharer(trace, options.shareHash);
  const facts = survey(trace, options.rows);
  const out: Uint8Array[] = [];
  let [packets, bytes, zeroFilledBytes] = [0, 0, 0];
  let [startNs, endNs] = [Infinity, -Infinity];
  const absolute = (timeNs: number): bigint => trace.baseNs + BigInt(Math.round(timeNs));
  const take = (block: Uint8Array): void => {
    out.push(block);
    bytes += block.length;
  };
  const comment =
    sharer === undefined && trace.exportComment !== ''
      ? trace.exportComment
      : sectionComment(trace, facts, sharer !== undefined);
  take(sectionBlock(APPLICATION, comment));
  take(interfaceBlock('iscsi'));
  const faces = new Map<number, ConversationFace>();
  for (const id of facts.first.keys()) {
    const connection = trace.connections[id];
    if (connection === undefined) continue;
    const face = faceOf(connection, options.serverPort);
    faces.set(id, sharer === undefined ? face : sharer.face(connection, face));
  }
  if (sharer === undefined) {
    const names = namesOf(trace, faces);
    if (names.length > 0) take(namesBlock(names));
  }
  const open = new Map<number, Conversation>();
  let text = '';
  const begin = (id: number, timeNs: number): Conversation => {
    const conversation = new Conversation(faces.get(id) as ConversationFace, (at, packet, outgoing, last) => {
      packets += 1;
      startNs = Math.min(startNs, at);
      endNs = Math.max(endNs, at);
      take(packetBlock(absolute(at), packet, outgoing, last ? text : ''));
    });
    const openedNs = trace.connections[id]?.openedNs ?? timeNs;
    conversation.open(Math.min(openedNs, timeNs));
    open.set(id, conversation);
    return conversation;
  };
  const rowCount = options.rows?.length ?? trace.length;
  for (let k = 0; k < rowCount; k += 1) {
    const row = options.rows?.[k] ?? k;
    const [page, i] = trace.at(row);
    const id = page.connection[i] as number;
    const timeNs = page.time[i] as number;
    const opcode = (page.opcode[i] as number) & 0x3f;
    const fromInitiator = ((page.marks[i] as number) & MARKS.fromInitiator) !== 0;
    const conversation = open.get(id) ?? begin(id, timeNs);
    const wire = wirePdu(trace, row, crc, sharer?.filter);
    zeroFilledBytes += wire.zeroed;
    text = sharer !== undefined && quotesText(opcode) ? opcodeName(opcode) : describeRow(trace, row);
    conversation.send(timeNs, fromInitiator, wire.bytes);
    if (facts.last.get(id) === row) {
      const connection = trace.connections[id];
      const closedNs = connection === undefined || Number.isNaN(connection.closedNs) ? timeNs : connection.closedNs;
      conversation.close(Math.max(closedNs, timeNs), connection?.closedBy ?? '', connection?.reset ?? false);
      open.delete(id);
    }
    for (const block of out.splice(0)) yield block;
  }
  if (packets > 0) take(statisticsBlock(absolute(startNs), absolute(endNs), packets));
  for (const block of out.splice(0)) yield block;
  return { pdus: facts.count, packets, bytes, zeroFilledBytes };
}

/** Names for addresses: those of the logins, or the host names a trace was recorded with; an address with two names gets none. */
function namesOf(trace: Trace, faces: ReadonlyMap<number, ConversationFace>): (readonly [Uint8Array, string])[] {
  const found = new Map<string, { address: Uint32Array; names: Set<string> }>();
  const add = (address: Uint32Array, host: string, name: string): void => {
    const text = parseAddress(host) === undefined && host !== '' ? host : name;
    if (text === '') return;
    const key = address.join('.');
    const entry = found.get(key) ?? { address, names: new Set<string>() };
    entry.names.add(text);
    found.set(key, entry);
  };
  for (const [id, face] of faces) {
    const connection = trace.connections[id];
    if (connection === undefined) continue;
    add(face.initiator, connection.endpoints.initiatorHost, connection.initiatorName);
    add(face.target, connection.endpoints.targetHost, connection.targetName);
  }
  return [...found.values()]
    .filter(({ names }) => names.size === 1)
    .map(({ address, names }) => [addressBytes(address), [...names][0] ?? ''] as const);
}
