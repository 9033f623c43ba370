/** What an iscsi:// URL of libiscsi's form can say. */
export interface IscsiUrlParts {
  readonly host: string;
  readonly port: number;
  readonly target?: string;
  readonly lun?: number;
  readonly user?: string;
  readonly password?: string;
  /** Mutual CHAP: what the target answers with. */
  readonly targetUser?: string;
  readonly targetPassword?: string;
  readonly headerDigest?: 'crc32c' | 'none';
}

/** Writes the URL that libiscsi's tools, qemu and our own command line take. */
export function iscsiUrl(parts: IscsiUrlParts): string {
  const login = parts.user === undefined ? '' : `${parts.user}%${parts.password ?? ''}@`;
  const host = parts.host.includes(':') ? `[${parts.host}]` : parts.host;
  const path =
    parts.target === undefined ? '' : `${parts.target}${parts.lun === undefined ? '' : `/${String(parts.lun)}`}`;
  const query = [
    ['target_user', parts.targetUser],
    ['target_password', parts.targetPassword],
    ['header_digest', parts.headerDigest],
  ].flatMap(([key, value]) => (value === undefined ? [] : [`${String(key)}=${value}`]));
  return `iscsi://${login}${host}:${String(parts.port)}/${path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}
