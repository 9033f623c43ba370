import { UsageError } from '../../errors/index.ts';
import { encodeStruct, joinBytes } from '../payload.ts';
import {
  DESCRIPTOR_LAYOUTS,
  DESCRIPTOR_SENSE,
  FIXED_SENSE,
  SKS_FIELD,
  SKS_OVERFLOW,
  SKS_PROGRESS,
  SKS_RETRIES,
  SKS_SEGMENT,
} from './layouts.ts';
import type { SenseKeySpecific } from './sense.ts';

/** What a target says in its sense data. */
export interface SenseInput {
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  /** Fixed unless told otherwise, as D_SENSE and DESC ask. */
  readonly format?: 'fixed' | 'descriptor';
  readonly deferred?: boolean;
  readonly information?: bigint;
  readonly commandSpecific?: bigint;
  readonly fieldReplaceableUnit?: number;
  readonly specific?: SenseKeySpecific;
  readonly filemark?: boolean;
  readonly eom?: boolean;
  readonly ili?: boolean;
}

function bitPointer(bit: number | undefined): { readonly bpv?: true; readonly bit?: number } {
  return bit === undefined ? {} : { bpv: true, bit };
}

function encodeSpecific(specific: SenseKeySpecific): Uint8Array {
  switch (specific.kind) {
    case 'field':
      return encodeStruct(SKS_FIELD, {
        sksv: true,
        inCdb: specific.inCdb,
        byte: specific.byte,
        ...bitPointer(specific.bit),
      });
    case 'segment':
      return encodeStruct(SKS_SEGMENT, {
        sksv: true,
        inDescriptor: specific.inDescriptor,
        byte: specific.byte,
        ...bitPointer(specific.bit),
      });
    case 'retries':
      return encodeStruct(SKS_RETRIES, { sksv: true, retries: specific.retries });
    case 'progress':
      return encodeStruct(SKS_PROGRESS, { sksv: true, progress: specific.progress });
    case 'overflow':
      return encodeStruct(SKS_OVERFLOW, { sksv: true, overflow: specific.overflow });
    case 'other':
      if (specific.bytes.length !== 3) throw new UsageError('BAD_ARGUMENT', 'Sense key specific data has 3 bytes.');
      return specific.bytes;
  }
}

function checkWide(what: string, value: bigint): bigint {
  if (value < 0n || value >= 1n << 64n)
    throw new UsageError('OUT_OF_RANGE', `${what} is a 64-bit number; ${String(value)} is not.`);
  return value;
}

function encodeFixed(input: SenseInput): Uint8Array {
  const information = input.information === undefined ? undefined : checkWide('Information', input.information);
  const commandSpecific = checkWide('Command-specific information', input.commandSpecific ?? 0n);
  // Four bytes cannot hold a larger LBA: VALID then stays zero (SBC-4 sense data).
  const fits = information !== undefined && information <= 0xffffffffn;
  return encodeStruct(FIXED_SENSE, {
    valid: fits,
    responseCode: input.deferred === true ? 0x71 : 0x70,
    filemark: input.filemark ?? false,
    eom: input.eom ?? false,
    ili: input.ili ?? false,
    key: input.key,
    ...(fits ? { information: Number(information) } : {}),
    additionalLength: FIXED_SENSE.size - 8,
    commandSpecific: commandSpecific <= 0xffffffffn ? Number(commandSpecific) : 0,
    asc: input.asc,
    ascq: input.ascq,
    fieldReplaceableUnit: input.fieldReplaceableUnit ?? 0,
    ...(input.specific === undefined ? {} : { senseKeySpecific: encodeSpecific(input.specific) }),
  });
}

function encodeDescriptors(input: SenseInput): Uint8Array {
  const parts: Uint8Array[] = [];
  const { filemark = false, eom = false, ili = false } = input;
  if (input.information !== undefined)
    parts.push(
      encodeStruct(DESCRIPTOR_LAYOUTS[0x00], { type: 0x00, length: 10, valid: true, information: input.information }),
    );
  if (input.commandSpecific !== undefined)
    parts.push(
      encodeStruct(DESCRIPTOR_LAYOUTS[0x01], { type: 0x01, length: 10, commandSpecific: input.commandSpecific }),
    );
  if (input.specific !== undefined)
    parts.push(
      encodeStruct(DESCRIPTOR_LAYOUTS[0x02], {
        type: 0x02,
        length: 6,
        senseKeySpecific: encodeSpecific(input.specific),
      }),
    );
  if (input.fieldReplaceableUnit !== undefined)
    parts.push(
      encodeStruct(DESCRIPTOR_LAYOUTS[0x03], {
        type: 0x03,
        length: 2,
        fieldReplaceableUnit: input.fieldReplaceableUnit,
      }),
    );
  if (filemark || eom)
    parts.push(encodeStruct(DESCRIPTOR_LAYOUTS[0x04], { type: 0x04, length: 2, filemark, eom, ili }));
  else if (ili) parts.push(encodeStruct(DESCRIPTOR_LAYOUTS[0x05], { type: 0x05, length: 2, ili }));
  const body = joinBytes(parts);
  const head = encodeStruct(DESCRIPTOR_SENSE, {
    responseCode: input.deferred === true ? 0x73 : 0x72,
    key: input.key,
    asc: input.asc,
    ascq: input.ascq,
    additionalLength: body.length,
  });
  return joinBytes([head, body]);
}

/** Builds sense data: 18 bytes of fixed format, or descriptor format with the descriptors the input calls for (SPC-4 4.5). */
export function encodeSense(input: SenseInput): Uint8Array {
  return input.format === 'descriptor' ? encodeDescriptors(input) : encodeFixed(input);
}
