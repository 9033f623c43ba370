/** Asymmetric access states (SPC-5 5.18.2), by their codes. */
export const ACCESS_STATES = {
  activeOptimized: 0x0,
  activeNonOptimized: 0x1,
  standby: 0x2,
  unavailable: 0x3,
  offline: 0xe,
  transitioning: 0xf,
} as const;

/** The name of an asymmetric access state. */
export type AccessState = keyof typeof ACCESS_STATES;

/** A target port group of a unit that is reached over several ports. */
export interface PortGroup {
  readonly id: number;
  /** Relative identifiers of its target ports. */
  readonly ports: readonly number[];
  state: AccessState;
  preferred?: boolean;
}
