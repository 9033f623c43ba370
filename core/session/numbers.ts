import { readU32 } from '../bytes/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import { acceptStatSn } from './snack.ts';

/** Follows the ExpCmdSN and MaxCmdSN of a PDU, which lie at the same place in all a target sends (RFC 7143 4.2.2.1). */
export function followWindow(core: SessionCore, bytes: Uint8Array, at: number): void {
  core.window.update(readU32(bytes, at + 28), readU32(bytes, at + 32));
}

/** Takes the numbers of an answer: false where its status is not the one due, so that the PDU is not to be looked at further. */
export function acceptNumbers(core: SessionCore, connection: Connection, bytes: Uint8Array, at: number): boolean {
  if (!acceptStatSn(core, connection, readU32(bytes, at + 24))) return false;
  followWindow(core, bytes, at);
  return true;
}
