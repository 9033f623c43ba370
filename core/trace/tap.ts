export {
  recordPdus,
  TAP_ENDS,
  type PduBatch,
  type PduDamage,
  type PduTap,
  type TapEnd,
  type TapEndpoints,
} from '../pdu/index.ts';

/** How much of each PDU is kept: nothing, headers with the first data bytes, or all of it. */
export type TraceMode = 'off' | 'headers' | 'full';
