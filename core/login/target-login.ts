import type { TargetLoginConfig, TargetLoginStep } from './types.ts';

/** Login of a target as a machine: PDUs in, PDUs and an outcome out (RFC 7143 6.3). */
export class TargetLogin {
  readonly #config: TargetLoginConfig;

  constructor(config: TargetLoginConfig) {
    this.#config = config;
  }

  /** Takes a PDU of the initiator: its 48 header bytes and its data without padding. */
  receive(bhs: Uint8Array, data: Uint8Array): TargetLoginStep {
    throw new RangeError(`${String(this.#config.window)} ${String(bhs.length + data.length)}`);
  }
}
