import { encodeInto, type Field, type FieldKind } from '../../bytes/index.ts';
import { UsageError } from '../../errors/index.ts';
import { COMMANDS, type CommandId, type KnownCommands } from './catalog.ts';
import type { CommandSpec, NeededFields } from './spec.ts';

type InputValue<K extends FieldKind> = K extends 'uint' | 'bits' | 'u64'
  ? number | bigint
  : K extends 'flag'
    ? boolean
    : K extends 'ascii'
      ? string
      : Uint8Array;

type FieldsOf<S> = S extends CommandSpec<string, infer F> ? F : never;

/** What a command's builder takes: numbers as number or bigint; lengths and addresses must be given, the rest is zero when left out. */
export type CdbInput<I extends CommandId> = {
  readonly [
    F in FieldsOf<KnownCommands[I]>[number] as Exclude<F['name'], 'opcode' | 'additionalCdbLength'>
  ]?: InputValue<F['kind']>;
} & Readonly<Record<NeededFields<FieldsOf<KnownCommands[I]>>, number | bigint>>;

/** The same for callers that only know the command at run time, such as a form. */
export type LooseCdbInput = Readonly<Record<string, number | bigint | boolean | Uint8Array | string | undefined>>;

function limitOf(field: Field): bigint {
  if (field.bits === undefined) return 1n << BigInt(field.size * 8);
  const [high, low] = field.bits;
  return 1n << BigInt(high - low + 1);
}

function numeric(spec: CommandSpec, field: Field, value: unknown): number | bigint {
  const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  if (!whole)
    throw new UsageError('BAD_ARGUMENT', `${spec.name}: ${field.label} takes a whole number, not ${String(value)}.`);
  const number = BigInt(value);
  const limit = limitOf(field);
  if (number < 0n || number >= limit)
    throw new UsageError(
      'OUT_OF_RANGE',
      `${spec.name}: ${field.label} is ${String(number)}; it goes from 0 to ${String(limit - 1n)}.`,
      {
        details: { field: field.name, value: String(number), most: String(limit - 1n) },
      },
    );
  return field.kind === 'u64' ? number : Number(number);
}

function checked(spec: CommandSpec, field: Field, value: unknown): number | bigint | boolean | Uint8Array {
  if (field.kind === 'flag') {
    if (typeof value !== 'boolean')
      throw new UsageError('BAD_ARGUMENT', `${spec.name}: ${field.label} takes true or false, not ${String(value)}.`);
    return value;
  }
  if (field.kind !== 'bytes') return numeric(spec, field, value);
  if (!(value instanceof Uint8Array) || value.length !== field.size)
    throw new UsageError('BAD_ARGUMENT', `${spec.name}: ${field.label} takes exactly ${String(field.size)} bytes.`);
  return value;
}

/** Builds the CDB of any command of the tables from fields by name, checking every one. */
export function buildFromSpec(spec: CommandSpec, input: LooseCdbInput): Uint8Array {
  const missing = spec.needs.find((name) => input[name] === undefined);
  if (missing !== undefined)
    throw new UsageError('BAD_ARGUMENT', `${spec.name} needs ${missing}.`, { details: { field: missing } });
  const fields = new Map(spec.layout.fields.map((field) => [field.name, field]));
  const values: Record<string, number | bigint | boolean | Uint8Array> = {};
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const field = fields.get(name);
    if (field === undefined)
      throw new UsageError(
        'BAD_ARGUMENT',
        `${spec.name} has no field ${name}; it has ${[...fields.keys()].join(', ')}.`,
        { details: { field: name } },
      );
    values[name] = checked(spec, field, value);
  }
  const fixed =
    spec.serviceAction === undefined
      ? { opcode: spec.opcode }
      : { opcode: spec.opcode, serviceAction: spec.serviceAction };
  for (const [name, value] of Object.entries(fixed)) {
    if (values[name] !== undefined && values[name] !== value)
      throw new UsageError('BAD_ARGUMENT', `${spec.name} always has ${String(value)} as its ${name}.`, {
        details: { field: name },
      });
    values[name] = value;
  }
  if (spec.opcode === 0x7f) values['additionalCdbLength'] = spec.layout.size - 8;
  return encodeInto(spec.layout, values, new Uint8Array(spec.layout.size));
}

/** Builds the CDB of a command by id: `buildCdb('read10', { lba: 5n, blocks: 8 })`. */
export function buildCdb<I extends CommandId>(id: I, input: CdbInput<I>): Uint8Array {
  return buildFromSpec(COMMANDS[id], input);
}
