export {
  adviseOnSecret,
  CHAP_ALGORITHM_NAMES,
  CHAP_ALGORITHMS,
  ChallengeLog,
  chapResponse,
  SECRET_BYTES,
} from './chap.ts';
export { InitiatorLogin } from './initiator-login.ts';
export { checkIscsiName, generateIqn, NAME_BYTES, randomIsid, type IscsiName } from './names.ts';
export { Negotiator, type Negotiated, type NegotiatorConfig } from './negotiator.ts';
export { DEFAULT_SEGMENT_LENGTH, renegotiated } from './parameters.ts';
export { buildPolicy, type Policy } from './policy.ts';
export { explainLoginStatus, loginStatusCode, type LoginStatusExplanation } from '../pdu/index.ts';
export {
  formatTargetAddress,
  ISCSI_PORT,
  parseSendTargets,
  parseTargetAddress,
  type SendTargetsResult,
} from './target-address.ts';
export { TargetLogin } from './target-login.ts';
export type {
  Admission,
  ChapAlgorithm,
  ChapDigest,
  ChapSecret,
  DigestName,
  DiscoveredTarget,
  InitiatorChap,
  InitiatorLoginConfig,
  KeyOrigin,
  KeyOutcome,
  LoginExchange,
  LoginResult,
  LoginSide,
  LoginStep,
  OperationalOffers,
  PortalAddress,
  RandomBytes,
  RetryAdvice,
  SessionParameters,
  SessionType,
  TargetAuth,
  TargetLoginConfig,
  TargetLoginOutcome,
  TargetLoginRequest,
  TargetLoginStep,
  TargetResolution,
  TaskReporting,
} from './types.ts';
export { formatIscsiUrl, parseHostPort, parseIscsiUrl, type IscsiUrl } from './iscsi-url.ts';
