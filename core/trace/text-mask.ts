const NUL = 0;
const EQUALS = 0x3d;
const STAR = 0x2a;
const KEY_LIMIT = 64;

/**
 * Overwrites the values of some keys with asterisks of equal length, in a text that may go on over several PDUs;
 * the key's name may be cut in two as well.
 */
export class TextMask {
  readonly #hidden: ReadonlySet<string>;
  #key = '';
  #inValue = false;
  #hide = false;

  constructor(hidden: readonly string[]) {
    this.#hidden = new Set(hidden);
  }

  /** Masks `length` bytes at `at` in place; answers whether anything was hidden. `last` ends the text. */
  apply(bytes: Uint8Array, at: number, length: number, last: boolean): boolean {
    let touched = false;
    for (let i = at; i < at + length; i += 1) {
      const byte = bytes[i] as number;
      if (byte === NUL) this.#startPair();
      else if (this.#inValue) {
        if (this.#hide) {
          bytes[i] = STAR;
          touched = true;
        }
      } else if (byte === EQUALS) {
        this.#inValue = true;
        this.#hide = this.#hidden.has(this.#key);
      } else if (this.#key.length < KEY_LIMIT) this.#key += String.fromCharCode(byte);
    }
    if (last) this.#startPair();
    return touched;
  }

  #startPair(): void {
    this.#key = '';
    this.#inValue = false;
    this.#hide = false;
  }
}
