import type { InitiatorLoginConfig, LoginStep } from './types.ts';

/** Login of an initiator as a machine: PDUs in, steps out (RFC 7143 6.3). */
export class InitiatorLogin {
  readonly #config: InitiatorLoginConfig;

  constructor(config: InitiatorLoginConfig) {
    this.#config = config;
  }

  /** The first request. */
  start(): LoginStep {
    throw new RangeError(this.#config.initiatorName);
  }

  /** Takes a PDU of the target: its 48 header bytes and its data without padding. */
  receive(bhs: Uint8Array, data: Uint8Array): LoginStep {
    throw new RangeError(`${this.#config.initiatorName} ${String(bhs.length + data.length)}`);
  }
}
