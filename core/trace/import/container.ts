/** What a container format hands on. Bytes are valid only during the call. */
export interface PacketSink {
  /** One packet, `captured` bytes of `original` at `at`; `offset` is where these lie in the input. */
  packet(
    timeNs: number,
    linkType: number,
    bytes: Uint8Array,
    at: number,
    captured: number,
    original: number,
    offset: number,
  ): void;
  /** A remark on the input for its reader. */
  note(text: string, offset?: number): void;
  /** The Unix time in ns that times count from, once the first packet has told it. */
  setBase(baseNs: bigint): void;
  /** A comment on the packet that comes next, where this program wrote the capture: the second one, or one behind it. */
  remark(text: string, isSecond: boolean): void;
  /** Who wrote a section, and what they say of it. */
  section(application: string, comment: string): void;
  /** A name that this program gave to an address; answers false where there are too many. */
  name(address: Uint32Array, name: string): boolean;
}

/** Cuts a container into packets, a stretch at a time. */
export interface ContainerParser {
  /** Handles the whole blocks between `from` and `to` and answers where the first incomplete one begins; past `to` where bytes are to be skipped. */
  feed(bytes: Uint8Array, from: number, to: number, offset: number): number;
  /** The input has ended. */
  finish?(): void;
}

/** Longest block or packet that is taken whole. */
export const BLOCK_LIMIT = 32 << 20;
