import { readField, type Field } from '../../bytes/index.ts';
import { OPCODES, PDU_LAYOUTS, type PduKind } from '../../pdu/index.ts';
import type { PduPage } from '../columns.ts';
import type { HeaderPlace } from './field-types.ts';

type HeaderColumn =
  | 'opcode'
  | 'flags'
  | 'status'
  | 'lengths'
  | 'itt'
  | 'word20'
  | 'word24'
  | 'word28'
  | 'word32'
  | 'word36'
  | 'word40'
  | 'word44';

const WORDS = ['itt', 'word20', 'word24', 'word28', 'word32', 'word36', 'word40', 'word44'] as const;
const FIRST_WORD = 16;

/** Where a field lies in the header, and 1 for each opcode that has it. */
export interface HeaderPlan {
  readonly field: Field;
  readonly carriers: Uint8Array;
}

/** One byte an opcode: 1 for the kinds given. */
export function opcodesOf(kinds: readonly PduKind[]): Uint8Array {
  const out = new Uint8Array(64);
  for (const kind of kinds) out[OPCODES[kind]] = 1;
  return out;
}

/** Finds a field in the layouts of PDUs; it lies at the same place in all that have it. */
export function planHeader({
  field: name,
  kinds = Object.keys(PDU_LAYOUTS) as PduKind[],
  part,
}: HeaderPlace): HeaderPlan {
  const fieldOf = (kind: PduKind): Field | undefined => {
    const fields: readonly Field[] = PDU_LAYOUTS[kind].fields;
    return fields.find((one) => one.name === name);
  };
  const having = kinds.filter((kind) => fieldOf(kind) !== undefined);
  const [found] = having.map(fieldOf);
  if (found === undefined) throw new RangeError(`No PDU has a field ${name}.`);
  if (having.some((kind) => fieldOf(kind)?.offset !== found.offset))
    throw new RangeError(`PDUs have ${name} at several places.`);
  const field = part === undefined ? found : { ...part, offset: found.offset + part.offset };
  return { field, carriers: opcodesOf(having) };
}

/** The column of the index a field lies in, and how far from its lowest bit; undefined where only the file has it. */
function columnOf({ kind, offset, size, bits }: Field): readonly [HeaderColumn, number] | undefined {
  const low = bits?.[1] ?? 0;
  if (kind === 'bytes' || kind === 'ascii' || kind === 'u64') return undefined;
  if (size === 1 && offset === 0) return ['opcode', low];
  if (size === 1 && offset === 1) return ['flags', low];
  if (size === 1 && offset === 3) return ['status', low];
  const within = offset & 3;
  if (within + size > 4) return undefined;
  const shift = (4 - within - size) * 8 + low;
  if (offset >= 4 && offset < 8) return ['lengths', shift];
  const word = WORDS[(offset - FIRST_WORD) >> 2];
  return offset < FIRST_WORD || word === undefined ? undefined : [word, shift];
}

/** Whether the index has a field, so that the file need not be read. */
export function isIndexed(place: HeaderPlace): boolean {
  return columnOf(planHeader(place).field) !== undefined;
}

/** Reads a field from the index into doubles; NaN where a PDU does not have it. */
export function headerReader(place: HeaderPlace): (page: PduPage, count: number, out: Float64Array) => void {
  const { field, carriers } = planHeader(place);
  const [name, shift] = columnOf(field) ?? [];
  if (name === undefined || shift === undefined) throw new RangeError(`The index does not have ${field.name}.`);
  const [high, low] = field.bits ?? [field.size * 8 - 1, 0];
  const span = high - low + 1;
  const mask = span === 32 ? 0xffffffff : 2 ** span - 1;
  return (page, count, out) => {
    const column = page[name];
    const { opcode } = page;
    for (let i = 0; i < count; i += 1)
      out[i] = carriers[(opcode[i] as number) & 0x3f] === 1 ? (((column[i] as number) >>> shift) & mask) >>> 0 : NaN;
  };
}

/** What a field of the header holds in a header read back from the file. */
export function readHeader({ field }: HeaderPlan, bhs: Uint8Array): number | Uint8Array | undefined {
  const value = readField(bhs, field);
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' || value instanceof Uint8Array ? value : undefined;
}
