import { LunascopeError } from '../errors/index.ts';
import type { Session } from '../initiator/index.ts';
import { parseFlags } from './flags.ts';
import { print, printJson } from './io.ts';
import { formatBytes } from './luns.ts';
import { neededLun, SESSION_FLAGS } from './session-flags.ts';
import type { Verb } from './verb.ts';
import { withSession } from './with-session.ts';

async function attempt<T>(run: () => Promise<T>): Promise<T | { readonly error: string }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof LunascopeError) return { error: error.message };
    throw error;
  }
}

async function gather(session: Session, lun: number) {
  const { scsi } = session;
  const inquiry = await scsi.inquiry(lun);
  const block = inquiry.deviceType === 0 || inquiry.deviceType === 5;
  return {
    lun,
    inquiry,
    capacity: block ? await attempt(() => scsi.readCapacity(lun)) : null,
    negotiated: session.negotiated,
  };
}

/** Shows what a LUN and its session say of themselves. */
export const INFO: Verb = {
  usage: 'info URL',
  help: 'show the facts of a LUN and the negotiation of its session',
  flags: SESSION_FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, SESSION_FLAGS, [1, 1]);
    const facts = await withSession(flags, io, (session, lun) => gather(session, neededLun(lun)));
    if (flags.has('json')) {
      printJson(io, facts);
      return 0;
    }
    const { inquiry, capacity } = facts;
    print(
      io,
      `${inquiry.deviceTypeLongName}: ${inquiry.vendor ?? ''} ${inquiry.product ?? ''} ${inquiry.revision ?? ''}`,
    );
    if (capacity !== null && 'error' in capacity) print(io, `capacity: ${capacity.error}`);
    else if (capacity !== null)
      print(
        io,
        `capacity: ${formatBytes(capacity.totalBytes)}, ${String(capacity.blocks)} blocks of ${String(capacity.blockSize)} bytes`,
      );
    for (const key of facts.negotiated)
      print(
        io,
        `  ${key.key.padEnd(28)} ${key.result ?? '-'}  (offered ${key.offered ?? '-'}, answered ${key.answered ?? '-'})`,
      );
    return 0;
  },
};
