import { buildFieldTree, toHex, type FieldNode } from '../bytes/index.ts';
import {
  BHS_LENGTH,
  decodeAhs,
  isVendorOpcode,
  joinCdb,
  layoutOf,
  OPCODES,
  opcodeName,
  type AdditionalHeader,
} from '../pdu/index.ts';
import { LunascopeError } from '../errors/index.ts';
import { cdbFieldTree, formatLun, payloadFieldTree, senseFieldTree } from '../scsi/index.ts';
import { NO_TASK } from './columns.ts';
import { senseOf } from './describe.ts';
import { keyNodes } from './key-nodes.ts';
import { isCommand, viewTask } from './task-view.ts';
import type { StoredPdu, Trace } from './trace.ts';

const SHOWN_DATA = 1 << 16;
const RAW_SHOWN = 64;

/** The part of a tree that lies in the first `length` bytes; what crosses that border says so. */
function within(node: FieldNode, length: number): FieldNode {
  if (node.offset + node.length <= length) return node;
  const children = node.children?.filter((child) => child.offset < length).map((child) => within(child, length));
  return {
    ...node,
    length: Math.max(0, length - node.offset),
    text: `${node.text} (goes on in a later PDU)`,
    ...(children === undefined ? {} : { children }),
  };
}

/** What the recording left out is no fault of the PDU. */
function excused(node: FieldNode): FieldNode {
  const { malformed, children, ...rest } = node;
  return {
    ...rest,
    ...(malformed === undefined ? {} : { text: node.value === undefined ? 'not recorded' : node.text }),
    ...(children === undefined ? {} : { children: children.map(excused) }),
  };
}

/** Moves a tree to where its bytes lie in the PDU. */
function shift(node: FieldNode, by: number): FieldNode {
  const children = node.children?.map((child) => shift(child, by));
  return { ...node, offset: node.offset + by, ...(children === undefined ? {} : { children }) };
}

/** The same for a CDB in two parts: from byte 16 on it lies behind length, type and reserved byte of its own header. */
function shiftCdb(node: FieldNode): FieldNode {
  const children = node.children?.map(shiftCdb);
  const by = node.offset < 16 ? 32 : 36;
  return { ...node, offset: node.offset + by, ...(children === undefined ? {} : { children }) };
}

function rawNode(name: string, label: string, bytes: Uint8Array, offset: number): FieldNode {
  const more = bytes.length > RAW_SHOWN ? '…' : '';
  return {
    name,
    label,
    offset,
    length: bytes.length,
    value: bytes,
    text: `${toHex(bytes.subarray(0, RAW_SHOWN), ' ')}${more}`,
  };
}

/** The nodes of a header: CDB and LUN taken further apart than the layout does. */
function headerNode(pdu: StoredPdu, opcode: number, deviceType: number): FieldNode {
  const layout = layoutOf(opcode);
  if (layout === undefined)
    return {
      ...rawNode('bhs', opcodeName(opcode), pdu.bhs, 0),
      ...(isVendorOpcode(opcode) ? {} : { malformed: 'No PDU has this opcode.' }),
    };
  const tree = buildFieldTree(layout, pdu.bhs);
  const children = tree.children?.map((node): FieldNode => {
    if (node.name === 'lun' && typeof node.value === 'bigint') return { ...node, text: `LUN ${formatLun(node.value)}` };
    if (node.name !== 'cdb') return node;
    const cdb = cdbFieldTree(pdu.bhs.subarray(node.offset, node.offset + node.length), deviceType);
    return { ...shift(cdb, node.offset), ...(node.clause === undefined ? {} : { clause: node.clause }) };
  });
  return children === undefined ? tree : { ...tree, children };
}

function headersOf(ahs: Uint8Array): { headers: AdditionalHeader[]; fault?: string } {
  try {
    return { headers: decodeAhs(ahs) };
  } catch (error) {
    if (error instanceof LunascopeError) return { headers: [], fault: error.message };
    throw error;
  }
}

function ahsNode(pdu: StoredPdu, opcode: number, deviceType: number): FieldNode[] {
  if (pdu.ahs.length === 0) return [];
  const { headers, fault } = headersOf(pdu.ahs);
  const text = headers.map((header) => (header.type === 'unknown' ? `type ${header.code}` : header.type)).join(', ');
  const node: FieldNode = {
    ...rawNode('ahs', 'Additional header segments', pdu.ahs, BHS_LENGTH),
    ...(fault === undefined ? { text } : { malformed: fault }),
    clause: 'RFC 7143 11.2.2',
  };
  if (opcode !== OPCODES.scsiCommand || !headers.some((header) => header.type === 'extendedCdb')) return [node];
  const whole = joinCdb(pdu.bhs.subarray(32, 48), headers);
  return [{ ...node, children: [{ ...shiftCdb(cdbFieldTree(whole, deviceType)), label: 'Whole CDB' }] }];
}

function dataNode(trace: Trace, row: number, pdu: StoredPdu, opcode: number): FieldNode[] {
  const [page, i] = trace.at(row);
  const length = (page.lengths[i] as number) & 0xffffff;
  if (length === 0) return [];
  const offset = BHS_LENGTH + pdu.ahs.length;
  const kept = pdu.data.length;
  const node: FieldNode = {
    name: 'data',
    label: 'Data segment',
    offset,
    length: kept,
    text: kept < length ? `${length} bytes, ${kept} of them here` : `${length} bytes`,
    clause: 'RFC 7143 11.2.3',
  };
  const read = dataChildren(trace, row, pdu, opcode, offset);
  const children = kept < length ? read.map(excused) : read;
  return [children.length === 0 ? node : { ...node, children }];
}

function dataChildren(trace: Trace, row: number, pdu: StoredPdu, opcode: number, offset: number): FieldNode[] {
  const { data } = pdu;
  const [own, k] = trace.at(row);
  const [number, bufferOffset] = [own.task[k] as number, own.word40[k] as number];
  switch (opcode) {
    case OPCODES.loginRequest:
    case OPCODES.loginResponse:
    case OPCODES.textRequest:
    case OPCODES.textResponse:
      return keyNodes(trace, row, data, offset);
    case OPCODES.scsiResponse:
      return data.length < 3 ? [] : [shift(senseFieldTree(senseOf(data)), offset + 2)];
    case OPCODES.reject:
      return data.length < BHS_LENGTH
        ? []
        : [
            {
              ...shift(
                headerNode(
                  quoted(data),
                  (data[0] as number) & 0x3f,
                  number === NO_TASK ? 0 : trace.deviceTypeOf(number),
                ),
                offset,
              ),
              label: 'The PDU refused',
            },
          ];
    case OPCODES.scsiCommand:
    case OPCODES.dataOut:
    case OPCODES.dataIn: {
      if (number === NO_TASK || (opcode !== OPCODES.scsiCommand && bufferOffset !== 0)) return [];
      const [page, i] = trace.taskAt(number);
      if (!isCommand(page, i)) return [];
      const direction = opcode === OPCODES.dataIn ? 'in' : 'out';
      const whole = taskPayload(trace, number, direction);
      const { cdb, deviceType } = viewTask(trace, number);
      const tree = payloadFieldTree(cdb, direction, whole.length > data.length ? whole : data, deviceType);
      return [shift(within(tree, data.length), offset)];
    }
    default:
      return [];
  }
}

function quoted(data: Uint8Array): StoredPdu {
  return { bhs: data.subarray(0, BHS_LENGTH), ahs: new Uint8Array(0), data: new Uint8Array(0) };
}

/** Everything a PDU says, as a tree with the byte range, meaning and clause of each field; offsets count from its header. */
export function pduTree(trace: Trace, row: number): FieldNode {
  const pdu = trace.readPdu(row, SHOWN_DATA);
  const opcode = (pdu.bhs[0] as number) & 0x3f;
  const [page, i] = trace.at(row);
  const task = page.task[i] as number;
  const type = task === NO_TASK ? 0 : trace.deviceTypeOf(task);
  const children = [headerNode(pdu, opcode, type), ...ahsNode(pdu, opcode, type), ...dataNode(trace, row, pdu, opcode)];
  return {
    name: 'pdu',
    label: opcodeName(opcode),
    offset: 0,
    length: BHS_LENGTH + pdu.ahs.length + pdu.data.length,
    text: opcodeName(opcode),
    children,
  };
}

/** The data a task moved in one direction, put together as far as it was kept; at most `limit` bytes. */
export function taskPayload(trace: Trace, task: number, direction: 'in' | 'out', limit = SHOWN_DATA): Uint8Array {
  const out = new Uint8Array(limit);
  let end = 0;
  for (const row of trace.rowsOfTask(task)) {
    const [page, i] = trace.at(row);
    const opcode = (page.opcode[i] as number) & 0x3f;
    const takes =
      direction === 'in' ? opcode === OPCODES.dataIn : opcode === OPCODES.dataOut || opcode === OPCODES.scsiCommand;
    if (!takes) continue;
    const at = opcode === OPCODES.scsiCommand ? 0 : (page.word40[i] as number);
    if (at >= limit) continue;
    const { data } = trace.readPdu(row, limit - at);
    out.set(data, at);
    end = Math.max(end, at + data.length);
  }
  return out.subarray(0, end);
}
