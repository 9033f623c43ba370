export { InitiatorLogin } from './initiator-login.ts';
export { TargetLogin } from './target-login.ts';
export type {
  Admission, ChapAlgorithm, ChapDigest, ChapSecret, DigestName, DiscoveredTarget, InitiatorChap, InitiatorLoginConfig, KeyOrigin, KeyOutcome,
  LoginExchange, LoginResult, LoginSide, LoginStep, OperationalOffers, PortalAddress, RandomBytes, RetryAdvice, SessionParameters,
  SessionType, TargetAuth, TargetLoginConfig, TargetLoginOutcome, TargetLoginRequest, TargetLoginStep, TargetResolution, TaskReporting,
} from './types.ts';
