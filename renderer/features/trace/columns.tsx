import { ArrowLeft, ArrowRight, CircleAlert, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PduRow, TaskRow } from '../../../electron/contract/trace.ts';
import { formatBytes } from '../../lib/format.ts';
import { formatNs, formatTag, formatTime, latencyShare } from './format.ts';

/** One line of a list: a task, or a PDU. */
export type Line = TaskRow | PduRow;

/** Which list. */
export type ListMode = 'tasks' | 'pdus';

/** What a cell may need besides its line. */
export interface CellContext {
  readonly startNs: number;
  readonly slowestNs: number;
  /** Whether block addresses are written in hexadecimal. */
  readonly hex: boolean;
  /** The columns that the list has, by name. */
  readonly shown: ReadonlySet<string>;
}

/** A column of the lists. */
export interface TraceColumn {
  readonly id: string;
  readonly label: string;
  readonly width: number;
  /** As narrow as it gets where the others need the room, unless the person has sized it. */
  readonly least?: number;
  readonly number?: boolean;
  /** What the head tells the mouse where its name leaves a question. */
  readonly help?: string;
  readonly only?: ListMode;
  /** Takes what room the others leave. */
  readonly grows?: boolean;
  /** Gets narrower only when the others are as narrow as they get. */
  readonly keeps?: boolean;
  /** Not shown until it is chosen, in one of the lists or in both. */
  readonly hidden?: ListMode | 'both';
  /** May well be longer than its column: the mouse tells the whole. */
  readonly long?: true;
  readonly text: (line: Line, context: CellContext) => string;
  readonly cell?: (line: Line, context: CellContext) => ReactNode;
  /** The filter that lets through what has this value; null where none can say it. `startNs` is when the trace began. */
  readonly filter: (line: Line, startNs: number) => string | null;
}

/** Whether a line is a task. */
export const isTask = (line: Line): line is TaskRow => 'firstPdu' in line;

/** The PDU that stands for a line. */
export const rowOf = (line: Line): number => (isTask(line) ? line.firstPdu : line.row);

function whatFilter(line: Line): string {
  if (line.cdb !== null && line.cdb !== '') return `scsi.opcode == 0x${line.cdb.slice(0, 2)}`;
  return `opcode == 0x${line.opcode.toString(16).padStart(2, '0')}`;
}

/** A task has a latency or none; of a PDU without one the task may have it. */
const absent = (line: Line, field: string): string | null => (isTask(line) ? `!${field}` : null);

function latencyFilter(line: Line): string | null {
  const { latencyNs } = line;
  return latencyNs === null ? absent(line, 'latency') : `latency >= ${Math.floor(latencyNs / 1000)}us`;
}

/** From the step before it: of tasks in their list, of PDUs in the other and within a task. */
function deltaFilter(line: Line): string | null {
  const { deltaNs } = line;
  const field = isTask(line) ? 'task.delta' : 'delta';
  if (deltaNs === null) return `!${field}`;
  return deltaNs < 0 ? `${field} < 0ns` : `${field} >= ${Math.floor(deltaNs)}ns`;
}

/** Whether the answer of a task was left out of the trace: the task itself may well have had one. */
const isUnrecorded = (line: Line): boolean => isTask(line) && line.ok === null && line.status !== null;

function statusFilter(line: Line): string | null {
  if (isUnrecorded(line)) return 'unrecorded';
  if (line.status === null) return isTask(line) ? '!answered' : null;
  return line.kind === 'err' ? 'failed' : 'ok';
}

function statusKind(line: Line): 'err' | 'open' | 'lost' | 'ok' {
  if (line.kind === 'err') return 'err';
  if (isUnrecorded(line)) return 'lost';
  return isTask(line) && line.status === null ? 'open' : 'ok';
}

const TASK_DIRECTIONS: Readonly<Record<TaskRow['dir'], string>> = {
  read: 'read && !write',
  write: 'write && !read',
  both: 'read && write',
  none: '!read && !write',
};

const lunFilter = ({ lun }: Line): string | null => (lun === null ? null : `lun == ${lun}`);

/** What is said of a command, but for what columns of their own say. */
function withoutTold(words: string, { lun, lba, blocks }: Line, shown: ReadonlySet<string>): string {
  const told = new Set([
    ...(shown.has('lun') ? [`LUN ${lun ?? ''}`] : []),
    ...(shown.has('lba') ? [`LBA ${lba ?? ''}`, `${blocks ?? ''} block${blocks === 1 ? '' : 's'}`] : []),
  ]);
  const parts = words.split(', ');
  return parts.filter((part) => !told.has(part)).join(', ');
}

function Latency({ line, slowestNs }: { readonly line: Line; readonly slowestNs: number }) {
  if (line.latencyNs === null) return null;
  return (
    <span className="latency">
      <span className="latency-bar" style={{ width: `${latencyShare(line.latencyNs, slowestNs) * 100}%` }} />
      <span className="latency-text">{formatNs(line.latencyNs)}</span>
    </span>
  );
}

/** Every column there is, in its first order. */
export const COLUMNS: readonly TraceColumn[] = [
  {
    id: 'n',
    label: '#',
    width: 80,
    number: true,
    text: (line) => String(rowOf(line) + 1),
    filter: (line) => (isTask(line) ? `task == ${line.task}` : `n == ${line.row + 1}`),
  },
  {
    id: 'time',
    label: 'Time',
    width: 98,
    least: 90,
    number: true,
    text: (line, { startNs }) => formatTime(line.timeNs - startNs),
    filter: (line, startNs) => `time >= ${Math.floor((line.timeNs - startNs) / 1000)}us`,
  },
  {
    id: 'delta',
    label: 'Delta',
    width: 88,
    least: 83,
    help: 'Of a PDU, since the PDU before it; of a task, since the task before it began: in the whole trace, filtered or not',
    number: true,
    text: ({ deltaNs }) => (deltaNs === null ? '' : formatNs(deltaNs)),
    filter: deltaFilter,
  },
  {
    id: 'direction',
    label: 'Direction',
    width: 70,
    hidden: 'tasks',
    text: (line) => (isTask(line) ? line.dir : line.out ? 'out' : 'in'),
    cell: (line) =>
      isTask(line) ? (
        line.dir === 'none' ? (
          ''
        ) : (
          line.dir
        )
      ) : (
        <span className="trace-direction">
          {line.out ? <ArrowRight size={12} aria-hidden /> : <ArrowLeft size={12} aria-hidden />}
          {line.out ? 'out' : 'in'}
        </span>
      ),
    filter: (line) => (isTask(line) ? TASK_DIRECTIONS[line.dir] : `dir == ${line.out ? 'out' : 'in'}`),
  },
  {
    id: 'what',
    label: 'Command',
    width: 226,
    least: 140,
    grows: true,
    keeps: true,
    long: true,
    text: (line) => line.text,
    cell: (line, { shown }) => {
      // The kind of PDU comes before the name of its command, and the colour tells it already.
      const at = line.text.indexOf(line.name);
      const rest = withoutTold(at < 0 ? ` ${line.text}` : line.text.slice(at + line.name.length), line, shown);
      return (
        <>
          <span className="trace-name">{line.name}</span>
          <span className="muted-on-row">{rest}</span>
        </>
      );
    },
    filter: whatFilter,
  },
  { id: 'lun', label: 'LUN', width: 44, number: true, text: ({ lun }) => lun ?? '', filter: lunFilter },
  {
    id: 'lba',
    label: 'LBA + length',
    width: 140,
    least: 119,
    number: true,
    long: true,
    hidden: 'pdus',
    text: ({ lba, blocks }, { hex }) =>
      [hex && lba !== null ? `0x${BigInt(lba).toString(16)}` : lba, blocks].filter((part) => part !== null).join(' + '),
    filter: (line) => (line.lba === null ? absent(line, 'lba') : `lba == ${line.lba}`),
  },
  {
    id: 'bytes',
    label: 'Bytes',
    width: 68,
    number: true,
    text: ({ bytes }) => (bytes === 0 ? '' : formatBytes(BigInt(bytes))),
    filter: (line) => `${isTask(line) ? 'bytes' : 'length'} == ${line.bytes}`,
  },
  {
    id: 'status',
    label: 'Status',
    width: 210,
    least: 132,
    grows: true,
    long: true,
    text: (line) => (isTask(line) ? (line.status ?? 'Not answered') : (line.fault ?? line.status ?? '')),
    cell: (line) => {
      const text = isTask(line) ? (line.status ?? 'Not answered') : (line.fault ?? line.status ?? '');
      if (text === '') return null;
      const open = isTask(line) && line.status === null;
      return (
        <span className="trace-status" data-kind={statusKind(line)}>
          {line.kind === 'err' ? <CircleAlert size={12} aria-label="Failed" /> : null}
          {open || isUnrecorded(line) ? <CircleDashed size={12} aria-hidden /> : null}
          <span className="trace-status-text">{text}</span>
        </span>
      );
    },
    filter: statusFilter,
  },
  {
    id: 'latency',
    label: 'Latency',
    width: 100,
    least: 92,
    number: true,
    text: ({ latencyNs }) => (latencyNs === null ? '' : formatNs(latencyNs)),
    cell: (line, { slowestNs }) => <Latency line={line} slowestNs={slowestNs} />,
    filter: latencyFilter,
  },
  {
    id: 'itt',
    label: 'ITT',
    width: 76,
    hidden: 'tasks',
    text: ({ itt }) => formatTag(itt),
    filter: ({ itt }) => `itt == 0x${formatTag(itt)}`,
  },
  {
    id: 'sn',
    label: 'CmdSN / StatSN',
    width: 116,
    number: true,
    long: true,
    hidden: 'tasks',
    text: ({ cmdSn, statSn }) =>
      [cmdSn, statSn]
        .filter((value) => value !== null)
        .map(String)
        .join(' / '),
    filter: ({ cmdSn, statSn }) => {
      if (cmdSn !== null) return `cmdSn == ${cmdSn}`;
      return statSn === null ? null : `statSn == ${statSn}`;
    },
  },
  {
    id: 'pdus',
    label: 'PDUs',
    width: 56,
    number: true,
    only: 'tasks',
    text: (line) => (isTask(line) ? String(line.pdus) : ''),
    filter: (line) => (isTask(line) ? `pdus == ${line.pdus}` : null),
  },
  {
    id: 'connection',
    label: 'Connection',
    width: 80,
    number: true,
    hidden: 'both',
    text: ({ connection }) => String(connection),
    filter: ({ connection }) => `connection == ${connection}`,
  },
];

/** The columns a list has. */
export const columnsOf = (mode: ListMode): readonly TraceColumn[] =>
  COLUMNS.filter(({ only }) => only === undefined || only === mode);
