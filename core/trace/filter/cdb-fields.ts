import type { Field } from '../../bytes/index.ts';
import { OPCODES } from '../../pdu/index.ts';
import { COMMAND_LIST, type CommandSpec } from '../../scsi/index.ts';
import type { TaskPage } from '../columns.ts';
import type { CdbPlace } from './field-types.ts';

const CDB_BYTES = 16;
const VARIABLE = 0x7f;

/** A command of one operation code: its service action where it has one, and the field where it has that. */
interface Choice {
  readonly serviceAction: number | undefined;
  readonly field: Field | undefined;
}

function fieldIn(spec: CommandSpec, name: string): Field | undefined {
  const field = spec.layout.fields.find((one) => one.name === name);
  return field !== undefined && field.offset + field.size <= CDB_BYTES ? field : undefined;
}

/** What each operation code means on a disk; the commands of disks go before those of all units. */
function choicesOf({ field, opcodes }: CdbPlace): readonly (readonly Choice[] | undefined)[] {
  const out = new Array<Choice[] | undefined>(256).fill(undefined);
  const families = ['block', 'any'];
  for (const family of families)
    for (const spec of COMMAND_LIST) {
      if (spec.family !== family || (opcodes !== undefined && !opcodes.includes(spec.opcode))) continue;
      (out[spec.opcode] ??= []).push({ serviceAction: spec.serviceAction, field: fieldIn(spec, field) });
    }
  return out.map((choices) => (choices?.some((one) => one.field !== undefined) === true ? choices : undefined));
}

/** Where a field lies in the words of a CDB that no service action tells apart. */
interface Place {
  readonly word: number;
  readonly shift: number;
  readonly mask: number;
}

/** The place of a field that one word holds, where the operation code says all. */
function placeOf(choices: readonly Choice[] | undefined): Place | undefined {
  const field = choices?.length === 1 && choices[0]?.serviceAction === undefined ? choices[0]?.field : undefined;
  if (field === undefined) return undefined;
  const { offset, size, bits = [size * 8 - 1, 0] } = field;
  const span = bits[0] - bits[1] + 1;
  const behind = 4 - (offset & 3) - size;
  if (behind < 0 || span > 31) return undefined;
  return { word: offset >> 2, shift: behind * 8 + bits[1], mask: 2 ** span - 1 };
}

/** Reads a field of CDBs from the table of tasks into doubles; NaN where a command does not have it. */
export function cdbReader(place: CdbPlace): (page: TaskPage, count: number, out: Float64Array) => void {
  const choices = choicesOf(place);
  if (choices.every((one) => one === undefined)) throw new RangeError(`No command has a field ${place.field}.`);
  const places = choices.map(placeOf);
  const words = new Uint32Array(CDB_BYTES / 4);
  return ({ opcode, cdb0, cdb4, cdb8, cdb12 }, count, out) => {
    const columns = [cdb0, cdb4, cdb8, cdb12];
    for (let i = 0; i < count; i += 1) {
      const code = (cdb0[i] as number) >>> 24;
      const known = opcode[i] === OPCODES.scsiCommand ? choices[code] : undefined;
      if (known === undefined) {
        out[i] = NaN;
        continue;
      }
      const simple = places[code];
      if (simple !== undefined) {
        out[i] = (((columns[simple.word] as Uint32Array)[i] as number) >>> simple.shift) & simple.mask;
        continue;
      }
      columns.forEach((column, k) => (words[k] = column[i] as number));
      const field = fieldOf(known, words);
      out[i] = field === undefined ? NaN : valueOf(field, words);
    }
  };
}

function fieldOf(known: readonly Choice[], words: Uint32Array): Field | undefined {
  const [first = 0, , third = 0] = words;
  const action = first >>> 24 === VARIABLE ? third >>> 16 : (first >>> 16) & 0x1f;
  const found =
    known.find((one) => one.serviceAction === action) ?? known.find((one) => one.serviceAction === undefined);
  return found?.field;
}

function valueOf({ offset, size, bits }: Field, words: Uint32Array): number {
  let value = 0;
  for (let k = offset; k < offset + size; k += 1)
    value = value * 256 + (((words[k >> 2] as number) >>> (24 - (k & 3) * 8)) & 0xff);
  if (bits === undefined) return value;
  const [high, low] = bits;
  return Math.floor(value / 2 ** low) % 2 ** (high - low + 1);
}
