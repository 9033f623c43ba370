import { LogicalUnit, SparseStore } from '../../../core/target/index.ts';
import { makeNexus } from '../../../core/target/unit/nexus.ts';
import type { Outcome, Plan } from '../../../core/target/unit/outcome.ts';

const PORT = { relativeId: 1, targetName: 'iqn.2026-01.org.lunascope.test:disk', portalGroupTag: 1, portGroup: 1 };

/** Three initiator ports at one target port. */
export const A = makeNexus('iqn.2026-01.org.lunascope.test:a', '800102030001', PORT);
export const B = makeNexus('iqn.2026-01.org.lunascope.test:b', '800102030002', PORT);
export const C = makeNexus('iqn.2026-01.org.lunascope.test:c', '800102030003', PORT);

export type Options = Partial<ConstructorParameters<typeof LogicalUnit>[0]>;

/** A thin disk of 4096 blocks unless told otherwise, which knows all three. */
export function makeUnit(options: Options = {}): LogicalUnit {
  const unit = new LogicalUnit({ store: new SparseStore({ blocks: 4096 }), identity: { serial: 'U1' }, ...options });
  for (const nexus of [A, B, C]) unit.addNexus(nexus, false);
  return unit;
}

async function outcomeOf(plan: Plan, data: Uint8Array): Promise<Outcome> {
  if (plan.kind === 'done') return plan.outcome;
  if (plan.kind === 'read') return { status: 0 };
  return plan.run(data);
}

export interface Sent {
  readonly nexus?: typeof A;
  readonly data?: Uint8Array;
  readonly units?: ReadonlyMap<number, LogicalUnit>;
}

/** Sends a CDB; what follows its last byte is zero. */
export async function send(unit: LogicalUnit, cdb: readonly number[], options: Sent = {}): Promise<Outcome> {
  const bytes = new Uint8Array(Math.max(16, cdb.length));
  bytes.set(cdb);
  const plan = unit.plan(options.nexus ?? A, bytes, options.units ?? new Map([[0, unit]]));
  return outcomeOf(plan, options.data ?? new Uint8Array(0));
}

/** Status and sense of a command, as hex: `00`, `18`, or `02 5/24/00 byte.bit`. */
export async function told(unit: LogicalUnit, cdb: readonly number[], options: Sent = {}): Promise<string> {
  const { status, sense } = await send(unit, cdb, options);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  if (sense === undefined) return hex(status);
  const { specific } = sense;
  const place =
    specific?.kind === 'field'
      ? ` ${specific.inCdb ? '' : 'p'}${String(specific.byte)}${specific.bit === undefined ? '' : `.${String(specific.bit)}`}`
      : '';
  return `${hex(status)} ${sense.key.toString(16)}/${hex(sense.asc)}/${hex(sense.ascq)}${place}`;
}
