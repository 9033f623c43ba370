import { connect, type Session } from '../initiator/index.ts';
import type { Flags } from './flags.ts';
import type { CliIo } from './io.ts';
import { targetFrom } from './session-flags.ts';

/** Logs in to the target of a link, runs `use`, and logs out whatever happens. */
export async function withSession<T>(
  flags: Flags,
  io: CliIo,
  use: (session: Session, lun: number | undefined) => Promise<T>,
): Promise<T> {
  const { portal, options, lun } = await targetFrom(flags, io);
  const session = await connect(portal, options);
  const onAbort = (): void => {
    session.destroy();
  };
  io.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await use(session, lun);
  } finally {
    io.signal.removeEventListener('abort', onAbort);
    await session.logout().catch(() => undefined);
  }
}
