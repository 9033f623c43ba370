import { AddressNames } from '../address-names.ts';
import { parseAddress } from '../import/addresses.ts';
import type { Trace } from '../trace.ts';
import type { ConversationFace } from './conversation.ts';
import { addressBytes } from './tcp-packet.ts';

/** Names for the addresses of an export: those of the export that is read, or what the trace itself tells. */
export function namesOf(
  trace: Trace,
  faces: ReadonlyMap<number, ConversationFace>,
): (readonly [address: Uint8Array, name: string])[] {
  const names = trace.exportNames ?? gatherNames(trace, faces);
  const found = new Map<string, readonly [address: Uint8Array, name: string]>();
  for (const { initiator, target } of faces.values())
    for (const address of [initiator, target]) {
      const name = names.nameOf(address);
      if (name !== '') found.set(address.join('.'), [addressBytes(address), name]);
    }
  return [...found.values()];
}

/** The host names a trace was recorded with, or else those of the logins. */
function gatherNames(trace: Trace, faces: ReadonlyMap<number, ConversationFace>): AddressNames {
  const names = new AddressNames();
  const add = (address: Uint32Array, host: string, name: string): void => {
    const text = parseAddress(host) === undefined && host !== '' ? host : name;
    if (text !== '') names.add(address, text);
  };
  for (const [id, { initiator, target }] of faces) {
    const connection = trace.connections[id];
    if (connection === undefined) continue;
    add(initiator, connection.endpoints.initiatorHost, connection.initiatorName);
    add(target, connection.endpoints.targetHost, connection.targetName);
  }
  return names;
}
