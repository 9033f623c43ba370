import { decodePartial, type Layout } from '../../bytes/index.ts';
import { ScsiError } from '../../errors/index.ts';
import { hexByte, promised, type Warnings } from '../payload.ts';
import { ascName, SENSE_KEY, senseKeyName } from './asc-names.ts';
import {
  DESCRIPTOR_LAYOUTS,
  DESCRIPTOR_SENSE,
  DESCRIPTOR_TYPES,
  FIXED_SENSE,
  SKS_FIELD,
  SKS_OVERFLOW,
  SKS_PROGRESS,
  SKS_RETRIES,
  SKS_SEGMENT,
} from './layouts.ts';
import type { Sense, SenseDescriptor, SenseKeySpecific } from './sense.ts';

/** Sense inside forwarded sense descriptors is followed this far. */
const MOST_NESTING = 3;

/** The layout of sense key specific bytes under a sense key, where the standard defines one. */
export function specificLayout(key: number): Layout | undefined {
  switch (key) {
    case SENSE_KEY.ILLEGAL_REQUEST:
      return SKS_FIELD;
    case SENSE_KEY.COPY_ABORTED:
      return SKS_SEGMENT;
    case SENSE_KEY.RECOVERED_ERROR:
    case SENSE_KEY.MEDIUM_ERROR:
    case SENSE_KEY.HARDWARE_ERROR:
      return SKS_RETRIES;
    case SENSE_KEY.NO_SENSE:
    case SENSE_KEY.NOT_READY:
      return SKS_PROGRESS;
    case SENSE_KEY.UNIT_ATTENTION:
      return SKS_OVERFLOW;
    default:
      return undefined;
  }
}

function decodeSpecific(key: number, bytes: Uint8Array | undefined): SenseKeySpecific | undefined {
  if (bytes === undefined || bytes.length < 3 || ((bytes[0] ?? 0) & 0x80) === 0) return undefined;
  switch (specificLayout(key)) {
    case SKS_FIELD: {
      const { inCdb = false, bpv = false, bit = 0, byte = 0 } = decodePartial(SKS_FIELD, bytes);
      return { kind: 'field', inCdb, byte, ...(bpv ? { bit } : {}) };
    }
    case SKS_SEGMENT: {
      const { inDescriptor = false, bpv = false, bit = 0, byte = 0 } = decodePartial(SKS_SEGMENT, bytes);
      return { kind: 'segment', inDescriptor, byte, ...(bpv ? { bit } : {}) };
    }
    case SKS_RETRIES:
      return { kind: 'retries', retries: decodePartial(SKS_RETRIES, bytes).retries ?? 0 };
    case SKS_PROGRESS:
      return { kind: 'progress', progress: decodePartial(SKS_PROGRESS, bytes).progress ?? 0 };
    case SKS_OVERFLOW:
      return { kind: 'overflow', overflow: decodePartial(SKS_OVERFLOW, bytes).overflow ?? false };
    default:
      return { kind: 'other', bytes };
  }
}

function decodeFixed(bytes: Uint8Array): Sense {
  const warnings: Warnings = [];
  if (bytes.length < 8)
    warnings.push(`Fixed format sense data has at least 8 bytes; ${String(bytes.length)} are there.`);
  else promised(bytes, 8, bytes[7] ?? 0, 'The additional sense bytes', warnings);
  const end = Math.min(bytes.length, 8 + (bytes[7] ?? 0));
  const f = decodePartial(FIXED_SENSE, bytes.subarray(0, end));
  const key = f.key ?? 0;
  const specific = decodeSpecific(key, f.senseKeySpecific);
  const fru = f.fieldReplaceableUnit ?? 0;
  return {
    ...common(f.responseCode ?? 0, 'fixed', key, f.asc ?? 0, f.ascq ?? 0),
    ...(f.valid === true && f.information !== undefined ? { information: BigInt(f.information) } : {}),
    ...(f.commandSpecific === undefined ? {} : { commandSpecific: BigInt(f.commandSpecific) }),
    ...(fru === 0 ? {} : { fieldReplaceableUnit: fru }),
    ...(specific === undefined ? {} : { specific }),
    filemark: f.filemark ?? false,
    eom: f.eom ?? false,
    ili: f.ili ?? false,
    sdatOverflow: f.sdatOverflow ?? false,
    descriptors: [],
    warnings,
  };
}

function common(responseCode: number, format: Sense['format'], key: number, asc: number, ascq: number) {
  return {
    format,
    responseCode,
    deferred: responseCode === 0x71 || responseCode === 0x73,
    key,
    keyName: senseKeyName(key),
    asc,
    ascq,
    description: ascName(asc, ascq),
  };
}

/** Where each descriptor of descriptor format sense data lies, cut to what is there. */
export function senseDescriptorSpans(
  bytes: Uint8Array,
  warnings: Warnings,
): { readonly at: number; readonly bytes: Uint8Array }[] {
  const spans: { at: number; bytes: Uint8Array }[] = [];
  const end = 8 + promised(bytes, 8, bytes[7] ?? 0, 'The sense data descriptors', warnings).length;
  let at = 8;
  while (at + 2 <= end) {
    const type = bytes[at] ?? 0;
    const name = `The ${(DESCRIPTOR_TYPES[type] ?? `descriptor ${hexByte(type)}`).toLowerCase()} descriptor`;
    const span = promised(bytes.subarray(0, end), at, 2 + (bytes[at + 1] ?? 0), name, warnings);
    spans.push({ at, bytes: span });
    at += span.length;
  }
  if (at < end) warnings.push('A single byte follows the last sense data descriptor.');
  return spans;
}

function decodeDescriptor(bytes: Uint8Array, depth: number): SenseDescriptor {
  const type = bytes[0] ?? 0;
  const name = DESCRIPTOR_TYPES[type] ?? `${type >= 0x80 ? 'Vendor specific' : 'Unknown'} descriptor ${hexByte(type)}`;
  const layouts: Readonly<Record<number, Layout>> = DESCRIPTOR_LAYOUTS;
  const known = layouts[type];
  const fields = known === undefined ? {} : (decodePartial(known, bytes) as SenseDescriptor['fields']);
  const forwarded = type === 0x0c && depth < MOST_NESTING ? decodeSenseAt(bytes.subarray(4), depth + 1) : undefined;
  return { type, name, bytes, fields, ...(forwarded === undefined ? {} : { forwarded }) };
}

function decodeDescriptors(bytes: Uint8Array, depth: number): Sense {
  const warnings: Warnings = [];
  if (bytes.length < 8)
    warnings.push(`Descriptor format sense data has at least 8 bytes; ${String(bytes.length)} are there.`);
  const f = decodePartial(DESCRIPTOR_SENSE, bytes);
  const key = f.key ?? 0;
  const descriptors = senseDescriptorSpans(bytes, warnings).map((span) => decodeDescriptor(span.bytes, depth));
  const pick = (name: string, accept: (d: SenseDescriptor) => boolean = () => true) =>
    descriptors.find((d) => d.fields[name] !== undefined && accept(d))?.fields[name];
  const information = pick('information', (d) => d.fields['valid'] === true);
  const commandSpecific = pick('commandSpecific');
  const fru = pick('fieldReplaceableUnit');
  const sks = pick('senseKeySpecific');
  const specific = decodeSpecific(key, sks instanceof Uint8Array ? sks : undefined);
  const any = (name: string) => descriptors.some((d) => d.fields[name] === true);
  return {
    ...common(f.responseCode ?? 0, 'descriptor', key, f.asc ?? 0, f.ascq ?? 0),
    ...(typeof information === 'bigint' ? { information } : {}),
    ...(typeof commandSpecific === 'bigint' ? { commandSpecific } : {}),
    ...(typeof fru === 'number' && fru !== 0 ? { fieldReplaceableUnit: fru } : {}),
    ...(specific === undefined ? {} : { specific }),
    filemark: any('filemark'),
    eom: any('eom'),
    ili: any('ili'),
    sdatOverflow: f.sdatOverflow ?? false,
    descriptors,
    warnings,
  };
}

function decodeSenseAt(bytes: Uint8Array, depth: number): Sense | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const responseCode = first & 0x7f;
  if (responseCode === 0x70 || responseCode === 0x71) return decodeFixed(bytes);
  if (responseCode === 0x72 || responseCode === 0x73) return decodeDescriptors(bytes, depth);
  const text = `Response code ${hexByte(responseCode)} is neither fixed nor descriptor format.`;
  return {
    ...common(responseCode, 'unknown', 0, 0, 0),
    description: 'Sense data in an unknown format',
    filemark: false,
    eom: false,
    ili: false,
    sdatOverflow: false,
    descriptors: [],
    warnings: [text],
  };
}

/** Reads sense data of either format, however short or wrong; undefined where there are no bytes at all. */
export function decodeSense(bytes: Uint8Array): Sense | undefined {
  return decodeSenseAt(bytes, 0);
}

/** As `decodeSense`, but sense data in no known format is a ScsiError. */
export function parseSense(bytes: Uint8Array): Sense | undefined {
  const sense = decodeSense(bytes);
  if (sense?.format === 'unknown')
    throw new ScsiError(
      'SCSI_BAD_PAYLOAD',
      `The sense data cannot be read: response code ${hexByte(sense.responseCode)} is none SPC defines.`,
      {
        sense: bytes,
        details: { responseCode: sense.responseCode },
      },
    );
  return sense;
}
