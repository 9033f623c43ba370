import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOk } from './child.ts';
import { requireTool } from './tools.ts';

/** What tshark says about one PDU of a capture, under tshark's own field names. */
export interface PduFacts {
  /** The frame in which the PDU ends, and its TCP stream. */
  readonly frame: number;
  readonly stream: number;
  readonly fromPort: number;
  readonly toPort: number;
  /** Seconds since the first frame. */
  readonly time: number;
  /** The 48 header bytes as tshark's fields cover them, in hex; '..' is a byte no field covers. */
  readonly bhs: string;
  /** Fields of iscsi.* without that prefix; numbers where tshark shows one, lists where a field repeats. */
  readonly iscsi: Readonly<Record<string, FieldValue>>;
  /** The SCSI side: LUN, opcode, LBA, length, status, sense. */
  readonly scsi: Readonly<Record<string, FieldValue>>;
  /** What it read of the CDB: where each field lies in it, and its bytes or, for part of a byte, its value. */
  readonly cdb?: readonly CdbFact[];
  /** Digest verdicts as tshark prints them, in order: good or bad. */
  readonly digests: readonly ('good' | 'bad')[];
  readonly malformed: boolean;
}

/** One field of a CDB as tshark shows it. */
export interface CdbFact {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly value: string;
  /** Whether it is part of a byte, so that the value is not the byte's. */
  readonly partial: boolean;
}

export type FieldValue = number | string | readonly (number | string)[];

/** The portals the captures under test/fixtures were recorded at. */
export const capturePorts = [13_260, 13_261, 13_280];

const bhsBytes = 48;
const scsiFields = new Set([
  'scsi.lun',
  'scsi.status',
  'scsi.spc.opcode',
  'scsi_sbc.opcode',
  'scsi_sbc.rdwr6.lba',
  'scsi_sbc.rdwr10.lba',
  'scsi_sbc.rdwr10.xferlen',
  'scsi_sbc.rdwr12.xferlen',
  'scsi_sbc.rdwr16.lba',
  'scsi.sns.errtype',
  'scsi.sns.key',
  'scsi.sns.ascascq',
  'scsi.inquiry.vendor_id',
  'scsi.inquiry.product_id',
]);
const payloadFields = new Set(['iscsi.immediatedata', 'iscsi.pingdata', 'iscsi.padding', 'iscsi.asynceventdata']);

interface Draft {
  frame: number;
  stream: number;
  fromPort: number;
  toPort: number;
  time: number;
  base: number;
  bytes: (string | undefined)[];
  iscsi: Map<string, FieldValue>;
  scsi: Map<string, FieldValue>;
  cdb: CdbFact[];
  digests: ('good' | 'bad')[];
  malformed: boolean;
}

/** Runs tshark over a capture and returns the facts of each PDU in order. */
export async function tsharkFacts(file: string, ports: readonly number[] = capturePorts): Promise<PduFacts[]> {
  const decodeAs = ports.flatMap((port) => ['-d', `tcp.port==${String(port)},iscsi`]);
  const digests = ['-o', 'iscsi.bogus_pdu_max_data_len:16777216'];
  const args = ['-r', file, ...decodeAs, ...digests, '-Y', 'iscsi', '-T', 'pdml'];
  return parsePdml(await runOk(requireTool('tshark'), args, { timeoutMs: 120_000 }));
}

/** Reads tshark's PDML: one iscsi protocol element per PDU, its SCSI elements behind it. */
export function parsePdml(pdml: string): PduFacts[] {
  const drafts: Draft[] = [];
  let frame = { frame: 0, stream: 0, fromPort: 0, toPort: 0, time: 0 };
  let current: Draft | undefined;
  for (const line of pdml.split('\n')) {
    if (line.startsWith('<packet')) {
      current = undefined;
      frame = { frame: 0, stream: 0, fromPort: 0, toPort: 0, time: 0 };
      continue;
    }
    const name = attribute(line, 'name');
    if (name === undefined) continue;
    if (line.includes('<proto ')) {
      if (name === 'iscsi') {
        current = newDraft(frame, Number(attribute(line, 'pos') ?? 0));
        drafts.push(current);
      }
      if (name === '_ws.malformed' && current) current.malformed = true;
      continue;
    }
    const show = attribute(line, 'show') ?? '';
    if (name === 'frame.number') frame.frame = Number(show);
    else if (name === 'frame.time_relative') frame.time = Number(show);
    else if (name === 'tcp.stream') frame.stream = Number(show);
    else if (name === 'tcp.srcport') frame.fromPort = Number(show);
    else if (name === 'tcp.dstport') frame.toPort = Number(show);
    if (current) takeField(current, name, show, line);
  }
  return drafts.map(finish);
}

function newDraft(frame: Pick<Draft, 'frame' | 'stream' | 'fromPort' | 'toPort' | 'time'>, base: number): Draft {
  return {
    ...frame,
    base,
    bytes: new Array<string | undefined>(bhsBytes).fill(undefined),
    iscsi: new Map(),
    scsi: new Map(),
    cdb: [],
    digests: [],
    malformed: false,
  };
}

function takeField(draft: Draft, name: string, show: string, line: string): void {
  cover(draft, line);
  if (name === 'iscsi.headerdigest32' || name === 'iscsi.datadigest32')
    draft.digests.push(/good/i.test(attribute(line, 'showname') ?? '') ? 'good' : 'bad');
  if (name.startsWith('iscsi.') && !payloadFields.has(name)) add(draft.iscsi, name.slice('iscsi.'.length), show);
  else if (scsiFields.has(name)) add(draft.scsi, name, show);
  if (name.startsWith('scsi')) takeCdbField(draft, name, line);
}

function takeCdbField(draft: Draft, name: string, line: string): void {
  const at = Number(attribute(line, 'pos') ?? -1) - draft.base - 32;
  const size = Number(attribute(line, 'size') ?? 0);
  const value = attribute(line, 'value');
  if (at < 0 || size === 0 || at + size > 16 || value === undefined || line.includes('hide="yes"')) return;
  draft.cdb.push({ name, at, size, value, partial: line.includes('unmaskedvalue=') });
}

/** Notes the header bytes a field stands on, which for a bit field is the whole byte. */
function cover(draft: Draft, line: string): void {
  const value = attribute(line, 'unmaskedvalue') ?? attribute(line, 'value');
  const at = Number(attribute(line, 'pos') ?? -1) - draft.base;
  if (value === undefined || at < 0 || at >= bhsBytes) return;
  for (let index = 0; index * 2 + 1 < value.length && at + index < bhsBytes; index++)
    draft.bytes[at + index] = value.slice(index * 2, index * 2 + 2);
}

function add(fields: Map<string, FieldValue>, name: string, show: string): void {
  const value = /^(?:0x[0-9a-f]+|\d{1,15})$/i.test(show) ? Number(show) : show;
  const before = fields.get(name);
  if (before === undefined) fields.set(name, value);
  else
    fields.set(name, [
      ...(Array.isArray(before) ? (before as (number | string)[]) : [before as number | string]),
      value,
    ]);
}

function finish({ base: _base, bytes, iscsi, scsi, cdb, ...rest }: Draft): PduFacts {
  return {
    ...rest,
    ...(cdb.length === 0 ? {} : { cdb }),
    bhs: bytes.map((byte) => byte ?? '..').join(''),
    iscsi: Object.fromEntries(iscsi),
    scsi: Object.fromEntries(scsi),
  };
}

function attribute(line: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}="([^"]*)"`).exec(line)?.[1];
  return found
    ?.replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Writes NAME.tshark.json beside each capture of a folder, one PDU a line. */
export async function recordFacts(folder: string): Promise<number> {
  const version = (await runOk(requireTool('tshark'), ['--version'])).split('\n')[0] ?? '';
  let count = 0;
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith('.pcapng')).sort()) {
    const pdus = await tsharkFacts(join(folder, name));
    const lines = pdus.map((pdu) => `    ${JSON.stringify(pdu)}`).join(',\n');
    const head = `  "capture": ${JSON.stringify(name)},\n  "tshark": ${JSON.stringify(version)},`;
    await writeFile(
      join(folder, `${basename(name, '.pcapng')}.tshark.json`),
      `{\n${head}\n  "pdus": [\n${lines}\n  ]\n}\n`,
    );
    count += pdus.length;
  }
  return count;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL('../../fixtures/captures', import.meta.url));
  process.stdout.write(`${String(await recordFacts(folder))} PDUs recorded in ${folder}\n`);
}
