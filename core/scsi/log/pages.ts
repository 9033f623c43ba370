import {
  bits,
  buildFieldTree,
  decodeLayout,
  decodePartial,
  flag,
  layout,
  readAscii,
  readU16,
  readU64,
  readU32,
  u64,
  uint,
  type FieldNode,
  type Layout,
} from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import {
  encodeStruct,
  entryTree,
  hexByte,
  joinBytes,
  payloadTree,
  promised,
  rawNodes,
  recordOffsets,
  shiftTree,
  type Warnings,
} from '../payload.ts';
import { ascName, SENSE_KEYS } from '../sense/asc-names.ts';
import { LOG_PARAMETERS, logPageName } from './names.ts';

/** The head of a log page (SPC-4 7.3.2). */
export const LOG_HEADER = layout('logPage', 'Log page', 4, 'SPC-4 7.3.2', [
  flag('ds', 'DS', 0, 7, { meaning: 'The page is not saved.' }),
  flag('spf', 'SPF', 0, 6, { meaning: 'The subpage code counts.' }),
  bits('pageCode', 'Page code', 0, [5, 0]),
  uint('subpageCode', 'Subpage code', 1, 1),
  uint('pageLength', 'Page length', 2, 2),
]);

/** The head of a log parameter (SPC-4 7.3.2.2). */
export const LOG_PARAMETER = layout('logParameter', 'Log parameter', 4, 'SPC-4 7.3.2.2', [
  uint('code', 'Parameter code', 0, 2),
  flag('du', 'DU', 2, 7, { meaning: 'The target does not update it.' }),
  flag('tsd', 'TSD', 2, 5, { meaning: 'The target does not save it.' }),
  flag('etc', 'ETC', 2, 4, { meaning: 'A threshold comparison is made.' }),
  bits('tmc', 'TMC', 2, [3, 2]),
  bits('format', 'Format and linking', 2, [1, 0], {
    values: { 0: 'Bounded counter', 1: 'ASCII list', 2: 'Unbounded counter', 3: 'Binary list' },
  }),
  uint('length', 'Parameter length', 3, 1),
]);

/** The value of a self-test results parameter (SPC-5 self-test results log page). */
const SELF_TEST = layout('selfTest', 'Self-test result', 16, 'SPC-5 self-test results log page', [
  bits('selfTestCode', 'Self-test code', 0, [7, 5]),
  bits('result', 'Self-test result', 0, [3, 0], {
    values: {
      0: 'Done without error',
      1: 'Aborted by SEND DIAGNOSTIC',
      2: 'Aborted otherwise',
      3: 'Failed, segment not known',
      4: 'Failed',
      5: 'First segment failed',
      6: 'Second segment failed',
      7: 'Another segment failed',
      15: 'In progress',
    },
  }),
  uint('number', 'Self-test number', 1, 1),
  uint('powerOnHours', 'Accumulated power on hours', 2, 2),
  u64('firstFailure', 'Address of first failure', 4),
  bits('key', 'Sense key', 12, [3, 0], { values: SENSE_KEYS }),
  uint('asc', 'Additional sense code', 13, 1),
  uint('ascq', 'Additional sense code qualifier', 14, 1),
]);

const TEMPERATURE = layout('temperature', 'Temperature', 2, 'SPC-5 temperature log page', [
  uint('celsius', 'Temperature', 1, 1, { meaning: 'Degrees Celsius; ffh means it cannot be told.' }),
]);

const SCAN_STATUS = layout('scanStatus', 'Background scan status', 12, 'SBC-4 background scan results log page', [
  uint('powerOnMinutes', 'Accumulated power on minutes', 0, 4),
  uint('status', 'Background scan status', 5, 1, {
    values: {
      0: 'None active',
      1: 'Background medium scan active',
      2: 'Background pre-scan active',
      3: 'Halted by fatal error',
      4: 'Halted by a pattern of errors',
      5: 'Halted: medium not formatted',
      6: 'Halted: vendor specific cause',
      7: 'Halted: temperature',
      8: 'Waiting for the interval timer',
    },
  }),
  uint('scans', 'Number of background scans', 6, 2),
  uint('progress', 'Background scan progress', 8, 2, { meaning: 'Part of 65536 that is done.' }),
  uint('mediumScans', 'Number of background medium scans', 10, 2),
]);

const SCAN_EVENT = layout('scanEvent', 'Background scan event', 20, 'SBC-4 background scan results log page', [
  uint('powerOnMinutes', 'Accumulated power on minutes', 0, 4),
  bits('reassign', 'Reassign status', 4, [7, 4]),
  bits('key', 'Sense key', 4, [3, 0], { values: SENSE_KEYS }),
  uint('asc', 'Additional sense code', 5, 1),
  uint('ascq', 'Additional sense code qualifier', 6, 1),
  u64('lba', 'Logical block address', 12),
]);

const EXCEPTION = layout('exception', 'Informational exception', 4, 'SPC-5 informational exceptions log page', [
  uint('asc', 'Additional sense code', 0, 1),
  uint('ascq', 'Additional sense code qualifier', 1, 1),
  uint('celsius', 'Most recent temperature', 2, 1),
]);

const RESOURCES = layout('resources', 'Provisioning resources', 8, 'SBC-4 logical block provisioning log page', [
  uint('count', 'Resource count', 0, 4, { meaning: 'In threshold sets.' }),
  bits('scope', 'Scope', 4, [1, 0], { values: { 0: 'Not reported', 1: 'This unit', 2: 'Shared with other units' } }),
]);

const STATISTICS = layout(
  'statistics',
  'General access statistics',
  64,
  'SPC-5 general statistics and performance log page',
  [
    u64('readCommands', 'Read commands', 0),
    u64('writeCommands', 'Write commands', 8),
    u64('blocksReceived', 'Logical blocks received', 16),
    u64('blocksSent', 'Logical blocks transmitted', 24),
    u64('readIntervals', 'Read command processing intervals', 32),
    u64('writeIntervals', 'Write command processing intervals', 40),
    u64('weightedCommands', 'Weighted number of read and write commands', 48),
    u64('weightedIntervals', 'Weighted processing of read and write commands', 56),
  ],
);

/** The layout of a parameter's value, where a page gives it one. */
function valueLayout(pageCode: number, code: number): Layout | undefined {
  switch (pageCode) {
    case 0x0c:
      return RESOURCES;
    case 0x0d:
      return TEMPERATURE;
    case 0x10:
      return code >= 1 && code <= 20 ? SELF_TEST : undefined;
    case 0x15:
      return code === 0 ? SCAN_STATUS : SCAN_EVENT;
    case 0x19:
      return code === 1 ? STATISTICS : undefined;
    case 0x2f:
      return code === 0 ? EXCEPTION : undefined;
    default:
      return undefined;
  }
}

/** One log parameter as it came. */
export interface LogParameter {
  readonly code: number;
  readonly control: number;
  readonly name: string;
  readonly value: Uint8Array;
  /** Counters of up to eight bytes as a number. */
  readonly count?: bigint;
  /** The fields of values the tables know. */
  readonly fields: Readonly<Record<string, number | bigint | boolean | string | Uint8Array>>;
  readonly text: string;
}

/** A log page: its parameters, or for page 00 the pages there are. */
export interface LogPage {
  readonly pageCode: number;
  readonly subpageCode: number;
  readonly pageName: string;
  readonly parameters: readonly LogParameter[];
  readonly supported: readonly { readonly pageCode: number; readonly subpageCode: number; readonly name: string }[];
  readonly warnings: readonly string[];
}

function countOf(value: Uint8Array): bigint | undefined {
  if (value.length === 0 || value.length > 8) return undefined;
  const wide = new Uint8Array(8);
  wide.set(value, 8 - value.length);
  return readU64(wide, 0);
}

function textOf(
  pageCode: number,
  code: number,
  fields: LogParameter['fields'],
  value: Uint8Array,
  count: bigint | undefined,
): string {
  const { asc, ascq, celsius } = fields;
  if (pageCode === 0x0d) return celsius === undefined || celsius === 0xff ? 'not known' : `${String(celsius)} °C`;
  if (typeof asc === 'number' && typeof ascq === 'number' && (asc !== 0 || ascq !== 0)) return ascName(asc, ascq);
  if (pageCode === 0x0e && (code === 1 || code === 2)) return readAscii(value);
  if (pageCode === 0x0c) return `${String(fields['count'] ?? 'no')} threshold sets`;
  return count === undefined ? `${String(value.length)} bytes` : String(count);
}

/** Where each parameter of a page lies, relative to the page. */
function parameterSpans(page: Uint8Array, warnings: Warnings): { readonly at: number; readonly value: Uint8Array }[] {
  const spans: { at: number; value: Uint8Array }[] = [];
  let at = LOG_HEADER.size;
  while (at + LOG_PARAMETER.size <= page.length) {
    const value = promised(
      page,
      at + LOG_PARAMETER.size,
      page[at + 3] ?? 0,
      `Log parameter ${hexByte(readU16(page, at))}`,
      warnings,
    );
    spans.push({ at, value });
    at += LOG_PARAMETER.size + value.length;
  }
  if (at < page.length) warnings.push(`${String(page.length - at)} bytes follow the last log parameter.`);
  return spans;
}

function decodeParameter(pageCode: number, page: Uint8Array, at: number, value: Uint8Array): LogParameter {
  const code = readU16(page, at);
  const table = valueLayout(pageCode, code);
  const fields = table === undefined ? {} : (decodePartial(table, value) as LogParameter['fields']);
  const count = table === undefined ? countOf(value) : undefined;
  const name =
    LOG_PARAMETERS[pageCode]?.[code] ??
    (pageCode === 0x10 ? `Self-test ${String(code)}` : `Parameter ${hexByte(code)}`);
  return {
    code,
    control: page[at + 2] ?? 0,
    name,
    value,
    ...(count === undefined ? {} : { count }),
    fields,
    text: textOf(pageCode, code, fields, value, count),
  };
}

function decodeSupported(body: Uint8Array, withSubpages: boolean, warnings: Warnings): LogPage['supported'] {
  if (!withSubpages)
    return Array.from(body, (code) => ({ pageCode: code & 0x3f, subpageCode: 0, name: logPageName(code & 0x3f) }));
  return recordOffsets(body, 2, 'The list of log pages', warnings).map((at) => {
    const pageCode = (body[at] ?? 0) & 0x3f;
    const subpageCode = body[at + 1] ?? 0;
    return { pageCode, subpageCode, name: logPageName(pageCode, subpageCode) };
  });
}

/** Reads a log page, however short; undefined where not even its four-byte head is there. */
export function decodeLogPage(bytes: Uint8Array): LogPage | undefined {
  const header = decodeLayout(LOG_HEADER, bytes);
  if (header === undefined) return undefined;
  const { pageCode } = header;
  const subpageCode = header.spf ? header.subpageCode : 0;
  const pageName = logPageName(pageCode, subpageCode);
  const warnings: Warnings = [];
  const page = bytes.subarray(
    0,
    4 + promised(bytes, 4, header.pageLength, `The ${pageName.toLowerCase()} page`, warnings).length,
  );
  if (pageCode === 0 || subpageCode === 0xff)
    return {
      pageCode,
      subpageCode,
      pageName,
      parameters: [],
      supported: decodeSupported(page.subarray(4), header.spf, warnings),
      warnings,
    };
  const parameters = parameterSpans(page, warnings).map(({ at, value }) => decodeParameter(pageCode, page, at, value));
  return { pageCode, subpageCode, pageName, parameters, supported: [], warnings };
}

/** A log parameter as a target reports it. */
export interface LogParameterInput {
  readonly code: number;
  readonly control?: number;
  readonly value: Uint8Array;
}

function logPage(pageCode: number, subpageCode: number, body: Uint8Array): Uint8Array {
  const head = encodeStruct(LOG_HEADER, { pageCode, subpageCode, spf: subpageCode !== 0, pageLength: body.length });
  return joinBytes([head, body]);
}

/** Builds a log page of parameters. */
export function encodeLogPage(pageCode: number, parameters: readonly LogParameterInput[], subpageCode = 0): Uint8Array {
  const parts = parameters.flatMap(({ code, control = 0x03, value }) => {
    if (value.length > 255)
      throw new UsageError(
        'OUT_OF_RANGE',
        `A log parameter has at most 255 bytes; ${String(value.length)} were given.`,
      );
    const head = encodeStruct(LOG_PARAMETER, { code, length: value.length });
    head[2] = control;
    return [head, value];
  });
  return logPage(pageCode, subpageCode, joinBytes(parts));
}

/** Builds page 00: the log pages there are. */
export function encodeSupportedLogPages(pages: readonly number[]): Uint8Array {
  return logPage(0, 0, Uint8Array.from([...new Set(pages)].sort((a, b) => a - b)));
}

/** The field tree of a log page. */
export function logFieldTree(bytes: Uint8Array): FieldNode {
  const decoded = decodeLogPage(bytes);
  if (decoded === undefined)
    return payloadTree(LOG_HEADER, bytes, [], { warnings: ['The data ends before the page header does.'] });
  const { pageCode, warnings } = decoded;
  const page = bytes.subarray(0, Math.min(bytes.length, 4 + (readU32(bytes, 0) & 0xffff)));
  const size = decoded.subpageCode === 0xff ? 2 : 1;
  const pages = decoded.supported.map((entry, i): FieldNode => ({
    name: 'page',
    label: 'Supported page',
    offset: 4 + i * size,
    length: size,
    value: entry.pageCode,
    text: entry.name,
  }));
  const parameters = decoded.supported.length > 0 || pageCode === 0 ? [] : parameterSpans(page, []);
  const nodes = parameters.map(({ at, value }, i) => {
    const parameter = decoded.parameters[i];
    const valueAt = at + LOG_PARAMETER.size;
    const table = valueLayout(pageCode, parameter?.code ?? 0);
    const inner =
      table === undefined
        ? rawNodes('value', 'Value', value, valueAt)
        : [shiftTree(buildFieldTree(table, value), valueAt)];
    const tree = entryTree(LOG_PARAMETER, bytes, at, `${parameter?.name ?? ''}: ${parameter?.text ?? ''}`, inner);
    return { ...tree, length: LOG_PARAMETER.size + value.length };
  });
  return payloadTree(LOG_HEADER, bytes, [...pages, ...nodes], { label: decoded.pageName, warnings });
}
