/** A unit attention condition: additional sense code and qualifier (SPC-5 annex D). */
export interface UnitAttention {
  readonly asc: number;
  readonly ascq: number;
}

/** The unit attention conditions this device server raises. */
export const UNIT_ATTENTIONS = {
  powerOn: { asc: 0x29, ascq: 0x00 },
  busReset: { asc: 0x29, ascq: 0x02 },
  deviceReset: { asc: 0x29, ascq: 0x03 },
  nexusLoss: { asc: 0x29, ascq: 0x07 },
  modeParametersChanged: { asc: 0x2a, ascq: 0x01 },
  reservationsPreempted: { asc: 0x2a, ascq: 0x03 },
  reservationsReleased: { asc: 0x2a, ascq: 0x04 },
  registrationsPreempted: { asc: 0x2a, ascq: 0x05 },
  accessStateChanged: { asc: 0x2a, ascq: 0x06 },
  capacityChanged: { asc: 0x2a, ascq: 0x09 },
  mediumMayHaveChanged: { asc: 0x28, ascq: 0x00 },
  commandsClearedByAnother: { asc: 0x2f, ascq: 0x00 },
  inquiryDataChanged: { asc: 0x3f, ascq: 0x03 },
  reportedLunsChanged: { asc: 0x3f, ascq: 0x0e },
  ejectionRequested: { asc: 0x5a, ascq: 0x01 },
  thinProvisioningSoftThreshold: { asc: 0x38, ascq: 0x07 },
} as const satisfies Record<string, UnitAttention>;

/** The unit attention conditions pending per I_T nexus (SAM-5 5.14). */
export class UnitAttentions {
  readonly #pending = new Map<string, UnitAttention[]>();

  /** Whether anything is pending anywhere: the fast way out. */
  get any(): boolean {
    return this.#pending.size > 0;
  }

  /** Adds a condition for a nexus unless it is pending already; a reset takes the place of all before it. */
  raise(nexusId: string, condition: UnitAttention): void {
    const queue = this.#pending.get(nexusId);
    if (queue === undefined || condition.asc === 0x29) this.#pending.set(nexusId, [condition]);
    else if (!queue.some(({ asc, ascq }) => asc === condition.asc && ascq === condition.ascq)) queue.push(condition);
  }

  /** Whether a nexus has one to learn of. */
  pending(nexusId: string): boolean {
    return this.#pending.has(nexusId);
  }

  /** The next condition of a nexus, which is thereby reported. */
  take(nexusId: string): UnitAttention | undefined {
    const queue = this.#pending.get(nexusId);
    const next = queue?.shift();
    if (queue?.length === 0) this.#pending.delete(nexusId);
    return next;
  }

  /** Reports and clears one kind only, as REPORT LUNS does for its own (SPC-5 6.33). */
  clear(nexusId: string, condition: UnitAttention): void {
    const left = this.#pending
      .get(nexusId)
      ?.filter(({ asc, ascq }) => asc !== condition.asc || ascq !== condition.ascq);
    if (left === undefined) return;
    if (left.length === 0) this.#pending.delete(nexusId);
    else this.#pending.set(nexusId, left);
  }

  /** Forgets a nexus. */
  forget(nexusId: string): void {
    this.#pending.delete(nexusId);
  }
}
