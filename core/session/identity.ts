import { readU32, readU64, toHex } from '../bytes/index.ts';

/** What is compared of a unit. */
export type IdentityFact = 'kind' | 'serial number' | 'identification' | 'capacity';

/** One command whose answer tells units apart, and what it told. */
export interface IdentityProbe {
  readonly fact: IdentityFact;
  readonly cdb: Uint8Array;
  readonly length: number;
  readonly print: string;
}

/** A logical unit as it was when it was opened. */
export interface UnitIdentity {
  readonly lunHigh: number;
  readonly lunLow: number;
  readonly probes: readonly IdentityProbe[];
}

/** What a session knows of a unit. */
export interface KnownUnit {
  readonly identity: UnitIdentity;
  /** Changes when another unit has taken this one's place. */
  readonly token: number;
  /** Another unit, or none, was found in its place. */
  readonly changed: string | undefined;
}

const INQUIRY_LENGTH = 36;
const DESIGNATOR_HEADER = 4;

/** What an answer says about who a unit is, fit for comparing; undefined where it is too short to say anything. */
export function fingerprint(fact: IdentityFact, answer: Uint8Array): string | undefined {
  switch (fact) {
    case 'kind':
      return answer.length < INQUIRY_LENGTH
        ? undefined
        : `${String((answer[0] ?? 0) & 0x1f)} ${toHex(answer.subarray(8, 32))}`;
    case 'serial number':
      return answer.length <= 4 || answer[1] !== 0x80 ? undefined : toHex(answer.subarray(4, 4 + (answer[3] ?? 0)));
    case 'identification':
      return answer.length <= 4 || answer[1] !== 0x83 ? undefined : unitDesignators(answer);
    case 'capacity':
      if (answer.length >= 12) return `${String(readU64(answer, 0))} ${String(readU32(answer, 8))}`;
      return answer.length === 8 ? `${String(readU32(answer, 0))} ${String(readU32(answer, 4))}` : undefined;
  }
}

/** The designators of the unit itself; those of ports and of the target differ from path to path (SPC-5 7.7.6). */
function unitDesignators(page: Uint8Array): string {
  const out: string[] = [];
  const end = Math.min(page.length, 4 + (((page[2] ?? 0) << 8) | (page[3] ?? 0)));
  for (let at = 4; at + DESIGNATOR_HEADER <= end;) {
    const next = at + DESIGNATOR_HEADER + (page[at + 3] ?? 0);
    if (next > end) break;
    if ((((page[at + 1] ?? 0) >> 4) & 0x03) === 0) out.push(toHex(page.subarray(at, next)));
    at = next;
  }
  return out.sort().join(' ');
}

/** The units a session was told of, by LUN. */
export class KnownUnits {
  readonly #units = new Map<string, KnownUnit>();
  #tokens = 0;

  static key(lunHigh: number, lunLow: number): string {
    return `${String(lunHigh)}.${String(lunLow)}`;
  }

  get all(): readonly KnownUnit[] {
    return [...this.#units.values()];
  }

  get(lunHigh: number, lunLow: number): KnownUnit | undefined {
    return this.#units.get(KnownUnits.key(lunHigh, lunLow));
  }

  /** Takes note of a unit; the token stays the same where it is still the unit known before. */
  remember(identity: UnitIdentity): number {
    const key = KnownUnits.key(identity.lunHigh, identity.lunLow);
    const before = this.#units.get(key);
    const same =
      before?.changed === undefined &&
      before?.identity.probes.length === identity.probes.length &&
      before.identity.probes.every((probe, i) => probe.print === identity.probes[i]?.print);
    if (same) return before.token;
    this.#tokens += 1;
    this.#units.set(key, { identity, token: this.#tokens, changed: undefined });
    return this.#tokens;
  }

  /** Marks a unit as not the one it was. */
  markChanged(unit: KnownUnit, why: string): void {
    const { lunHigh, lunLow } = unit.identity;
    this.#units.set(KnownUnits.key(lunHigh, lunLow), { ...unit, changed: why });
  }
}
