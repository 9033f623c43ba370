export {
  AHS_TYPES,
  cutAhs,
  decodeAhs,
  decodeAhsSegment,
  encodeAhs,
  joinCdb,
  splitCdb,
  type AdditionalHeader,
  type AhsSegment,
} from './ahs.ts';
export {
  buildPdu,
  dataSegmentLength,
  decodeBhs,
  framePdu,
  NO_DIGESTS,
  wireLength,
  writeDigest,
  type DigestOrder,
  type Digests,
  type OutgoingPdu,
  type PduFields,
} from './codec.ts';
export { PduFramer, type FramerLimits, type PduSink } from './framer.ts';
export { PDU_LAYOUTS, layoutOf } from './layouts.ts';
export {
  extensionOf,
  formatKeyValue,
  isReservedValue,
  keySpec,
  parseBinaryConstant,
  parseKeyValue,
  RESERVED_VALUES,
  TEXT_KEYS,
  type OperationalKey,
  type ReservedValue,
} from './keys.ts';
export type { KeyFault, KeyRule, KeySpec, KeyStage, KeyValue, KeyValueType } from './keys-types.ts';
export { explainLoginStatus, loginStatusCode, type LoginStatusExplanation } from './login-status.ts';
export { opcodeName } from './layouts-common.ts';
export {
  BHS_LENGTH,
  INITIATOR_OPCODES,
  isInitiatorOpcode,
  isVendorOpcode,
  OPCODES,
  pduKind,
  RESERVED_TAG,
  TARGET_OPCODES,
  type PduKind,
} from './opcodes.ts';
export {
  recordPdus,
  TAP_ENDS,
  type PduBatch,
  type PduDamage,
  type PduTap,
  type TapEnd,
  type TapEndpoints,
} from './tap.ts';
export {
  decodeText,
  DEFAULT_TEXT_LIMIT,
  encodeText,
  isTextKey,
  quote,
  splitText,
  TextAssembler,
  type TextPair,
} from './text.ts';
export {
  ASYNC_EVENT_NAMES,
  LOGIN_STAGE_NAMES,
  LOGOUT_REASON_NAMES,
  LOGOUT_RESPONSE_NAMES,
  REJECT_REASON_NAMES,
  SCSI_RESPONSE_NAMES,
  SCSI_STATUS_NAMES,
  SNACK_TYPE_NAMES,
  TASK_ATTRIBUTE_NAMES,
  TMF_FUNCTION_NAMES,
  TMF_FUNCTIONS,
  TMF_RESPONSE_NAMES,
} from './values.ts';
