/** Most data of one PDU that is kept at hand. */
const KEEP_LIMIT = 1 << 16;
/** Kept data that is too little to count, and is not let go between PDUs. */
const KEEP_FREE = 512;
/** Most stretches a PDU may lie in. */
const PIECE_LIMIT = 1 << 16;
/** Numbers of pieces that are counted at a time, and what they weigh with the room that a growing array leaves. */
const LUMP = 512;
const LUMP_BYTES = LUMP * 16;
const EMPTY = new Uint8Array(0);

/** Is told how many bytes are held more. */
export interface Holder {
  hold(bytes: number): void;
}

/** What is held of a PDU while its bytes come: where they lie, and its data where that is wanted at hand. */
export class UnfinishedPdu {
  readonly #holder: Holder;
  /** Offsets and lengths by turns; -1 is a hole. */
  pieces: number[] = [];
  kept = EMPTY;
  keptLength = 0;
  /** Data bytes that can be read back. */
  stored = 0;
  /** Whether something of it is missing; past that nothing is read back. */
  holed = false;
  #weight = 0;

  constructor(holder: Holder) {
    this.#holder = holder;
  }

  /** The next of its bytes lie at `offset`, or are missing where that is -1. */
  addPiece(offset: number, length: number): void {
    if (length === 0 || this.holed) return;
    if (this.pieces.length < PIECE_LIMIT * 2) this.pieces.push(offset, length);
    else this.holed = true;
    if (offset < 0) this.holed = true;
    if (this.pieces.length % LUMP === 0) this.#weigh();
  }

  /** Keeps the next of its data at hand, `announced` bytes in all; memory is taken as it comes, not as it is announced. */
  keep(bytes: Uint8Array, at: number, count: number, announced: number): void {
    const length = Math.min(this.keptLength + count, KEEP_LIMIT);
    if (length > this.kept.length) {
      const most = Math.min(announced, KEEP_LIMIT);
      const grown = new Uint8Array(Math.min(most, Math.max(length, this.kept.length * 2, KEEP_FREE)));
      grown.set(this.kept.subarray(0, this.keptLength));
      this.kept = grown;
      this.#weigh();
    }
    this.kept.set(bytes.subarray(at, at + length - this.keptLength), this.keptLength);
    this.keptLength = length;
  }

  /** Lets go of what weighs anything; the rest of it counts as missing. Answers whether there was something. */
  shed(headerLength: number): boolean {
    if (this.#weight === 0) return false;
    this.kept = EMPTY;
    this.keptLength = 0;
    if (this.pieces.length >= LUMP) {
      this.pieces = this.pieces.slice(0, LUMP - 2);
      const length = this.pieces.reduce((sum, value, i) => (i % 2 === 0 ? sum : sum + value), 0);
      this.stored = Math.max(0, Math.min(this.stored, length - headerLength));
    }
    this.holed = true;
    this.#weigh();
    return true;
  }

  /** The next PDU begins. */
  clear(): void {
    this.pieces = [];
    this.keptLength = 0;
    this.stored = 0;
    this.holed = false;
    if (this.kept.length > KEEP_FREE) this.kept = EMPTY;
    if (this.#weight > 0) this.#weigh();
  }

  #weigh(): void {
    const kept = this.kept.length > KEEP_FREE ? this.kept.length : 0;
    const weight = kept + Math.floor(this.pieces.length / LUMP) * LUMP_BYTES;
    const more = weight - this.#weight;
    this.#weight = weight;
    if (more !== 0) this.#holder.hold(more);
  }
}
