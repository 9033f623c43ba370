import { readU16 } from '../bytes/index.ts';
import { ASYNC_EVENT_NAMES, type PduFields } from '../pdu/index.ts';
import type { AsyncEvent } from './events.ts';

/** Takes an asynchronous message apart; sense data that claims more than there is gives what is there (RFC 7143 11.9.4). */
export function decodeAsync(message: PduFields<'asyncMessage'>, data: Uint8Array): AsyncEvent {
  const senseLength = message.event === 0 && data.length >= 2 ? Math.min(readU16(data, 0), data.length - 2) : 0;
  const senseEnd = message.event === 0 && data.length >= 2 ? 2 + senseLength : 0;
  return {
    event: message.event,
    name: ASYNC_EVENT_NAMES[message.event] ?? `Event ${String(message.event)}`,
    lun: message.lun,
    vendorCode: message.vendorCode,
    parameter1: message.parameter1,
    parameter2: message.parameter2,
    parameter3: message.parameter3,
    sense: data.slice(Math.min(2, senseEnd), senseEnd),
    data: data.slice(senseEnd),
  };
}
