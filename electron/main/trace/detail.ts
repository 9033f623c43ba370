import { BHS_LENGTH } from '../../../core/pdu/index.ts';
import {
  MARKS,
  NO_TASK,
  notesIn,
  packetComments,
  pduTree,
  SECRET_KEYS,
  viewTask,
  type Trace,
} from '../../../core/trace/index.ts';
import type { FactField } from '../../contract/luns.ts';
import type { PduDetail } from '../../contract/trace.ts';
import { pduRow, taskRow } from './rows.ts';

type FieldNode = ReturnType<typeof pduTree>;

/** What a screen shows of a PDU; the whole of it can be copied. */
const SHOWN_BYTES = 4096;
const COPIED_BYTES = 1 << 20;
const MOST_RELATED = 40;
const NOTE_SHOWN = 2000;
const STAR = 0x2a;

function fieldOf(node: FieldNode): FactField {
  const { label, text, offset, length, bits, meaning, clause, malformed, children } = node;
  const [high, low] = bits ?? [];
  return {
    label,
    text,
    offset,
    length,
    bits: high === undefined || low === undefined ? null : high === low ? `${high}` : `${high} to ${low}`,
    meaning: meaning ?? null,
    clause: clause ?? null,
    malformed: malformed ?? null,
    children: (children ?? []).map(fieldOf),
  };
}

/** Stars over what stands for a secret: an imported capture may hold CHAP responses. */
function hideSecrets(node: FieldNode, bytes: Uint8Array): void {
  if (SECRET_KEYS.has(node.name)) {
    // Where another PDU began the pair there is no key before the value.
    const key = new TextEncoder().encode(`${node.name}=`);
    const named = key.every((byte, i) => bytes[node.offset + i] === byte);
    bytes.fill(STAR, node.offset + (named ? key.length : 0), node.offset + node.length);
  }
  for (const child of node.children ?? []) hideSecrets(child, bytes);
}

/** The first and the last of some rows, and those around one of them. */
function around(rows: readonly number[], row: number): readonly number[] {
  if (rows.length <= MOST_RELATED) return rows;
  const width = MOST_RELATED - 2;
  const wanted = rows.indexOf(row) - width / 2;
  const from = Math.max(1, Math.min(rows.length - 1 - width, wanted));
  return [...rows.slice(0, 1), ...rows.slice(from, from + width), ...rows.slice(-1)];
}

/** The name of the target that answers a connection; that of another to the same portal where its own login is not in the trace. */
function targetOf(trace: Trace, { targetName, endpoints }: Trace['connections'][number]): string {
  if (targetName !== '') return targetName;
  const { targetHost, targetPort } = endpoints;
  const names = trace.connections
    .filter((other) => other.endpoints.targetHost === targetHost && other.endpoints.targetPort === targetPort)
    .map((other) => other.targetName)
    .filter((name) => name !== '');
  return new Set(names).size === 1 ? (names[0] ?? '') : '';
}

/** The blocks a task is about, on the disk of its own connection. */
function sectorsOf(trace: Trace, task: number): PduDetail['sectors'] {
  if (task === NO_TASK) return null;
  const view = viewTask(trace, task);
  const connection = trace.connections[view.connection];
  if (view.lba === undefined || connection === undefined) return null;
  return {
    host: connection.endpoints.targetHost,
    port: connection.endpoints.targetPort,
    target: targetOf(trace, connection),
    lun: view.lun.toString(16).padStart(16, '0'),
    lba: String(view.lba),
    blocks: view.blocks ?? 0,
  };
}

/** Everything a PDU says, its bytes, and the way to what belongs to it. */
export function pduDetail(trace: Trace, row: number): PduDetail {
  const pdu = pduRow(trace, row);
  const stored = trace.readPdu(row, SHOWN_BYTES);
  const tree = pduTree(trace, row);
  const bytes = Buffer.concat([stored.bhs, stored.ahs, stored.data]);
  hideSecrets(tree, bytes);
  const [page, i] = trace.at(row);
  const task = page.task[i] as number;
  const own = task === NO_TASK ? null : taskRow(trace, task);
  const rows = task === NO_TASK ? [] : around(trace.rowsOfTask(task), row);
  const { endpoints } = trace.connections[pdu.connection] ?? {};
  const initiator = endpoints === undefined ? '' : `${endpoints.initiatorHost}:${endpoints.initiatorPort}`;
  const target = endpoints === undefined ? '' : `${endpoints.targetHost}:${endpoints.targetPort}`;
  return {
    pdu,
    tree: fieldOf(tree),
    bytes: bytes.toString('hex'),
    notShown: Math.max(0, pdu.bytes - stored.data.length),
    task: own,
    related: rows.map((each) => {
      const [at, k] = trace.at(each);
      return {
        row: each,
        name: pduRow(trace, each).name,
        out: ((at.marks[k] as number) & MARKS.fromInitiator) !== 0,
      };
    }),
    relatedLeftOut: own === null ? 0 : Math.max(0, own.pdus - rows.length),
    sectors: sectorsOf(trace, task),
    from: pdu.out ? initiator : target,
    to: pdu.out ? target : initiator,
    notes: notesIn(packetComments(trace, row)).map((note) => note.slice(0, NOTE_SHOWN)),
  };
}

/** The row of the same task before or after this one; without a task the next of its connection. */
export function stepRow(trace: Trace, row: number, by: 1 | -1): number | null {
  const [page, i] = trace.at(row);
  const [task, connection] = [page.task[i] as number, page.connection[i] as number];
  const limit = task === NO_TASK ? undefined : viewTask(trace, task);
  const [first, last] = limit === undefined ? [0, trace.length - 1] : [limit.firstPdu, limit.lastPdu];
  for (let at = row + by; at >= first && at <= last; at += by) {
    const [other, k] = trace.at(at);
    if (task === NO_TASK ? other.connection[k] === connection : other.task[k] === task) return at;
  }
  return null;
}

/** The rows as hex dumps, offsets counting from each header. */
export function hexOf(trace: Trace, rows: readonly number[]): string {
  return rows
    .map((row) => {
      const stored = trace.readPdu(row, COPIED_BYTES);
      const bytes = Buffer.concat([stored.bhs, stored.ahs, stored.data]);
      hideSecrets(pduTree(trace, row), bytes);
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += 16)
        lines.push(
          `${at.toString(16).padStart(6, '0')}  ${bytes
            .subarray(at, at + 16)
            .toString('hex')
            .replaceAll(/(..)(?=.)/g, '$1 ')}`,
        );
      return `PDU ${row + 1}: header of ${BHS_LENGTH} bytes\n${lines.join('\n')}`;
    })
    .join('\n\n');
}
