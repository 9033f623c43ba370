import type { PduTap } from '../session/index.ts';

/** Turns a plain callback into a tap: it sees basic header and data of every PDU as one copy. */
export function pduHookTap(hook: (direction: 'sent' | 'received', pdu: Uint8Array) => void): PduTap {
  return {
    openConnection: () => 0,
    recordPdu: (_connection, fromInitiator, _timeMs, bytes, at, _ahsLength, data) => {
      const pdu = new Uint8Array(48 + data.length);
      pdu.set(bytes.subarray(at, at + 48));
      pdu.set(data, 48);
      hook(fromInitiator ? 'sent' : 'received', pdu);
    },
    recordLag: () => undefined,
    closeConnection: () => undefined,
  };
}

/** Lets several taps see the same PDUs. */
export function combineTaps(taps: readonly PduTap[]): PduTap | undefined {
  if (taps.length < 2) return taps[0];
  const numbers: number[][] = [];
  return {
    openConnection: (timeMs, endpoints) => numbers.push(taps.map((tap) => tap.openConnection(timeMs, endpoints))) - 1,
    recordPdu: (connection, fromInitiator, timeMs, bytes, at, ahsLength, data, damaged) => {
      taps.forEach((tap, i) => {
        tap.recordPdu(numbers[connection]?.[i] ?? -1, fromInitiator, timeMs, bytes, at, ahsLength, data, damaged);
      });
    },
    recordLag: (timeMs, lagMs) => {
      for (const tap of taps) tap.recordLag(timeMs, lagMs);
    },
    closeConnection: (connection, timeMs, reason) => {
      taps.forEach((tap, i) => {
        tap.closeConnection(numbers[connection]?.[i] ?? -1, timeMs, reason);
      });
    },
  };
}
