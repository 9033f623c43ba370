/** Bytes of memory for names beyond which there are none, and what one takes beside its text. */
const WEIGHT_LIMIT = 32 << 20;
const NAME_WEIGHT = 100;

/** Names of addresses, each of four words. An address that is given two names has none. */
export class AddressNames {
  readonly #names = new Map<string, string>();
  #weight = 0;

  /** Gives an address a name; answers false where there are too many. */
  add(address: Uint32Array, name: string): boolean {
    const key = address.join('.');
    const known = this.#names.get(key);
    if (known !== undefined) {
      if (known !== name) this.#names.set(key, '');
      return true;
    }
    this.#weight += NAME_WEIGHT + name.length;
    if (this.#weight > WEIGHT_LIMIT) return false;
    this.#names.set(key, name);
    return true;
  }

  /** The name of an address, or nothing where it has none. */
  nameOf(address: Uint32Array): string {
    return this.#names.get(address.join('.')) ?? '';
  }
}
