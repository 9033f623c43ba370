/** How a copy ended, for RECEIVE COPY STATUS (SPC-5 6.24). */
export interface CopyRecord {
  readonly failed: boolean;
  readonly segments: number;
  readonly blocks: number;
}

const MOST_KEPT = 64;

/** The copies a unit has done, by nexus and list identifier; the oldest are forgotten. */
export class CopyLog {
  readonly #records = new Map<string, CopyRecord>();

  /** Keeps how a copy ended. */
  add(nexusId: string, list: number, record: CopyRecord): void {
    const key = `${nexusId}#${String(list)}`;
    this.#records.delete(key);
    this.#records.set(key, record);
    if (this.#records.size > MOST_KEPT)
      for (const oldest of this.#records.keys()) if (this.#records.delete(oldest)) break;
  }

  /** How the copy with this list identifier ended. */
  find(nexusId: string, list: number): CopyRecord | undefined {
    return this.#records.get(`${nexusId}#${String(list)}`);
  }
}
