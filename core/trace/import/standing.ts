/** What is known of a flow. */
export const STANDINGS = {
  /** Nothing yet. */
  undecided: 0,
  /** A few PDUs, which may be chance. */
  unproven: 1,
  /** A conversation. */
  proven: 2,
  /** It is closed, or carries no iSCSI. */
  done: 3,
} as const;
export type Standing = (typeof STANDINGS)[keyof typeof STANDINGS];
