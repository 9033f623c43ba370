export { hasIscsiadm } from './iscsiadm.ts';
export { LinuxInitiator } from './linux.ts';
export { MockInitiator } from './mock.ts';
export type { FoundTarget, SystemInitiator, SystemTarget } from './types.ts';
