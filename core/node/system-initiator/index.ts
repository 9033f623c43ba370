export type { IscsiadmOptions } from './iscsiadm.ts';
export { LinuxInitiator } from './linux.ts';
export { MockInitiator, type MockFailure } from './mock.ts';
export type { FoundTarget, SystemInitiator, SystemTarget } from './types.ts';
