import { connect, type ConnectOptions, type Portal, type Session } from '../../core/initiator/index.ts';
import { iscsiUrl, type IscsiUrlParts } from '../support/real/iscsi-url.ts';
import type { San, SanUnit } from './san.ts';

export function portalOf(san: San): Portal {
  return { host: san.host, port: san.port };
}

/** Logs in, does the work, logs out; a session that the work broke is dropped. */
export async function withSession<T>(
  san: San,
  options: ConnectOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await connect(portalOf(san), options);
  try {
    const result = await work(session);
    if (session.state === 'full') await session.logout();
    return result;
  } finally {
    session.destroy();
  }
}

/** The URL strangers use for a unit. */
export function urlOf(san: San, unit: SanUnit, rest: Partial<IscsiUrlParts> = {}): string {
  return iscsiUrl({ host: san.host, port: san.port, target: unit.target, lun: unit.lun, ...rest });
}
