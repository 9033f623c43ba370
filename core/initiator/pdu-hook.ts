import type { PduTap } from '../session/index.ts';

/** Turns a plain callback into a tap: it sees basic header and data of every PDU as one copy. */
export function pduHookTap(hook: (direction: 'sent' | 'received', pdu: Uint8Array) => void): PduTap {
  return {
    openConnection: () => 0,
    recordPdu: (_connection, fromInitiator, _timeMs, bytes, at, _ahsLength, data, dataAt, dataLength) => {
      const pdu = new Uint8Array(48 + dataLength);
      pdu.set(bytes.subarray(at, at + 48));
      pdu.set(data.subarray(dataAt, dataAt + dataLength), 48);
      hook(fromInitiator ? 'sent' : 'received', pdu);
    },
    recordLag: () => undefined,
    closeConnection: () => undefined,
  };
}
