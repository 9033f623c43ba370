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

/** Reads a field of CDBs from the table of tasks into doubles; NaN where a command does not have it. */
export function cdbReader(place: CdbPlace): (page: TaskPage, count: number, out: Float64Array) => void {
  const choices = choicesOf(place);
  if (choices.every((one) => one === undefined)) throw new RangeError(`No command has a field ${place.field}.`);
  const bytes = new Uint8Array(CDB_BYTES);
  const view = new DataView(bytes.buffer);
  return ({ opcode, cdb0, cdb4, cdb8, cdb12 }, count, out) => {
    for (let i = 0; i < count; i += 1) {
      const first = cdb0[i] as number;
      const known = opcode[i] === OPCODES.scsiCommand ? choices[first >>> 24] : undefined;
      if (known === undefined) {
        out[i] = NaN;
        continue;
      }
      const action = first >>> 24 === VARIABLE ? (cdb8[i] as number) >>> 16 : (first >>> 16) & 0x1f;
      const found =
        known.find((one) => one.serviceAction === action) ?? known.find((one) => one.serviceAction === undefined);
      if (found?.field === undefined) {
        out[i] = NaN;
        continue;
      }
      view.setUint32(0, first);
      view.setUint32(4, cdb4[i] as number);
      view.setUint32(8, cdb8[i] as number);
      view.setUint32(12, cdb12[i] as number);
      out[i] = valueOf(found.field, bytes);
    }
  };
}

function valueOf({ offset, size, bits }: Field, bytes: Uint8Array): number {
  let value = 0;
  for (let k = offset; k < offset + size; k += 1) value = value * 256 + (bytes[k] as number);
  if (bits === undefined) return value;
  const [high, low] = bits;
  return Math.floor(value / 2 ** low) % 2 ** (high - low + 1);
}
