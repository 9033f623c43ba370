import { toHex, type FieldNode } from '../../core/bytes/index.ts';
import { cdbFieldTree } from '../../core/scsi/index.ts';
import { MARKS, rowToJson, viewTask, type TaskView, type Trace } from '../../core/trace/index.ts';
import type { FieldValue, PduFacts } from '../support/real/tshark-facts.ts';

/** What a comparison came to. */
export interface Comparison {
  compared: number;
  /** PDUs of ours that tshark does not dissect, for a reason that is known. */
  skipped: number;
  /** Fields of CDBs that both name. */
  cdbFields: number;
  readonly disagreements: string[];
}

type Shown = string | number | null | undefined;

function last(value: FieldValue | undefined): number | string | undefined {
  return Array.isArray(value) ? (value as (number | string)[]).at(-1) : (value as number | string | undefined);
}

function first(value: FieldValue | undefined): number | string | undefined {
  return Array.isArray(value) ? (value as (number | string)[])[0] : (value as number | string | undefined);
}

const portsOf = (trace: Trace, connection: number): readonly [number, number] => {
  const { initiatorPort, targetPort } = trace.connections[connection]!.endpoints;
  return [initiatorPort, targetPort];
};

/** PDUs that tshark takes for bogus although RFC 7143 names them: a SNACK with the I bit, a NOP-Out with transfer tag 0. */
function isRefusedByTshark(bhs: Uint8Array): boolean {
  return bhs[0] === 0x50 || ((bhs[0]! & 0x3f) === 0 && bhs.subarray(20, 24).every((byte) => byte === 0));
}

/** Holds a trace against what tshark says about the same packets, PDU by PDU, in each direction of each stream. */
export function compareWithTshark(name: string, trace: Trace, facts: readonly PduFacts[], into: Comparison): void {
  const theirs = new Map<string, PduFacts[]>();
  for (const fact of facts) {
    const key = `${fact.stream}:${fact.fromPort}>${fact.toPort}`;
    theirs.set(key, [...(theirs.get(key) ?? []), fact]);
  }
  const queues = [...theirs];
  const streamOf = new Map<string, PduFacts[]>();
  const used = new Set<string>();
  for (let row = 0; row < trace.length; row += 1) {
    const [page, i] = trace.at(row);
    const connection = page.connection[i]!;
    const out = (page.marks[i]! & MARKS.fromInitiator) !== 0;
    const [initiatorPort, targetPort] = portsOf(trace, connection);
    const direction = out ? `${initiatorPort}>${targetPort}` : `${targetPort}>${initiatorPort}`;
    const key = `${connection}/${direction}`;
    let queue = streamOf.get(key);
    if (queue === undefined) {
      const found = queues.find(([id]) => id.endsWith(`:${direction}`) && !used.has(id));
      queue = found?.[1] ?? [];
      if (found !== undefined) used.add(found[0]);
      streamOf.set(key, queue);
    }
    comparePdu(name, trace, row, queue, into);
  }
  for (const [id, queue] of queues)
    for (const fact of queue)
      into.disagreements.push(`${name}: frame ${fact.frame} (${id}) holds a PDU we do not have`);
}

function comparePdu(name: string, trace: Trace, row: number, queue: PduFacts[], into: Comparison): void {
  const { bhs } = trace.readPdu(row, 0);
  const [page, i] = trace.at(row);
  const fact = queue[0];
  const matches = fact !== undefined && bytesAgree(fact.bhs, bhs);
  if (!matches && isRefusedByTshark(bhs)) {
    into.skipped += 1;
    return;
  }
  if (fact === undefined) {
    into.disagreements.push(`${name}: tshark has no PDU for our number ${row + 1}, ${toHex(bhs)}`);
    return;
  }
  queue.shift();
  into.compared += 1;
  const ours = rowToJson(trace, row);
  const differ = (field: string, mine: Shown, tsharks: Shown): void => {
    if (tsharks === undefined || mine === tsharks) return;
    into.disagreements.push(
      `${name}: PDU ${row + 1} (frame ${fact.frame}) ${field}: ours ${String(mine)}, tshark's ${String(tsharks)}`,
    );
  };
  const { iscsi, scsi } = fact;
  if (!matches) differ('header', toHex(bhs), fact.bhs);
  const theirs = (name: string): Shown => first(iscsi[name]);
  differ('opcode', ours.opcode, theirs('opcode'));
  differ('ITT', ours.itt, theirs('initiatortasktag'));
  differ('CmdSN', ours.cmdSn, theirs('cmdsn'));
  differ('StatSN', ours.statSn, theirs('statsn'));
  if (ours.expStatSn !== null) differ('ExpStatSN', ours.expStatSn, theirs('expstatsn'));
  differ('ExpCmdSN', ours.expCmdSn, theirs('expcmdsn'));
  differ('MaxCmdSN', ours.maxCmdSn, theirs('maxcmdsn'));
  if (ours.ttt !== null) differ('TTT', ours.ttt, theirs('targettransfertag'));
  if (ours.opcode === 5 || ours.opcode === 0x25) differ('DataSN', ours.dataSn, theirs('datasn'));
  differ('R2TSN', ours.r2tSn, theirs('r2tsn'));
  if (ours.bufferOffset !== null) differ('buffer offset', ours.bufferOffset, theirs('bufferOffset'));
  differ('desired length', ours.desiredLength, theirs('desireddatalength'));
  differ('data length', ours.dataLength, theirs('datasegmentlength'));
  differ('AHS length', ours.ahsLength / 4, theirs('totalahslength'));
  differ('expected length', ours.expectedLength, theirs('scsicommand.expecteddatatransferlength'));
  if (ours.opcode === 0x21) differ('status', ours.status, theirs('scsiresponse.status'));
  if (ours.residual !== null) differ('residual', ours.residual, last(iscsi['scsiresponse.residualcount']));
  differ('LUN', ours.lun, first(scsi['scsi.lun']));
  if (ours.opcode === 1) compareCdb(viewTask(trace, page.task[i]!), fact, differ, into);
  compareDigests(fact, page.marks[i]!, ours.dataLength, differ);
  if (ours.opcode === 0x3f) dropQuoted(fact, queue);
}

/** tshark shows the header a Reject quotes as one more PDU of the frame. */
function dropQuoted(reject: PduFacts, queue: PduFacts[]): void {
  const next = queue[0];
  if (next?.frame === reject.frame && Number(next.iscsi['opcode']) < 0x20) queue.shift();
}

/** tshark prints a verdict for the header, and one for the data where there is any; a bad data digest it does not take for one. */
function compareDigests(
  fact: PduFacts,
  marks: number,
  dataLength: number,
  differ: (field: string, mine: Shown, tsharks: Shown) => void,
): void {
  const verdict = (bit: number): string => ((marks & bit) === 0 ? 'good' : 'bad');
  if (fact.digests.length === 0) return;
  differ('header digest', verdict(MARKS.headerDigestBad), fact.digests[0]);
  if (dataLength > 0 && fact.digests.length > 1) differ('data digest', verdict(MARKS.dataDigestBad), fact.digests[1]);
}

/** What tshark calls parts of a byte that we call otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  sa: 'serviceaction',
  servact: 'serviceaction',
  group: 'groupnumber',
  immediate: 'immed',
  pc: 'pagecontrol',
};

function* nodesOf(node: FieldNode): Generator<FieldNode> {
  yield node;
  for (const child of node.children ?? []) yield* nodesOf(child);
}

const numeric = ({ value }: FieldNode): boolean => ['number', 'bigint', 'boolean'].includes(typeof value);

/**
 * Holds our reading of a CDB against every field tshark shows of it: one that fills whole bytes has to be a field of ours
 * with the same value, one that is part of a byte the same value where both name it alike.
 */
function compareCdb(
  view: TaskView,
  fact: PduFacts,
  differ: (field: string, mine: Shown, tsharks: Shown) => void,
  into: Comparison,
): void {
  const { scsi } = fact;
  differ('CDB opcode', view.cdb[0], first(scsi['scsi_sbc.opcode']) ?? first(scsi['scsi.spc.opcode']));
  const lba =
    first(scsi['scsi_sbc.rdwr10.lba']) ?? first(scsi['scsi_sbc.rdwr16.lba']) ?? first(scsi['scsi_sbc.rdwr6.lba']);
  if (typeof lba === 'number' && view.lba !== undefined) differ('LBA', Number(view.lba), lba);
  const nodes = [...nodesOf(cdbFieldTree(view.cdb, view.deviceType))].filter(numeric);
  if (nodes.length === 0) return;
  for (const { name, at, size, value, partial } of fact.cdb ?? []) {
    if (name.endsWith('flags')) continue;
    const own = nodes.filter((node) => node.offset === at && node.length === size);
    const theirs = Number(`0x${value}`);
    const called = (name.split('.').at(-1) ?? '').replaceAll('_', '').toLowerCase();
    const wanted = OTHER_NAMES[called] ?? called;
    const match = partial
      ? own.find((node) => node.name.toLowerCase() === wanted)
      : (own.find((node) => node.bits === undefined) ?? own[0]);
    if (match !== undefined) into.cdbFields += 1;
    if (match !== undefined) differ(`CDB field ${name}`, Number(match.value), theirs);
    else if (!partial && theirs !== 0) differ(`CDB field ${name} at ${at}`, 'no such field', value);
  }
}

function bytesAgree(known: string, bhs: Uint8Array): boolean {
  for (let i = 0; i < bhs.length; i += 1) {
    const text = known.slice(i * 2, i * 2 + 2);
    if (text !== '..' && parseInt(text, 16) !== bhs[i]) return false;
  }
  return true;
}
