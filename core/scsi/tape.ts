import {
  bits,
  decodePartial,
  flag,
  layout,
  readU24,
  u64,
  uint,
  type FieldNode,
  type LayoutInput,
  type LayoutValue,
} from '../bytes/index.ts';
import { encodeStruct, payloadTree } from './payload.ts';

const positionFlags = () =>
  [
    flag('bop', 'BOP', 0, 7, { meaning: 'At the beginning of the partition.' }),
    flag('eop', 'EOP', 0, 6, { meaning: 'Between early warning and the end of the partition.' }),
    flag('locu', 'LOCU', 0, 5, { meaning: 'The number of objects in the buffer is not known.' }),
    flag('bycu', 'BYCU', 0, 4, { meaning: 'The number of bytes in the buffer is not known.' }),
    flag('lolu', 'LOLU', 0, 2, { meaning: 'The location is not known.' }),
    flag('perr', 'PERR', 0, 1, { meaning: 'The location does not fit its field.' }),
    flag('bpew', 'BPEW', 0, 0, { meaning: 'Past programmable early warning.' }),
  ] as const;

/** Short form of READ POSITION (SSC-5 READ POSITION). */
export const POSITION_SHORT = layout('position', 'Position, short form', 20, 'SSC-5 READ POSITION', [
  ...positionFlags(),
  uint('partition', 'Partition number', 1, 1),
  uint('firstObject', 'First logical object location', 4, 4),
  uint('lastObject', 'Last logical object location', 8, 4),
  uint('objectsInBuffer', 'Logical objects in object buffer', 13, 3),
  uint('bytesInBuffer', 'Bytes in object buffer', 16, 4),
]);

/** Long form of READ POSITION. */
export const POSITION_LONG = layout('position', 'Position, long form', 32, 'SSC-5 READ POSITION', [
  flag('bop', 'BOP', 0, 7, { meaning: 'At the beginning of the partition.' }),
  flag('eop', 'EOP', 0, 6, { meaning: 'Between early warning and the end of the partition.' }),
  flag('mpu', 'MPU', 0, 3, { meaning: 'The logical file is not known.' }),
  flag('lonu', 'LONU', 0, 2, { meaning: 'The logical object is not known.' }),
  flag('bpew', 'BPEW', 0, 0, { meaning: 'Past programmable early warning.' }),
  uint('partition', 'Partition number', 4, 4),
  u64('objectNumber', 'Logical object number', 8),
  u64('fileId', 'Logical file identifier', 16),
  u64('setId', 'Logical set identifier (obsolete)', 24),
]);

/** Extended form of READ POSITION. */
export const POSITION_EXTENDED = layout('position', 'Position, extended form', 32, 'SSC-5 READ POSITION', [
  ...positionFlags(),
  uint('partition', 'Partition number', 1, 1),
  uint('additionalLength', 'Additional length', 2, 2),
  uint('objectsInBuffer', 'Logical objects in object buffer', 5, 3),
  u64('firstObject', 'First logical object location', 8),
  u64('lastObject', 'Last logical object location', 16),
  u64('bytesInBuffer', 'Bytes in object buffer', 24),
]);

/** READ BLOCK LIMITS data (SSC-5 READ BLOCK LIMITS). */
export const TAPE_BLOCK_LIMITS = layout('tapeBlockLimits', 'Block length limits', 6, 'SSC-5 READ BLOCK LIMITS', [
  bits('granularity', 'Granularity', 0, [4, 0], { meaning: 'Block lengths are multiples of two to this power.' }),
  uint('maximum', 'Maximum block length limit', 1, 3),
  uint('minimum', 'Minimum block length limit', 4, 2),
]);

const FORMS = { short: POSITION_SHORT, long: POSITION_LONG, extended: POSITION_EXTENDED } as const;

/** The three forms of READ POSITION data. */
export type PositionForm = keyof typeof FORMS;

/** A tape's position; what the bytes do not reach is absent. */
export type TapePosition<F extends PositionForm> = Partial<LayoutValue<(typeof FORMS)[F]>> & {
  readonly warnings: readonly string[];
};

/** The form a READ POSITION service action asks for. */
export function positionForm(serviceAction: number): PositionForm {
  if (serviceAction === 6) return 'long';
  return serviceAction === 8 ? 'extended' : 'short';
}

/** Reads READ POSITION data, however short. */
export function decodePosition<F extends PositionForm>(bytes: Uint8Array, form: F): TapePosition<F> {
  const table: (typeof FORMS)[F] = FORMS[form];
  const warnings =
    bytes.length < table.size
      ? [`READ POSITION data has ${String(table.size)} bytes; ${String(bytes.length)} are there.`]
      : [];
  return { ...decodePartial(table, bytes), warnings };
}

/** Builds READ POSITION data. */
export function encodePosition<F extends PositionForm>(form: F, input: LayoutInput<(typeof FORMS)[F]>): Uint8Array {
  const bytes = encodeStruct<(typeof FORMS)[F]>(FORMS[form], input);
  return form === 'extended'
    ? encodeStruct(POSITION_EXTENDED, { ...decodePartial(POSITION_EXTENDED, bytes), additionalLength: 28 })
    : bytes;
}

/** The block lengths a tape unit takes. */
export interface TapeBlockLimits {
  readonly granularity?: number;
  readonly maximum?: number;
  readonly minimum?: number;
  readonly warnings: readonly string[];
}

/** Reads READ BLOCK LIMITS data, however short. */
export function decodeTapeBlockLimits(bytes: Uint8Array): TapeBlockLimits {
  const warnings = bytes.length < 6 ? [`READ BLOCK LIMITS data has 6 bytes; ${String(bytes.length)} are there.`] : [];
  return { ...decodePartial(TAPE_BLOCK_LIMITS, bytes), warnings };
}

/** Builds READ BLOCK LIMITS data. */
export function encodeTapeBlockLimits(input: LayoutInput<typeof TAPE_BLOCK_LIMITS>): Uint8Array {
  return encodeStruct(TAPE_BLOCK_LIMITS, input);
}

/** The field tree of READ POSITION data in the form its service action asks for. */
export function positionFieldTree(bytes: Uint8Array, serviceAction: number): FieldNode {
  const form = positionForm(serviceAction);
  return payloadTree(FORMS[form], bytes, [], { warnings: decodePosition(bytes, form).warnings });
}

/** The field tree of READ BLOCK LIMITS data. */
export function tapeBlockLimitsFieldTree(bytes: Uint8Array): FieldNode {
  const text = bytes.length < 6 ? 'Block length limits' : `Up to ${String(readU24(bytes, 1))} bytes`;
  return payloadTree(TAPE_BLOCK_LIMITS, bytes, [], { text, warnings: decodeTapeBlockLimits(bytes).warnings });
}
