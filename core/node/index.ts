export { chapDigest } from './chap-digests.ts';
export { describePortal } from './connect.ts';
export { fastCrc32c } from './native-crc32c.ts';
export { secureRandom } from './random.ts';
export { SessionDriver } from './session-driver.ts';
export { TargetHost, type PortalOptions, type TargetHostOptions } from './target-host.ts';
